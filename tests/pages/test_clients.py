"""Operators find clients, and change them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import ClientMixin, TapAuth, UnknownClientError
from flask_tapauth._clients.clients import Clients

from ..conftest import grant
from .conftest import Pages, seal_of, secret_of, text_of

LIST = "/operator/clients"


def show(client_id: str) -> str:
    return f"/operator/client?client_id={client_id}"


def test_the_list_has_state_scopes_use_and_expiry(
    operator: Pages, app: Flask, tapauth: TapAuth
) -> None:
    """Issue I: what an operator wants to know at a glance."""
    expires = datetime.now(UTC) + timedelta(days=3)
    client = tapauth.clients.create(
        "Reports", scopes="orders:read", secret_expires_at=expires
    )
    tapauth.clients.create("Idle", client_id="idle")
    tapauth.clients.disable("idle")
    app.test_client().post("/oauth/token", data=grant(client))

    text = text_of(operator.get(LIST))

    assert f"{client.client_id} State active Last used 2" in text
    assert f"Secret expires {expires:%Y-%m-%d %H:%M} UTC Scopes orders:read" in text
    assert (
        "idle State disabled Last used never Secret expires never Scopes none" in text
    )


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("", ["nightly", "weekly"]),
        ("night", ["nightly"]),
        ("nightly", ["nightly"]),
        ("ightly", []),
        ("report", ["nightly"]),
        ("100%", ["weekly"]),
        ("%", ["weekly"]),
        ("_", []),
        ("' OR 1=1 --", []),
        ("\0", []),
        ("x" * 5000, []),
        ("é", []),
    ],
)
def test_clients_are_found_by_id_and_name(
    operator: Pages, tapauth: TapAuth, search: str, found: list[str]
) -> None:
    """The beginning of an id, or a part of a name; never a 500."""
    tapauth.clients.create("The report", client_id="nightly")
    tapauth.clients.create("Sum of 100%", client_id="weekly")

    page = operator.get(LIST, query_string={"search": search})

    assert page.status_code == 200
    known = ("nightly", "weekly")
    assert [name for name in known if f"<code>{name}</code>" in page.text] == found
    if not found:
        assert "There are no such clients." in page.text


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ("active", {"fresh", "old", "ending"}),
        ("disabled", {"disabled"}),
        ("expired", {"expired"}),
        ("expiring", {"ending"}),
        ("unused", {"old"}),
        ("nonsense", {"fresh", "old", "ending", "disabled", "expired"}),
    ],
)
def test_clients_are_found_by_what_needs_care(
    operator: Pages, tapauth: TapAuth, db: SQLAlchemy, chosen: str, found: set[str]
) -> None:
    """As `clients list --state`, `--expiring` and `--unused`."""
    soon = datetime.now(UTC) + timedelta(days=7)
    tapauth.clients.create("c", client_id="fresh")
    tapauth.clients.create("c", client_id="old").client.created_at = 1
    tapauth.clients.create("c", client_id="ending", secret_expires_at=soon)
    tapauth.clients.create("c", client_id="expired").client.secret_expires_at = 1
    db.session.commit()
    tapauth.clients.create("c", client_id="disabled")
    tapauth.clients.disable("disabled")

    page = operator.get(LIST, query_string={"show": chosen}).text

    names = ["fresh", "old", "ending", "expired", "disabled"]
    assert {name for name in names if f"<code>{name}</code>" in page} == found


def test_a_long_list_goes_on(operator: Pages, tapauth: TapAuth) -> None:
    """A page has fifty; the next one begins after the last, by its id."""
    for number in range(55):
        tapauth.clients.create("Report", client_id=f"client-{number:02}")
    tapauth.clients.create("Other", client_id="other")

    first = operator.get(f"{LIST}?search=client-")
    assert first.text.count("<code>") == 50
    assert "after=client-49" in first.text
    second = operator.get(f"{LIST}?search=client-&after=client-49")
    assert second.text.count("<code>") == 5
    assert "client-50" in second.text
    assert "More clients" not in second.text

    tapauth.clients.delete("client-49")
    gone = operator.get(f"{LIST}?search=client-&after=client-49")
    assert gone.headers["Location"] == f"/account{LIST}?search=client-&show="


@pytest.mark.parametrize("client_id", ["", "unknown", "é", "\0", "x" * 5000])
@pytest.mark.parametrize("path", ["/operator/client", "/operator/client/delete"])
def test_an_unknown_client_is_not_found(
    operator: Pages, path: str, client_id: str
) -> None:
    """It was deleted in the meantime: a 404, and no more."""
    query = {"client_id": client_id}
    assert operator.get(path, query_string=query).status_code == 404


@pytest.mark.parametrize("action", ["rotate-secret", "disable", "enable", "delete"])
def test_a_client_that_is_deleted_meanwhile_is_not_found(
    operator: Pages, tapauth: TapAuth, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    """Two operators act at the same time, and the later one got a 500."""
    tapauth.clients.create("Reports", client_id="reports")
    get = Clients.get

    def get_before_the_other(clients: Clients, client_id: str) -> ClientMixin:
        found = get(clients, client_id)
        clients.delete(client_id)
        return found

    with monkeypatch.context() as patched:
        seal = seal_of(operator.get(show("reports")))
        patched.setattr(Clients, "get", get_before_the_other)
        answer = operator.post(
            f"/operator/client/{action}", seal=seal, client_id="reports"
        )

    assert answer.status_code == 404


@pytest.mark.parametrize("client_id", ["a/b", "..", "urn:a//x", "a?b#c%2F"])
def test_every_id_has_a_page(operator: Pages, tapauth: TapAuth, client_id: str) -> None:
    """RFC 6749 appendix A.1: an id may have characters that mean something in URLs."""
    tapauth.clients.create("Odd", client_id=client_id)
    listed = operator.get(LIST).text
    start = listed.index('href="/account/operator/client?') + len('href="/account')
    link = listed[start : listed.index('"', start)]

    assert operator.get(link).status_code == 200
    operator.act("disable", client_id)
    assert tapauth.clients.get(client_id).is_disabled


def test_a_client_is_disabled_and_enabled(
    operator: Pages, app: Flask, tapauth: TapAuth
) -> None:
    """Its next token request is refused, and accepted again."""
    client = tapauth.clients.create("Reports", client_id="reports")
    http = app.test_client()

    answer = operator.act("disable", "reports")
    assert answer.headers["Location"] == f"/account{show('reports')}"
    assert "refused from now on" in text_of(operator.get(show("reports")))
    assert http.post("/oauth/token", data=grant(client)).status_code == 401

    operator.act("enable", "reports")
    assert "accepted again" in text_of(operator.get(show("reports")))
    assert http.post("/oauth/token", data=grant(client)).status_code == 200


def test_a_client_is_deleted_after_a_question(
    operator: Pages, tapauth: TapAuth
) -> None:
    """What destroys asks first, without JavaScript too."""
    tapauth.clients.create("Reports", client_id="reports")
    question = "/operator/client/delete?client_id=reports"

    assert "Delete Reports?" in text_of(operator.get(question))
    assert tapauth.clients.list()
    answer = operator.send(
        "/operator/client/delete", shown_at=question, client_id="reports"
    )

    assert answer.headers["Location"] == f"/account{LIST}"
    assert "are deleted" in text_of(operator.get(LIST))
    with pytest.raises(UnknownClientError):
        tapauth.clients.get("reports")


def test_a_new_secret_is_shown_once_and_the_old_one_has_grace(
    operator: Pages, app: Flask, tapauth: TapAuth
) -> None:
    """As `clients rotate-secret --grace`."""
    old = tapauth.clients.create("Reports", client_id="reports")
    http = app.test_client()

    answer = operator.act("rotate-secret", "reports", grace="3600")

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    secret = secret_of(answer)
    for value in (secret, old.client_secret):
        form = {**grant(old), "client_secret": value}
        assert http.post("/oauth/token", data=form).status_code == 200
    page = operator.get(show("reports"))
    assert "tapcs_" not in page.text
    assert "Old secret works until" in text_of(page)
    with operator.http.session_transaction() as session:
        assert secret not in str(dict(session))


def test_a_new_secret_ends_the_old_one_by_default(
    operator: Pages, app: Flask, tapauth: TapAuth
) -> None:
    """Without grace, a leaked secret is worth nothing at once."""
    old = tapauth.clients.create("Reports", client_id="reports")

    operator.act("rotate-secret", "reports", grace="0")

    assert app.test_client().post("/oauth/token", data=grant(old)).status_code == 401


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("grace", "-1", "is no duration"),
        ("grace", "soon", "is no whole number"),
        ("grace", "9" * 5000, "is no whole number"),
        ("secret_expires_at", "tomorrow", "is not a date"),
        ("secret_expires_at", "2001-01-01", "in the past"),
        ("secret_expires_at", "0001-01-01", "out of range"),
    ],
)
def test_a_wrong_value_is_explained_beside_its_field(
    operator: Pages, tapauth: TapAuth, field: str, value: str, words: str
) -> None:
    """The words of RegistrationError, and nothing is changed."""
    tapauth.clients.create("Reports", client_id="reports")

    answer = operator.act("rotate-secret", "reports", **{field: value})

    assert answer.status_code == 400
    start = answer.text.index(f'id="{field}-fault"')
    assert words in answer.text[start : start + 200]
    assert tapauth.events.list(action="secret_rotated") == []


def test_a_client_without_a_secret_has_none_to_rotate(
    operator: Pages, tapauth: TapAuth
) -> None:
    """The page does not offer it, and refuses it where it is posted anyway."""
    tapauth.clients.create(
        "Page",
        client_id="page",
        public=True,
        grant_types=["implicit"],
        redirect_uris=["https://page.example/"],
    )

    assert "Make a new secret" not in operator.get(show("page")).text
    answer = operator.act("rotate-secret", "page")
    assert answer.status_code == 400
    assert "has no secret to rotate" in text_of(answer)


def test_each_act_is_an_event_of_the_operator(
    operator: Pages, tapauth: TapAuth
) -> None:
    """TAPAUTH_AUDIT: the actor is who is signed in, with their address."""
    operator.create(client_id="reports")
    for action in ("rotate-secret", "disable", "enable"):
        operator.act(action, "reports")
    operator.send(
        "/operator/client/delete",
        shown_at="/operator/client/delete?client_id=reports",
        client_id="reports",
    )

    events = tapauth.events.list(client="reports")

    assert [event.action for event in reversed(events)] == [
        "client_registered",
        "secret_rotated",
        "client_disabled",
        "client_enabled",
        "client_deleted",
    ]
    assert {(e.actor, e.address) for e in events} == {("ann", "127.0.0.1")}


def test_events_are_shown_and_searched(operator: Pages, tapauth: TapAuth) -> None:
    """As `events list --client --action`."""
    for name in ("one", "two"):
        tapauth.clients.create(name, client_id=name)
        operator.act("disable", name)
    path = "/operator/events"

    everything = text_of(operator.get(path))
    assert "client_disabled" in everything
    assert "By ann From 127.0.0.1 Client two" in everything
    one = text_of(operator.get(f"{path}?client_id=one&action=client_disabled"))
    assert one.count("client_disabled") == 1
    assert "Client two" not in one
    for query in ("client_id=\0", "action=%00", "client_id=" + "x" * 9999):
        assert operator.get(f"{path}?{query}").status_code == 200


def test_many_events_are_cut(operator: Pages, tapauth: TapAuth) -> None:
    """Fifty at first, and more at a click."""
    tapauth.clients.create("one", client_id="one")
    for _ in range(30):
        tapauth.clients.disable("one")
        tapauth.clients.enable("one")

    page = operator.get("/operator/events?client_id=one")

    assert page.text.count("<time") == 50
    assert "/account/operator/events?client_id=one&amp;action=&amp;more=1" in page.text
    more = operator.get("/operator/events?client_id=one&more=1")
    assert more.text.count("<time") == 61


def test_without_audit_the_page_names_the_setting(
    make_pages: Any, tapauth: TapAuth
) -> None:
    """TAPAUTH_AUDIT is off by default."""
    page = Pages(make_pages(TAPAUTH_AUDIT=False)).get("/operator/events")

    assert page.status_code == 200
    assert "set TAPAUTH_AUDIT to True" in text_of(page)
