"""The commands: what they do, print, and exit with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from click.testing import Result

RunJson = Callable[..., Any]
Expire = Callable[[str], None]


def refused(result: Result, exit_code: int) -> str:
    """Assert that a command failed with one line on stderr, and return the line."""
    assert (result.exit_code, result.stdout) == (exit_code, "")
    [line] = result.stderr.splitlines()
    return line
