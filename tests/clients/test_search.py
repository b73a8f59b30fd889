"""`tapauth.clients.list(search=…, after=…)` and ``clients list --search --after``."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flask_tapauth import TapAuth, UnknownClientError

from ..conftest import Register, Run


@pytest.fixture(autouse=True)
def clients(register: Register, tapauth: TapAuth) -> None:
    for client_id in ("one", "two", "other", "three"):
        register(client_id=client_id)
    tapauth.clients.update("three", name="The one that is left")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"search": "one"}, ["one", "three"]),
        ({"search": "t"}, ["one", "two", "other", "three"]),
        ({"search": "%"}, []),
        ({"after": "two"}, ["other", "three"]),
        ({"after": "three"}, []),
        ({"search": "t", "after": "one", "limit": 1}, ["two"]),
        ({"search": "\0"}, []),
    ],
)
def test_code_and_command_line_find_the_same(
    tapauth: TapAuth, run: Run, wanted: dict[str, Any], found: list[str]
) -> None:
    """The same words: an id's beginning or a part of a name, and where to go on."""
    by_code = [client.client_id for client in tapauth.clients.list(**wanted)]
    options = [part for name, v in wanted.items() for part in (f"--{name}", str(v))]
    by_command = json.loads(run("clients", "list", "--json", *options).stdout)

    assert by_code == found
    assert [client["client_id"] for client in by_command] == found


def test_there_is_nothing_after_an_unknown_client(tapauth: TapAuth, run: Run) -> None:
    """As everywhere: UnknownClientError, and exit code 1."""
    with pytest.raises(UnknownClientError):
        tapauth.clients.list(after="unknown")
    result = run("clients", "list", "--after", "unknown")
    assert result.exit_code == 1
    assert "unknown" in result.stderr
