"""What people see when they start the example."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ..services import own_database
from .conftest import ROOT, Example, Start


def run_shell(script: str, **environment: str) -> list[str]:
    """Run lines as they stand, and return what they print."""
    done = subprocess.run(
        ["sh", "-eu", "-c", script],
        env={"PATH": os.environ["PATH"], **environment},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout.splitlines()


def test_the_printed_lines_run_as_they_stand(start: Start, tmp_path: Path) -> None:
    """The first start prints a client and what to do with it; each line works."""
    example = start(f"sqlite:///{tmp_path / 'example.db'}")
    lines = [line for line in example.printed.splitlines() if line.startswith("  ")]
    script = "\n".join(line for line in lines if "  client_" not in line)

    bearer, header, body, url = run_shell(script)

    assert '"count":80' in bearer
    assert '"count":400' in header
    assert "Grace Okafor" in body
    assert "revenue" in url


def test_the_readmes_lines_run_as_they_stand(start: Start, tmp_path: Path) -> None:
    """The README's transcript, with the client that the first start printed."""
    example = start(f"sqlite:///{tmp_path / 'example.db'}")
    readme = (ROOT / "README.md").read_text()
    blocks = re.findall(r"```sh\n(.*?)```", readme, re.DOTALL)
    script = "\n".join(block for block in blocks if "3030" in block)
    assert script.count("curl ") >= 6

    printed = run_shell(
        script.replace("http://127.0.0.1:3030", example.url),
        CLIENT_ID=example.client_id,
        CLIENT_SECRET=example.client_secret,
    )

    bearer, header, hyphen, body, url = printed
    assert bearer == header == hyphen == url
    assert '"count":400' in bearer
    assert "Ada Byron" in body


def test_a_later_start_keeps_the_data_and_shows_no_secret(
    start: Start, tmp_path: Path
) -> None:
    """The secret is shown once; the second start says how to get a new one."""
    database = f"sqlite:///{tmp_path / 'example.db'}"
    first = start(database)
    second = start(database)

    assert "tapcs_" not in second.printed
    assert f"rotate-secret {first.client_id}" in second.printed
    assert first.client_secret not in second.log.read_text()
    assert second.url != first.url


def test_flask_run_serves_it_and_names_its_drawback(
    start: Start, tmp_path: Path
) -> None:
    """The development server drops the header `access_token`, and that is said."""
    command = ("-m", "flask", "--app", "example_app", "run", "--port", "{port}")

    example = start(f"sqlite:///{tmp_path / 'example.db'}", command)

    printed = example.log.read_text().partition("Serving")[0]
    assert "drops the header access_token" in printed
    assert "Access-Token" in printed


def test_other_commands_say_nothing_of_it(example: Example) -> None:
    """The note is for who serves by that server, and for nobody else."""
    assert "development server" not in example.run("clients", "list")


def test_it_keeps_its_data_in_postgresql(start: Start, tmp_path: Path) -> None:
    """`DATABASE_URL` says where; the transcript works there too."""
    with own_database("postgresql", tmp_path) as database:
        example = start(database.render_as_string(hide_password=False))
        lines = [line for line in example.printed.splitlines() if line.startswith("  ")]
        script = "\n".join(line for line in lines if "  client_" not in line)

        assert "Grace Okafor" in run_shell(script)[2]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("PORT", "abc", "PORT is 'abc', and has to be a number"),
        (
            "DATABASE_URL",
            "mysql+pymysql://root@127.0.0.1/none",
            "The example runs on SQLite or PostgreSQL, and not on mysql.",
        ),
    ],
)
def test_what_it_cannot_start_with_is_told_in_one_line(
    variable: str, value: str, said: str
) -> None:
    """The contract: bad input gets a clear error, and no stack trace."""
    done = subprocess.run(
        [sys.executable, "-m", "example_app"],
        env={**os.environ, variable: value},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 1
    assert done.stderr == f"{said}\n"
