"""What the doctor prints, and what it exits with."""

from __future__ import annotations

from flask import Flask

from ...conftest import MakeApp
from ...outside import run_command
from .conftest import GOOD, Examine, examine


def test_the_checks_come_in_their_order(examined: Examine) -> None:
    """Scripts find each check once."""
    assert list(examined()) == [
        *("issuer", "secret_key", "database", "tables", "https", "token_locations"),
        *("rate_limit", "cache", "keys", "expired_rows", "expiring_secrets"),
        "unused_clients",
    ]


def test_warnings_do_not_fail(examined: Examine) -> None:
    """Exit code 1 where there is an error, and only there."""
    report = examined()

    assert {each.level for each in report.values()} == {"ok", "warning"}
    assert report.exit_code == 0


def test_an_error_fails(make_app: MakeApp) -> None:
    """A deployment stops at exit code 1."""
    report = examine(make_app(**{**GOOD, "SECRET_KEY": None}))

    assert [name for name in report if report[name].level == "error"] == ["secret_key"]
    assert report.exit_code == 1


def test_a_pipe_gets_one_line_for_each_check(app: Flask) -> None:
    """No header and no colour in a pipe."""
    result = run_command(app, "doctor")

    lines = result.stdout.splitlines()
    assert len(lines) == 12
    assert lines[0].startswith("issuer  warning  TAPAUTH_ISSUER is not set")
    assert "\x1b" not in result.stdout
    assert result.stderr == ""
