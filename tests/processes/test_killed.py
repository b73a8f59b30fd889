"""Workers are killed and the database restarts under load, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
import sqlalchemy as sa
from flask import Flask
from requests.exceptions import ChunkedEncodingError

from flask_tapauth import RegisteredClient

from ..conftest import bearer, grant
from ..ports import HOST, free_port, wait_for
from . import host
from .conftest import new_environment, terminate_backends

CALLERS = 6
ROUNDS = 40
"""How often each caller asks for a token and for views."""


@dataclass
class Counts:
    """How many requests were sent, and what became of them."""

    sent: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """503, a connection that was closed, or a request that did not end."""
    other: list[str] = field(default_factory=list)
    """What no caller should be told."""
    wrongly_admitted: int = 0
    acknowledged: list[str] = field(default_factory=list)
    """The tokens that callers were given."""


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, postgresql: sa.URL) -> Iterator[Flask]:
    monkeypatch.setenv("DATABASE_URL", postgresql.render_as_string(hide_password=False))
    app = host.create_app()
    with app.app_context():
        host.db.create_all()
    yield app
    with app.app_context():
        host.db.session.remove()
        host.db.engine.dispose()
        host.db.drop_all()
        host.db.engine.dispose()


@pytest.fixture
def served(app: Flask, tmp_path: Path) -> Iterator[tuple[str, int]]:
    """Start gunicorn with two workers; return its URL and the master's process id."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "--bind", f"{HOST}:{port}"]
    command += ["--workers", "2"]
    log = tmp_path / "log"
    with log.open("wb") as output:
        master = subprocess.Popen(
            [*command, "tests.processes.host:create_app()"],
            cwd=tmp_path,  # where no gunicorn.conf.py is
            env=new_environment(
                DATABASE_URL=os.environ["DATABASE_URL"],
            ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_for(port, master, log)
        yield f"http://{HOST}:{port}", master.pid
    finally:
        os.killpg(master.pid, signal.SIGKILL)
        master.wait()


def workers_of(master: int) -> list[int]:
    listed = Path(f"/proc/{master}/task/{master}/children").read_text()
    return [int(pid) for pid in listed.split()]


def call(url: str, client: RegisteredClient, revoked: str, counts: Counts) -> None:
    """Request a token, use it, and try a revoked token."""

    def send(kind: str, method: str, path: str, **sent: Any) -> Any:
        counts.sent[kind] += 1
        try:
            answer = requests.request(method, url + path, timeout=30, **sent)
        except (requests.ConnectionError, ChunkedEncodingError):
            counts.refused[kind] += 1
            return None
        # gunicorn's own page: the connection of a session died after our answer was
        # made, and Flask-SQLAlchemy fails when the request ends.
        is_gunicorns = answer.status_code == 500 and answer.text.startswith("<html>")
        if answer.status_code == 503 or is_gunicorns:
            counts.refused[kind] += 1
            return None
        counts.answered[kind] += 1
        if kind == "revoked" and answer.status_code == 200:
            counts.wrongly_admitted += 1
        elif answer.status_code != (401 if kind == "revoked" else 200):
            counts.other.append(answer.text)
        return answer.json() if answer.status_code == 200 else None

    granted = send("token", "POST", "/oauth/token", data=grant(client))
    if granted is not None:
        token = granted["access_token"]
        counts.acknowledged.append(token)
        send("view", "GET", "/whoami", headers=bearer(token))
    send("revoked", "GET", "/whoami", headers=bearer(revoked))


def test_no_token_is_lost_and_nobody_let_in_when_workers_and_database_die(
    app: Flask,
    served: tuple[str, int],
    postgresql: sa.URL,
    record_testsuite_property: Callable[[str, object], None],
) -> None:
    """Each token that a client got is stored, and no revoked one is accepted."""
    url, master = served
    with app.app_context():
        client = host.tapauth.clients.create("Reports")
        revoked = host.tapauth.tokens.issue(client)["access_token"]
        app.extensions["tapauth"].tokens.revoke(revoked)
        host.db.session.remove()
        host.db.engine.dispose()
    counts = Counts()
    killed: list[int] = []
    ended: list[int] = []
    rounds = threading.Semaphore(0)

    def destroy() -> None:
        for turn in range(4):
            for _ in range(CALLERS * ROUNDS // 5):
                rounds.acquire()
            if turn % 2:
                ended.append(terminate_backends(postgresql))
                continue
            for worker in workers_of(master)[:1]:
                os.kill(worker, signal.SIGKILL)
                killed.append(worker)

    def call_often() -> None:
        for _ in range(ROUNDS):
            call(url, client, revoked, counts)
            rounds.release()

    destroying = threading.Thread(target=destroy)
    destroying.start()
    with ThreadPoolExecutor(CALLERS) as callers:
        for done in [callers.submit(call_often) for _ in range(CALLERS)]:
            done.result()
    destroying.join()

    with app.app_context():
        reader = app.extensions["tapauth"].reader
        lost = [t for t in counts.acknowledged if reader.find(t) is None]
    for name in ("sent", "answered", "refused"):
        # `record_property` warns with --junitxml, and warnings are errors here.
        record_testsuite_property(f"test_killed.{name}", dict(getattr(counts, name)))
    assert (len(killed), len(ended)) == (2, 2)
    assert counts.sent == counts.answered + counts.refused
    assert counts.other == []
    assert counts.wrongly_admitted == 0
    assert lost == []
    assert counts.refused.total() < counts.answered.total()
    recovered = [
        requests.get(f"{url}/whoami", headers=bearer(counts.acknowledged[-1]))
        for _ in range(10)
    ]
    assert [answer.status_code for answer in recovered][2:] == [200] * 8
