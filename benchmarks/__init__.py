"""Compare the speed of Flask-TapAuth with others: ``python -m benchmarks``."""
