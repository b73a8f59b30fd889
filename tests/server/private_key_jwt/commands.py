"""Key files for the command line, and how it refuses wrong input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import Result

KEYS_AT = "https://keys.example/jwks.json"


def write(directory: Path, value: Any) -> str:
    """Write a file as these bytes or this JSON, and return its path."""
    path = directory / "jwks.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return str(path)


def assert_refused(result: Result, *secrets: str) -> None:
    """Check for exit code 2 and a one-line message without the secrets."""
    assert result.exit_code == 2, result.exception
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    assert not any(secret in result.stderr for secret in secrets)
