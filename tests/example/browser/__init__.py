"""The pages of the example in a browser."""
