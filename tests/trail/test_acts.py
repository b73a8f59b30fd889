"""With ``TAPAUTH_AUDIT``, each act has its event, and each event its act."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, TemporarilyUnavailableError

from ..conftest import Register, Registered, grant
from ..tokens import REFRESHING, get_pair, renew
from .conftest import Events

ADMINISTRATION: list[tuple[Callable[[TapAuth, Registered], Any], str, str | None]] = [
    (lambda t, c: t.clients.update(c, name="B", scopes=""), "updated", "name scopes"),
    (lambda t, c: t.clients.disable(c), "disabled", None),
    (lambda t, c: t.clients.enable(c), "enabled", None),
    (lambda t, c: t.clients.delete(c), "deleted", None),
]


@pytest.mark.parametrize(("act", "name", "reason"), ADMINISTRATION)
def test_a_change_of_a_client_is_an_event(
    tapauth: TapAuth,
    registered: Registered,
    events: Events,
    act: Callable[[TapAuth, Registered], Any],
    name: str,
    reason: str | None,
) -> None:
    """An auditor asks who changed what; the reason has the names of what changed."""
    act(tapauth, registered)

    assert events(client=registered) == [
        ("client_registered", None),
        (f"client_{name}", reason),
    ]


def test_a_new_secret_is_an_event(
    tapauth: TapAuth, registered: Registered, events: Events
) -> None:
    """Somebody who may not read secrets could still make a new one."""
    tapauth.clients.rotate_secret(registered)

    assert events()[-1] == ("secret_rotated", None)


def test_each_imported_client_is_an_event(tapauth: TapAuth, events: Events) -> None:
    """An import registers many clients at once."""
    lines = b"\n".join(
        json.dumps({"client_id": name, "client_name": name}).encode() for name in "ab"
    )

    tapauth.clients.import_(io.BytesIO(lines))

    assert events() == [("client_registered", "import")] * 2


def test_tokens_that_are_issued_renewed_reused_and_revoked_are_events(
    http: FlaskClient, register: Register, tapauth: TapAuth, events: Events
) -> None:
    """The reason is the grant type of a new token, and who ended a revoked one."""
    client = register(grant_types=REFRESHING)
    access, refresh_token = get_pair(http, client)
    renew(http, client, refresh_token)
    renew(http, client, refresh_token)  # RFC 9700 §4.14.2: a theft
    access = tapauth.tokens.issue(client)["access_token"]
    http.post("/oauth/revoke", data=grant(client, token=access))
    tapauth.tokens.issue(client)
    tapauth.tokens.revoke_all(client=client)

    assert events(client=client)[1:] == [
        ("token_issued", "client_credentials"),
        ("token_issued", "refresh_token"),
        ("token_revoked", "reuse"),
        ("token_issued", "direct"),
        ("token_revoked", "request"),
        ("token_issued", "direct"),
        ("token_revoked", "admin"),
    ]


def test_what_changes_nothing_is_no_event(
    http: FlaskClient, tapauth: TapAuth, registered: Registered, events: Events
) -> None:
    """A token that is revoked twice was revoked once."""
    token = tapauth.tokens.issue(registered)["access_token"]
    for _ in range(2):
        http.post("/oauth/revoke", data=grant(registered, token=token))

    assert [action for action, _ in events()].count("token_revoked") == 1


def test_tokens_that_are_revoked_together_are_one_event(
    tapauth: TapAuth, register: Register, events: Events
) -> None:
    """A user with tokens of both kinds had two events for one act."""
    tapauth.tokens.issue(register(), user_id="ann")
    tapauth.tokens.issue(register(grant_types=REFRESHING), user_id="ann")

    assert tapauth.tokens.revoke_all(user_id="ann") == 2

    assert events(action="token_revoked") == [("token_revoked", "admin")]


def test_a_forgotten_user_is_an_event(tapauth: TapAuth, events: Events) -> None:
    """Who deleted an account's tokens can be shown, and when."""
    tapauth.users.forget("ann")

    assert events(user_id="ann") == [("user_forgotten", None)]


def test_a_token_check_at_a_view_is_no_event(
    http: FlaskClient, tapauth: TapAuth, registered: Registered, events: Events
) -> None:
    """They are in the log: a row for each request would be more than the API itself."""
    token = tapauth.tokens.issue(registered)["access_token"]
    before = events()
    http.get("/whoami", headers={"Authorization": f"Bearer {token}"})
    http.get("/whoami", headers={"Authorization": "Bearer nonsense"})

    assert events() == before


@pytest.mark.parametrize(("act", "name", "reason"), ADMINISTRATION)
def test_an_act_whose_event_cannot_be_stored_does_not_happen(
    app: Flask,
    db: SQLAlchemy,
    tapauth: TapAuth,
    registered: Registered,
    act: Callable[[TapAuth, Registered], Any],
    name: str,
    reason: str | None,
) -> None:
    """They are in one transaction: an act without a trace would be a hole in it."""
    before = _row(db, tapauth, registered.client_id)
    with db.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE tapauth_event"))

    with pytest.raises(TemporarilyUnavailableError):
        act(tapauth, registered)

    assert _row(db, tapauth, registered.client_id) == before


def test_no_token_is_issued_whose_event_cannot_be_stored(
    db: SQLAlchemy, tapauth: TapAuth, http: FlaskClient, registered: Registered
) -> None:
    """The caller is told to try again, and the token table stays empty."""
    with db.engine.begin() as connection:
        connection.execute(sa.text("DROP TABLE tapauth_event"))

    answer = http.post("/oauth/token", data=grant(registered))

    assert answer.status_code == 503
    assert db.session.scalar(sa.select(sa.func.count()).select_from(tapauth.Token)) == 0


def test_an_act_that_the_database_refuses_leaves_no_event(
    app: Flask, db: SQLAlchemy, tapauth: TapAuth, registered: Registered, events: Events
) -> None:
    """The trail must not tell of what was never done."""

    def refuse(connection: Any, clause: Any, *_: Any) -> None:
        if clause.is_update:
            raise sa.exc.OperationalError("UPDATE", {}, Exception("gone"))

    sa.event.listen(db.engine, "before_execute", refuse)
    with pytest.raises(TemporarilyUnavailableError):
        tapauth.clients.disable(registered)
    sa.event.remove(db.engine, "before_execute", refuse)

    assert events() == [("client_registered", None)]


def _row(db: SQLAlchemy, tapauth: TapAuth, client_id: str) -> Any:
    db.session.rollback()
    table: Any = tapauth.Client.__table__
    select = sa.select(table).where(table.c.client_id == client_id)
    row = db.session.execute(select).one_or_none()
    db.session.rollback()
    return row
