"""``tokens issue``, and a database without tables."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ..conftest import Run, bearer
from . import Expire, RunJson, refused


def test_issue_prints_a_token_that_works(run_json: RunJson, http: FlaskClient) -> None:
    """docs/how-to/clients/tokens.md: the response is the one of the token endpoint."""
    run_json("clients", "create", "R", "--client-id", "r", "--scope", "orders:read a")

    everything = run_json("tokens", "issue", "r")
    some = run_json(
        "tokens", "issue", "r", "--scope", "orders:read", "--expires-in", "9"
    )

    assert everything["scope"] == "orders:read a"
    assert (some["token_type"], some["expires_in"]) == ("Bearer", 9)
    headers = bearer(some["access_token"])
    assert http.get("/orders", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "options",
    [
        ["--scope", "b"],
        ["--scope", "ü"],
        ["--expires-in", "0"],
        ["--expires-in", "9" * 20],
    ],
)
def test_a_wrong_token_is_wrong_input(
    run: Run, run_json: RunJson, options: list[str]
) -> None:
    """A script's author must see which option to change."""
    run_json("clients", "create", "R", "--client-id", "r", "--scope", "a")

    line = refused(run("tokens", "issue", "r", *options), 2)

    assert line.startswith(f"Error: {options[0]}: ")


@pytest.mark.parametrize("command", ["disable", "expire"])
def test_a_disabled_or_expired_client_is_issued_no_token(
    run_json: RunJson, run: Run, expire: Expire, command: str
) -> None:
    """A token that opens nothing would only puzzle its user."""
    run_json("clients", "create", "R", "--client-id", "r")
    if command == "expire":
        expire("r")
    else:
        run_json("clients", command, "r")

    refused(run("tokens", "issue", "r"), 2)


def test_missing_tables_are_named(run: Run, app: Flask) -> None:
    """A newcomer who forgot the migration is told so, not shown a stack trace."""
    app.extensions["sqlalchemy"].drop_all()

    assert "db.create_all()" in refused(run("clients", "list"), 1)
