"""``flask tapauth tokens purge``: from cron, and at a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import DATABASE_URL, MakeApp, Registered, Run
from ..services import out_of_reach
from . import add_expired, as_json, count, family_model, set_all

ROOT = Path(__file__).parents[2]

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database that other processes reach too, unlike one in memory."""
    return DATABASE_URL if DATABASE_URL != "sqlite://" else f"sqlite:///{tmp_path}/db"


@pytest.fixture
def app(make_app: MakeApp, url: str) -> Flask:
    return make_app(SQLALCHEMY_DATABASE_URI=url)


@pytest.fixture
def start(url: str) -> Start:
    """Start ``flask tapauth tokens purge`` as a process of its own."""

    def start(
        *options: str, database_url: str = url, stderr: int = subprocess.PIPE
    ) -> subprocess.Popen[str]:
        flask = [sys.executable, "-m", "flask", "--app", "tests.servers.host"]
        return subprocess.Popen(
            [*flask, "tapauth", "tokens", "purge", *options],
            cwd=ROOT,
            env={"DATABASE_URL": database_url, "TERM": "xterm"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )

    return start


def test_it_prints_how_much_of_what_was_deleted(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered, run: Run
) -> None:
    """The contract: `--json` is for machines; others read a line for each kind."""
    add_expired(db, tapauth, registered, 3)

    told = as_json(run, "purge", "--batch-size", "2")
    lines = run("tokens", "purge").stdout.splitlines()

    assert told == {"access_tokens": 3, "refresh_families": 0, "assertions": 0}
    assert [line.split() for line in lines] == [[name, "0"] for name in told]


def test_it_keeps_what_expired_lately_if_told_to(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered, run: Run
) -> None:
    """The contract: `--older-than`, in seconds."""
    add_expired(db, tapauth, registered, 1, ago=3000)
    add_expired(db, tapauth, registered, 1, ago=4000)

    told = as_json(run, "purge", "--older-than", "3600")

    assert told["access_tokens"] == 1
    assert count(db, tapauth.Token) == 1


def test_cron_hears_nothing_on_stderr(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered, start: Start
) -> None:
    """The contract: exit code 0, a quiet stderr, no progress bar without a terminal."""
    add_expired(db, tapauth, registered, 5)
    process = start("--batch-size", "1")

    stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stderr) == (0, "")
    assert stdout.split()[:2] == ["access_tokens", "5"]
    assert "\r" not in stdout
    assert count(db, tapauth.Token) == 0


def at_terminal(start: Start, *options: str) -> tuple[str, str]:
    """Run it with a terminal as its stderr; return stdout and what the terminal saw."""
    ours, theirs = pty.openpty()
    process = start(*options, stderr=theirs)
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 1024):
            seen += piece
    except OSError:
        pass  # Linux tells so that the other side is closed
    os.close(ours)
    stdout, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return stdout, seen.decode()


def test_a_person_sees_how_far_it_is(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered, start: Start
) -> None:
    """The contract: a progress bar on a terminal, and the result beside it."""
    add_expired(db, tapauth, registered, 5)

    stdout, terminal = at_terminal(start, "--batch-size", "2")

    assert "Purging" in terminal
    assert "100%" in terminal
    assert stdout.split()[:2] == ["access_tokens", "5"]


def test_a_machine_at_a_terminal_sees_no_bar(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered, start: Start
) -> None:
    """The contract: `--json` prints JSON and nothing else."""
    add_expired(db, tapauth, registered, 5)

    stdout, terminal = at_terminal(start, "--json")

    assert json.loads(stdout)["access_tokens"] == 5
    assert terminal == ""


def test_two_at_once_do_no_harm(
    db: SQLAlchemy,
    tapauth: TapAuth,
    registered: Registered,
    token: str,
    start: Start,
) -> None:
    """The contract: cron may start one before another has ended."""
    add_expired(db, tapauth, registered, 400)
    processes = [start("--batch-size", "10") for _ in range(2)]

    ended = [process.communicate(timeout=60) for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    assert [stderr for _, stderr in ended] == ["", ""]
    assert count(db, tapauth.Token) == 1


def test_a_database_that_is_down_is_one_line(
    app: Flask, url: str, start: Start
) -> None:
    """The contract: exit code 1, and what to look at."""
    down = out_of_reach(sa.make_url(url)).render_as_string(hide_password=False)
    process = start(database_url=down)

    stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stdout) == (1, "")
    [line] = stderr.splitlines()
    assert "the database cannot be used" in line


def test_families_are_counted_for_the_bar(
    app: Flask, db: SQLAlchemy, tapauth: TapAuth, registered: Registered
) -> None:
    """The contract: the bar ends at 100 %: what is counted is what is deleted."""
    add_expired(db, tapauth, registered, 3)
    set_all(db, tapauth.Token, expires_at=int(time.time()) - 60)
    family = {"scopes": (), "issued_at": 0, "expires_at": int(time.time()) - 60}
    insert = sa.insert(family_model(tapauth))
    db.session.execute(insert.values(client_pk=registered.client.id, **family))
    db.session.commit()
    registry = app.extensions["tapauth"].registry
    steps: list[int] = []

    expected = registry.count_expired(0)
    registry.purge(0, 2, steps.append)

    assert expected == 4
    assert steps == [2, 1, 1]
