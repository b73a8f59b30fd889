"""A database that fails is answered by 503, on our endpoints and on guarded views."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, current_token, require_token

from ..conftest import MakeApp, bearer
from .conftest import NewWire, terminate_backends, through
from .faults import (
    FAULTS,
    PEOPLE,
    PROGRAMS,
    Ask,
    Fault,
    Situation,
    cut,
    exhausted,
    introspect,
    issue,
    restarted,
    revoke,
    set_up,
    view,
)

# What the last test here is about: a connection in use is dropped without being closed.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.fixture
def situation(
    new_wire: NewWire,
    make_app: MakeApp,
    tapauth: TapAuth,
    db: SQLAlchemy,
    postgresql: sa.URL,
) -> Iterator[Situation]:
    wire = new_wire(postgresql.port or 0)
    host = make_app(
        SQLALCHEMY_DATABASE_URI=through(postgresql, wire),
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_size": 2,
            "max_overflow": 0,
            "pool_timeout": 0.2,
        },
        SECRET_KEY="test",
    )
    yield set_up(host, tapauth, db, wire, postgresql)
    with host.app_context():
        db.engine.dispose()
    gc.collect()  # see the mark above


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("ask", PROGRAMS)
def test_a_program_gets_a_503_with_retry_after(
    situation: Situation, fault: Fault, ask: Ask
) -> None:
    """docs/how-to/running/unavailable.md."""
    with fault(situation):
        answer = ask(situation)

    assert answer.status_code == 503
    assert answer.is_json
    assert answer.get_json()["error"] == "temporarily_unavailable"
    assert int(answer.headers["Retry-After"]) > 0
    assert ask(situation).status_code == 200


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("ask", PEOPLE)
def test_a_person_is_shown_a_page(situation: Situation, fault: Fault, ask: Ask) -> None:
    """RFC 6749 §4.1.2.1: no redirect before the client is known."""
    with fault(situation):
        answer = ask(situation)

    assert answer.status_code == 503
    assert answer.mimetype == "text/html"
    assert int(answer.headers["Retry-After"]) > 0
    assert ask(situation).status_code in (200, 302)


@pytest.mark.parametrize("ask", [view, revoke, introspect])
def test_a_restart_costs_each_process_one_503(situation: Situation, ask: Ask) -> None:
    """An error on one connection replaces all connections of the pool."""
    with restarted(situation):
        assert issue(situation).status_code == 503

    assert ask(situation).status_code == 200


@pytest.mark.parametrize("fault", [cut, exhausted])
def test_a_view_never_runs_unchecked(situation: Situation, fault: Fault) -> None:
    """Also with an optional token."""
    app, headers = situation.host, bearer(situation.grants.token)
    app._got_first_request = False  # views can still be added
    ran: list[str] = []

    def view() -> str:
        ran.append("ran")
        return "ran"

    app.add_url_rule("/bare", "bare", require_token(view))
    app.add_url_rule("/scoped", "scoped", require_token("orders:read")(view))
    app.add_url_rule("/optional", "optional", require_token(optional=True)(view))
    http = app.test_client()

    with fault(situation):
        answers = [
            http.get(path, headers=headers).status_code
            for path in ("/bare", "/scoped", "/optional")
        ]

    assert answers == [503] * 3
    assert ran == []


@pytest.mark.parametrize("fault", [cut, restarted])
def test_a_view_that_asks_for_the_client_is_answered_by_503(
    situation: Situation, fault: Fault
) -> None:
    """The database may fail after the token was checked."""
    app = situation.host
    app._got_first_request = False
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.get("/client")
    @require_token
    def client() -> dict[str, Any]:
        failing.__enter__()
        found = current_token.client
        return {"name": found and found.client_name}

    failing = fault(situation)
    answer = app.test_client().get("/client", headers=bearer(situation.grants.token))
    failing.__exit__(None, None, None)

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("ask", [view, introspect])
def test_all_connections_lost_between_two_statements_are_a_503(
    situation: Situation, ask: Ask
) -> None:
    """The host was reading on one connection when we lost another."""
    restarts = [True]

    def read() -> None:
        situation.db.session.execute(sa.text("SELECT 1"))

    def restart(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if "tapauth_token.digest = " in statement and restarts:
            restarts.pop()
            terminate_backends(situation.database)

    with situation.host.app_context():
        sa.event.listen(situation.db.engine, "before_cursor_execute", restart)
    situation.host.before_request_funcs.setdefault(None, []).append(read)

    answer = ask(situation)

    assert answer.status_code == 503
    assert ask(situation).status_code == 200


def test_a_failure_of_ours_leaves_the_hosts_connections_in_use_alone(
    situation: Situation,
) -> None:
    """A transaction on a connection that works must go on."""
    with situation.host.app_context():
        engine = situation.db.engine
    question = sa.text("SELECT pg_backend_pid()")
    with engine.connect() as connection:
        assert view(situation).status_code == 200  # opens another
        theirs = connection.scalar(question)
        terminate_backends(situation.database, but=theirs)

        answer = view(situation)

        assert answer.status_code == 503
        assert connection.scalar(question) == theirs
