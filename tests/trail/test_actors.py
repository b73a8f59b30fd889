"""An event says who acted, and from where."""

from __future__ import annotations

import getpass
import time

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_tapauth import TapAuth

from ..conftest import MakeApp, Registered, Run, grant


def test_a_command_is_run_by_an_account_of_the_machine(
    run: Run, registered: Registered, tapauth: TapAuth
) -> None:
    """`cli:` and its name; a terminal has no network address."""
    run("clients", "disable", registered.client_id)

    [event, *_] = tapauth.events.list()
    assert (event.action, event.address) == ("client_disabled", None)
    assert event.actor == f"cli:{getpass.getuser()}"


def test_a_signed_in_user_is_the_actor(
    app: Flask, http: FlaskClient, registered: Registered, tapauth: TapAuth
) -> None:
    """A host's own page for operators calls the Python API."""

    @app.post("/disable")
    def disable() -> str:
        tapauth.clients.disable(registered)
        return ""

    http.post("/sign-in")
    http.post("/disable", environ_base={"REMOTE_ADDR": "192.0.2.7"})

    [event, *_] = tapauth.events.list()
    assert (event.actor, event.address) == ("ann", "192.0.2.7")


def test_a_client_at_the_token_endpoint_is_no_user(
    http: FlaskClient, registered: Registered, tapauth: TapAuth
) -> None:
    """A cookie that a browser sends along is not who asked for the token."""
    http.post("/sign-in")
    http.post("/oauth/token", data=grant(registered))

    [event, *_] = tapauth.events.list()
    assert (event.action, event.actor) == ("token_issued", None)
    assert event.client_id == registered.client_id


def test_the_address_is_what_proxyfix_leaves(
    app: Flask, http: FlaskClient, registered: Registered, tapauth: TapAuth
) -> None:
    """Behind a proxy, every request would seem to come from the proxy."""
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]

    http.post(
        "/oauth/token",
        data=grant(registered),
        headers={"X-Forwarded-For": "203.0.113.9"},
    )

    [event, *_] = tapauth.events.list()
    assert event.address == "203.0.113.9"


@pytest.mark.parametrize("address", ["9" * 200, "192.0.2.7\0"])
def test_an_address_that_is_any_text_is_kept_in_short(
    make_app: MakeApp, tapauth: TapAuth, database: sa.URL, address: str
) -> None:
    """Without a proxy, ProxyFix trusts the caller: PostgreSQL refused the event, and
    who guessed secrets so left no trace."""
    app = make_app(SQLALCHEMY_DATABASE_URI=database, TAPAUTH_AUDIT=True)
    with app.app_context():
        client = tapauth.clients.create("Reports")

    for secret, status in ((client.client_secret, 200), ("guessed", 401)):
        answer = app.test_client().post(
            "/oauth/token",
            data=grant(client, client_secret=secret),
            environ_base={"REMOTE_ADDR": address},
        )
        assert answer.status_code == status

    with app.app_context():
        [refused, issued, _] = tapauth.events.list()
    assert refused.action == "client_authentication_failed"
    assert refused.address == issued.address
    assert len(issued.address or "") <= 64


def test_a_client_that_introspects_is_no_user(
    http: FlaskClient, registered: Registered, tapauth: TapAuth
) -> None:
    """A cookie is not who guessed a client's secret, here neither."""
    http.post("/sign-in")
    http.post("/oauth/introspect", data=grant(registered, client_secret="guessed"))

    [event, *_] = tapauth.events.list()
    assert (event.action, event.actor) == ("client_authentication_failed", None)


def test_an_event_has_its_time(tapauth: TapAuth, registered: Registered) -> None:
    """In seconds since the epoch, as all times of ours."""
    [event] = tapauth.events.list()

    assert abs(event.time - time.time()) < 5


@pytest.mark.parametrize(
    ("form", "client_id", "reason"),
    [
        ({"client_secret": "wrong"}, "reports", "wrong_secret"),
        ({"client_id": "nobody"}, "nobody", "unknown_client"),
        ({"client_id": "tapcs_sent_by_mistake"}, None, "unknown_client"),
    ],
)
def test_a_refused_client_is_an_event(
    http: FlaskClient,
    tapauth: TapAuth,
    form: dict[str, str],
    client_id: str | None,
    reason: str,
) -> None:
    """Guessing must be seen; a secret in the wrong place is not kept."""
    client = tapauth.clients.create("Reports", client_id="reports")

    http.post("/oauth/token", data={**grant(client), **form})

    [event, *_] = tapauth.events.list()
    assert event.action == "client_authentication_failed"
    assert (event.client_id, event.reason) == (client_id, reason)
