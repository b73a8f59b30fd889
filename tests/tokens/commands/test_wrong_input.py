"""The commands on tokens refuse wrong input in one line, and change nothing."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ...cli import refused
from ...conftest import IssueToken, Run
from .. import opens

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
def test_wrong_options_of_list_are_refused(run: Run, options: list[str]) -> None:
    """One line says what to change."""
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
        [""],
        [" "],
        ["-"],  # standard input is empty
    ],
    ids=repr,
)
def test_a_wrong_combination_revokes_nothing(
    http: FlaskClient, issue_token: IssueToken, run: Run, options: list[str]
) -> None:
    """The message must not contain the token."""
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
def test_wrong_options_of_purge_delete_nothing(
    http: FlaskClient, token: str, run: Run, options: list[str]
) -> None:
    """One line says what to change."""
    refused(run("tokens", "purge", *options), 2)

    assert opens(http, token)


@pytest.mark.parametrize("client_id", ["nobody", "", "ünknown"])
@pytest.mark.parametrize("command", ["list", "revoke"])
def test_an_unknown_client_is_reported_and_nothing_is_revoked(
    http: FlaskClient, issue_token: IssueToken, run: Run, command: str, client_id: str
) -> None:
    """The user's tokens for other clients must be kept."""
    token = issue_token(user_id="ann")

    line = refused(run("tokens", command, "--user", "ann", "--client", client_id), 1)

    assert f"there is no client {client_id!r}" in line
    assert opens(http, token)


@pytest.mark.parametrize("command", [["list"], ["purge"], ["revoke", "--user", "ann"]])
def test_missing_tables_are_reported_in_one_line(
    app: Flask, run: Run, command: list[str]
) -> None:
    """A traceback would not say what to look at."""
    app.extensions["sqlalchemy"].drop_all()

    assert "db.create_all()" in refused(run("tokens", *command), 1)
