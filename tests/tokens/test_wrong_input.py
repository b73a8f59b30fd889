"""What the commands on tokens refuse: in one line, and with nothing done."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ..conftest import IssueToken, Run
from ..test_cli import refused
from . import opens

TOO_LARGE = "9" * 20
"""A number that fits no column."""


@pytest.mark.parametrize(
    "options",
    [
        ["--state", "stolen"],
        ["--limit", "0"],
        ["--limit", "all"],
        pytest.param(["--limit", TOO_LARGE]),
        ["--user", ""],
        ["--user", "x" * 256],
        ["--user", "a\0b"],
        ["reports"],
    ],
    ids=repr,
)
def test_a_wrong_list_is_refused(run: Run, options: list[str]) -> None:
    """The contract: exit code 2, one line that says what to change."""
    refused(run("tokens", "list", *options), 2)


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["TOKEN", "--client", "reports"],
        ["TOKEN", "--user", "ann"],
        ["-", "--client", "reports"],
        ["--user", ""],
        ["--user", "x" * 256],
        ["--user", "a\0b"],
        ["TOKEN", "another"],
    ],
    ids=repr,
)
def test_a_wrong_combination_revokes_nothing(
    http: FlaskClient, issue_token: IssueToken, run: Run, options: list[str]
) -> None:
    """The contract: exit code 2, one line, which has no token in it."""
    token = issue_token(user_id="ann")
    options = [token if option == "TOKEN" else option for option in options]

    line = refused(run("tokens", "revoke", *options), 2)

    assert token not in line
    assert opens(http, token)


@pytest.mark.parametrize(
    "options",
    [
        ["--older-than", "-1"],
        ["--older-than", "soon"],
        pytest.param(
            ["--older-than", TOO_LARGE],
        ),
        ["--batch-size", "0"],
        ["--batch-size", "10001"],
        ["--batch-size", "all"],
        ["everything"],
    ],
    ids=repr,
)
def test_a_wrong_purge_deletes_nothing(
    http: FlaskClient, token: str, run: Run, options: list[str]
) -> None:
    """The contract: exit code 2, one line that says what to change."""
    refused(run("tokens", "purge", *options), 2)

    assert opens(http, token)


@pytest.mark.parametrize("client_id", ["nobody", "", "ünknown"])
@pytest.mark.parametrize("command", ["list", "revoke"])
def test_an_unknown_client_is_said_to_be_one(
    http: FlaskClient, issue_token: IssueToken, run: Run, command: str, client_id: str
) -> None:
    """The contract: exit code 1, and the person's other tokens are kept."""
    token = issue_token(user_id="ann")

    line = refused(run("tokens", command, "--user", "ann", "--client", client_id), 1)

    assert f"there is no client {client_id!r}" in line
    assert opens(http, token)


@pytest.mark.parametrize("command", [["list"], ["purge"], ["revoke", "--user", "ann"]])
def test_missing_tables_are_named(app: Flask, run: Run, command: list[str]) -> None:
    """The contract: exit code 1, and what to look at."""
    app.extensions["sqlalchemy"].drop_all()

    assert "db.create_all()" in refused(run("tokens", *command), 1)
