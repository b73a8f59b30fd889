"""A slow view holds no connection for the extension."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import stream_with_context
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import require_token, verify_token

from ...conftest import bearer
from .hosts import Host, NewDatabase, on

STREAMS = 8


@pytest.fixture(params=["a pool of one", "a pool of several", "TAPAUTH_SHARE_SESSION"])
def host(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[Host]:
    size = 1 if request.param == "a pool of one" else 5
    options = {"pool_size": size, "max_overflow": 0, "pool_timeout": 5}
    shares = {"TAPAUTH_SHARE_SESSION": request.param == "TAPAUTH_SHARE_SESSION"}
    host = Host(SQLAlchemy(), {**on(new_database("postgresql"), **options), **shares})
    host.make_tables()
    yield host
    host.close()


def test_a_slow_view_holds_no_connection(host: Host) -> None:
    """A few slow views would otherwise use up the whole pool."""
    pool: Any = None
    held: list[int] = []

    @host.app.get("/slow")
    @require_token
    def slow() -> str:
        held.append(pool.checkedout())
        verify_token()
        held.append(pool.checkedout())
        return "done"

    token = host.issue("only", host.register("only"))["access_token"]
    with host.app.app_context():
        pool = host.db.engine.pool

    answer = host.app.test_client().get("/slow", headers=bearer(token))

    assert (answer.status_code, held) == (200, [0, 0])


def test_eight_slow_streams_are_served(host: Host) -> None:
    """Each stream waits for all others, in the middle of its answer."""
    meeting = threading.Barrier(STREAMS, timeout=20)

    @host.app.get("/stream")
    @require_token
    def stream() -> Any:
        def parts() -> Iterator[str]:
            meeting.wait()
            verify_token()
            yield "first, "
            meeting.wait()
            yield "second"

        return stream_with_context(parts())

    token = host.issue("only", host.register("only"))["access_token"]

    def ask(_: int) -> str:
        answer = host.app.test_client().get("/stream", headers=bearer(token))
        return answer.text

    with ThreadPoolExecutor(STREAMS) as callers:
        answers = [*callers.map(ask, range(STREAMS))]

    assert answers == ["first, second"] * STREAMS
