"""What the tests of the command line share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import Result

KEYS_AT = "https://keys.example/jwks.json"


def write(directory: Path, value: Any) -> str:
    path = directory / "jwks.json"
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())
    return str(path)


def assert_refused(result: Result, *secrets: str) -> None:
    """Wrong input: exit code 2, and one line that shows nothing of the key."""
    assert result.exit_code == 2, result.exception
    assert len(result.stderr.splitlines()) == 1
    assert result.stdout == ""
    assert not any(secret in result.stderr for secret in secrets)
