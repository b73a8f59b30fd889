"""The tests: a folder for each part of the package, a file for each behaviour."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
"""The repository."""
