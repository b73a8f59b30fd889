"""`clients list` of many clients: a bounded table, and JSON page by page."""

from __future__ import annotations

import json

import pytest

from flask_tapauth import TapAuth
from flask_tapauth._cli import clients

from ..conftest import Run


@pytest.fixture(autouse=True)
def many(app: object, tapauth: TapAuth, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five clients, with pages of two and tables of three."""
    monkeypatch.setattr(clients, "_PAGE", 2)
    monkeypatch.setattr(clients, "_TABLE_ROWS", 3)
    for number in range(5):
        tapauth.clients.create(f"Client {number}", client_id=f"c{number}")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ([], "01234"),
        (["--limit", "3"], "012"),
        (["--limit", "4"], "0123"),
        (["--after", "c1"], "234"),
        (["--after", "c1", "--limit", "2"], "23"),
        (["--search", "c3"], "3"),
        (["--state", "disabled"], ""),
    ],
)
def test_json_has_all_pages(run: Run, options: list[str], expected: str) -> None:
    """A million clients would not fit into the memory at once."""
    result = run("clients", "list", "--json", *options)

    listed = json.loads(result.stdout)
    assert [client["client_id"] for client in listed] == [f"c{n}" for n in expected]
    assert result.stdout == json.dumps(listed, indent=2) + "\n"


def test_a_table_is_cut_and_says_so(run: Run) -> None:
    """People ask for more, or for JSON."""
    result = run("clients", "list")
    all_of_them = run("clients", "list", "--limit", "5")

    assert len(result.stdout.splitlines()) == 3
    assert "--limit" in result.stderr
    assert len(all_of_them.stdout.splitlines()) == 5
    assert all_of_them.stderr == ""
