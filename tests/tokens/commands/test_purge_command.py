"""``flask tapauth tokens purge``: from cron, and at a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ... import ROOT
from ...conftest import Registered, Run
from ...services import out_of_reach
from .. import add_expired, as_json, count, family_model, set_all

Start = Callable[..., subprocess.Popen[str]]


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


def test_it_prints_the_number_of_deleted_rows_by_their_kind(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered, run: Run
) -> None:
    """JSON is for machines; people read one line for each kind."""
    add_expired(db, tapauth, registered, 3)

    told = as_json(run, "purge", "--batch-size", "2")
    lines = run("tokens", "purge").stdout.splitlines()

    assert told == {
        "access_tokens": 3,
        "refresh_families": 0,
        "assertions": 0,
        "authorization_codes": 0,
        "document_clients": 0,
    }
    assert [line.split() for line in lines] == [[name, "0"] for name in told]


def test_it_keeps_tokens_that_expired_recently_if_asked_to(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered, run: Run
) -> None:
    """`--older-than`, in seconds."""
    add_expired(db, tapauth, registered, 1, ago=3000)
    add_expired(db, tapauth, registered, 1, ago=4000)

    told = as_json(run, "purge", "--older-than", "3600")

    assert told["access_tokens"] == 1
    assert count(db, tapauth.Token) == 1


def test_cron_gets_no_output_on_stderr(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered, start: Start
) -> None:
    """Cron sends a mail for each line on stderr."""
    add_expired(db, tapauth, registered, 5)
    process = start("--batch-size", "1")

    stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stderr) == (0, "")
    assert stdout.split()[:2] == ["access_tokens", "5"]
    assert "\r" not in stdout
    assert count(db, tapauth.Token) == 0


def at_terminal(start: Start, *options: str) -> tuple[str, str]:
    """Run the command with a terminal as stderr; return stdout and the screen."""
    ours, theirs = pty.openpty()
    process = start(*options, stderr=theirs)
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 1024):
            seen += piece
    except OSError:
        pass  # Linux raises this when the other side is closed
    os.close(ours)
    stdout, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return stdout, seen.decode()


def test_a_person_sees_a_progress_bar(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered, start: Start
) -> None:
    """A long purge without a word looks like a hanging one."""
    add_expired(db, tapauth, registered, 5)

    stdout, terminal = at_terminal(start, "--batch-size", "2")

    assert "Purging" in terminal
    assert "100%" in terminal
    assert stdout.split()[:2] == ["access_tokens", "5"]


def test_json_is_printed_without_a_progress_bar(
    db: SQLAlchemy, tapauth: TapAuth, registered: Registered, start: Start
) -> None:
    """A program that reads a terminal must get JSON only."""
    add_expired(db, tapauth, registered, 5)

    stdout, terminal = at_terminal(start, "--json")

    assert json.loads(stdout)["access_tokens"] == 5
    assert terminal == ""


def test_two_commands_at_once_do_no_harm(
    db: SQLAlchemy,
    tapauth: TapAuth,
    registered: Registered,
    token: str,
    start: Start,
) -> None:
    """Cron may start one before the other has ended."""
    add_expired(db, tapauth, registered, 400)
    processes = [start("--batch-size", "10") for _ in range(2)]

    ended = [process.communicate(timeout=60) for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    assert [stderr for _, stderr in ended] == ["", ""]
    assert count(db, tapauth.Token) == 1


def test_a_database_that_is_down_is_reported_in_one_line(
    app: Flask, url: str, start: Start
) -> None:
    """A traceback would not say what to look at."""
    down = out_of_reach(sa.make_url(url)).render_as_string(hide_password=False)
    process = start(database_url=down)

    stdout, stderr = process.communicate(timeout=60)

    assert (process.returncode, stdout) == (1, "")
    [line] = stderr.splitlines()
    assert "the database cannot be used" in line


def test_the_progress_bar_counts_families_too(
    app: Flask, db: SQLAlchemy, tapauth: TapAuth, registered: Registered
) -> None:
    """Otherwise it would not end at 100 %."""
    add_expired(db, tapauth, registered, 3)
    set_all(db, tapauth.Token, expires_at=int(time.time()) - 60)
    family = {"scopes": (), "issued_at": 0, "expires_at": int(time.time()) - 60}
    insert = sa.insert(family_model(tapauth))
    db.session.execute(insert.values(client_pk=registered.client.id, **family))
    db.session.commit()
    tokens = app.extensions["tapauth"].tokens
    steps: list[int] = []

    expected = tokens.count_expired(0)
    tokens.purge_by_kind(0, 2, steps.append)

    assert expected == 4
    assert steps == [2, 1, 1]
