"""One code is presented several times at once, on each database (RFC 6749 §4.1.2)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from ...services import SERVERS, own_database
from .conftest import MakeFlow
from .flow import Flow

THREADS = 32
STRICT = "mariadb, as from 11.6 on"
ISOLATED = {"init_command": "SET SESSION innodb_snapshot_isolation=ON"}
REPEATABLE = "postgresql, repeatable read"


@pytest.fixture(scope="module", params=[*SERVERS, STRICT, REPEATABLE])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[sa.URL, dict[str, Any]]]:
    """Make an empty database on a server, with its defaults or stricter ones."""
    server, _, special = request.param.partition(", ")
    options = {"isolation_level": "REPEATABLE READ"} if "read" in special else {}
    with own_database(server, tmp_path_factory.mktemp("race")) as url:
        yield url.set(query=ISOLATED if request.param == STRICT else {}), options


@pytest.fixture
def settings(database: tuple[sa.URL, dict[str, Any]]) -> dict[str, Any]:
    url, options = database
    return {"SQLALCHEMY_DATABASE_URI": url, "SQLALCHEMY_ENGINE_OPTIONS": options}


def race(flow: Flow, code: str, threads: int) -> list[dict[str, Any]]:
    """Present a code in several threads at the same moment."""
    start = threading.Barrier(threads)

    def present(_: int) -> dict[str, Any]:
        own = Flow(flow.app, flow.client)
        start.wait()
        answer: dict[str, Any] = own.exchange(code).get_json()
        return answer

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(present, range(threads)))


@pytest.mark.parametrize("refreshes", [True, False])
def test_of_many_who_present_one_code_one_gets_tokens(
    make_flow: MakeFlow, refreshes: bool
) -> None:
    """RFC 6749 §4.1.2: the others are replays, which revoke those tokens."""
    grants = ["authorization_code", *["refresh_token"] * refreshes]
    flow = make_flow(grant_types=grants)

    answers = race(flow, flow.get_code(), THREADS)

    [tokens] = [answer for answer in answers if "error" not in answer]
    errors = [answer["error"] for answer in answers if "error" in answer]
    assert errors == ["invalid_grant"] * (THREADS - 1)
    assert not flow.opens(tokens["access_token"])
    if refreshes:
        assert flow.renew(tokens["refresh_token"]).status_code == 400


def test_of_two_who_read_a_code_as_unused_the_second_ends_the_tokens(
    flow: Flow, db: SQLAlchemy
) -> None:
    """RFC 6749 §4.1.2: a thief may be as fast as the client."""
    code = flow.get_code()
    faster: list[dict[str, Any]] = []

    def use_first(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE tapauth_code") and not faster:
            faster.append({})  # so that its own UPDATE is let through
            faster[:] = race(flow, code, 1)

    with flow.app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", use_first)

    assert flow.refusal(code) == (400, "invalid_grant")

    assert not flow.opens(faster[0]["access_token"])
    assert flow.renew(faster[0]["refresh_token"]).status_code == 400


def test_a_replay_in_the_middle_of_the_exchange_ends_the_tokens(
    flow: Flow, db: SQLAlchemy
) -> None:
    """RFC 6749 §4.1.2: the code is used up before anything is stored."""
    code = flow.get_code()
    replayed: list[Any] = []

    def replay(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO tapauth_token") and not replayed:
            # It waits for the first one's transaction, which goes on meanwhile.
            thread = threading.Thread(target=lambda: race(flow, code, 1))
            replayed.append(thread)
            thread.start()

    with flow.app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", replay)

    token = flow.tokens(code)["access_token"]
    replayed[0].join()

    assert not flow.opens(token)
