"""The tests: a file per behaviour."""
