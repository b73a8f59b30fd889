"""What the example prints when it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ..services import own_database
from .conftest import Example, Start


def run_shell(script: str, **environment: str) -> list[str]:
    """Run lines in a shell without changes, and return what they print."""
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        env={"PATH": os.environ["PATH"], **environment},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout.splitlines()


def test_the_printed_commands_work(start: Start, tmp_path: Path) -> None:
    """A beginner copies the commands that the first start prints."""
    example = start(f"sqlite:///{tmp_path / 'example.db'}")
    lines = [line for line in example.printed.splitlines() if line.startswith("  ")]
    script = "\n".join(line for line in lines if "  client_" not in line)

    bearer, header, body, url = run_shell(script)

    assert '"count":80' in bearer
    assert '"count":400' in header
    assert "Grace Okafor" in body
    assert "revenue" in url


def test_a_later_start_keeps_the_data_and_shows_no_secret(
    start: Start, tmp_path: Path
) -> None:
    """The second start names the command for a new secret."""
    database = f"sqlite:///{tmp_path / 'example.db'}"
    first = start(database)
    second = start(database)

    assert "tapcs_" not in second.printed
    assert f"rotate-secret {first.client_id}" in second.printed
    assert first.client_secret not in second.log.read_text()
    assert second.url != first.url


def test_flask_run_warns_of_the_header_that_it_drops(
    start: Start, tmp_path: Path
) -> None:
    """running/wsgi-servers.md: the development server drops `access_token`."""
    command = ("-m", "flask", "--app", "example_app", "run", "--port", "{port}")

    example = start(f"sqlite:///{tmp_path / 'example.db'}", command)

    printed = example.log.read_text().partition("Serving")[0]
    assert "drops the header access_token" in printed
    assert "Access-Token" in printed


def test_other_commands_do_not_warn_of_the_dropped_header(example: Example) -> None:
    """The warning would end up in output that a script reads."""
    assert "development server" not in example.run("clients", "list")


def test_the_example_runs_on_postgresql(start: Start, tmp_path: Path) -> None:
    """`DATABASE_URL` chooses the database, and the printed commands work there too."""
    with own_database("postgresql", tmp_path) as database:
        example = start(database.render_as_string(hide_password=False))
        lines = [line for line in example.printed.splitlines() if line.startswith("  ")]
        script = "\n".join(line for line in lines if "  client_" not in line)

        assert "Grace Okafor" in run_shell(script)[2]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PORT", "abc", "PORT is 'abc', but it must be a number"),
        (
            "DATABASE_URL",
            "mysql+pymysql://root@127.0.0.1/none",
            "The example runs on SQLite or PostgreSQL, not on mysql.",
        ),
    ],
)
def test_a_wrong_variable_is_reported_in_one_line(
    variable: str, value: str, said: str
) -> None:
    """A typing mistake must not end in a stack trace."""
    done = subprocess.run(
        [sys.executable, "-m", "example_app"],
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    assert done.stderr == f"{said}\n"
