"""Compare Flask-TapAuth's speed with its alternatives: ``python -m benchmarks``."""
