"""Operators register a client, and see its secret once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import mapped_column

from flask_tapauth import ClientMixin, TapAuth

from ..app.hosts.conftest import start as start
from .conftest import PATH, Pages, secret_of, text_of

NEW = "/operator/clients/new"


def test_a_client_is_registered(operator: Pages, app: Flask, tapauth: TapAuth) -> None:
    """As `clients create`, with the same arguments."""
    answer = operator.create(
        name="Nightly report",
        client_id="nightly",
        grant_types=["client_credentials", "implicit"],
        scopes=["orders:read", "orders:write"],
        redirect_uris="https://a.example/\r\n https://b.example/ \r\n",
        expires_in="600",
        secret_expires_at="2099-01-31",
        allowed_networks="127.0.0.0/8",
    )

    assert answer.status_code == 200, text_of(answer)
    client = tapauth.clients.get("nightly")
    assert client.client_name == "Nightly report"
    assert client.grant_types == ("client_credentials", "implicit")
    assert client.scopes == ("orders:read", "orders:write")
    assert client.redirect_uris == ("https://a.example/", "https://b.example/")
    assert client.access_token_expires_in == 600
    assert client.secret_expires_at == datetime(2099, 1, 31, tzinfo=UTC).timestamp()
    assert client.allowed_networks == ("127.0.0.0/8",)
    form: Any = {
        "grant_type": "client_credentials",
        "client_id": "nightly",
        "client_secret": secret_of(answer),
    }
    assert app.test_client().post("/oauth/token", data=form).status_code == 200


def test_the_secret_is_shown_once(operator: Pages, tapauth: TapAuth) -> None:
    """In the answer to the form itself: in no URL, no session, no cache, no event."""
    answer = operator.create(client_id="reports")

    secret = secret_of(answer)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Location" not in answer.headers
    for path in ("/operator/client?client_id=reports", "/operator/events", NEW):
        assert secret not in operator.get(path).text
    with operator.http.session_transaction() as kept:
        assert secret not in str(dict(kept))
    assert secret not in str(tapauth.events.list())


def test_a_public_client_has_no_secret(operator: Pages, tapauth: TapAuth) -> None:
    """RFC 6749 §2.1."""
    answer = operator.create(
        client_id="page",
        public="yes",
        grant_types="implicit",
        redirect_uris="https://a.example/",
    )

    assert "is registered" in text_of(answer)
    assert "tapcs_" not in answer.text
    assert "Copy the secret" not in answer.text
    assert tapauth.clients.get("page").is_public


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "a client&#39;s name is a string"),
        ("name", "x" * 256, "a client&#39;s name is a string"),
        ("name", "a\0b", "a client&#39;s name is a string"),
        ("client_id", "taken", "is taken"),
        ("client_id", "é", "visible ASCII"),
        ("client_id", "<script>" * 99, "visible ASCII"),
        ("grant_types", "password", "unknown grant type"),
        ("scopes", "orders:burn", "unknown scope"),
        ("redirect_uris", "http://a.example/", "not https"),
        ("redirect_uris", "https://a.example/ *", "redirect URI"),
        ("expires_in", "soon", "no whole number"),
        ("expires_in", "0", "give more than 0"),
        ("expires_in", "1.5", "no whole number"),
        ("secret_expires_at", "31.1.2099", "is not a date"),
        ("secret_expires_at", "2001-01-01", "in the past"),
        ("allowed_networks", "10.0.0.1/8", "10.0.0.1/8"),
    ],
)
def test_wrong_input_is_explained_beside_its_field(
    operator: Pages, tapauth: TapAuth, field: str, value: str, words: str
) -> None:
    """RegistrationError's words; nothing is registered."""
    tapauth.clients.create("Taken", client_id="taken")

    answer = operator.create(**{field: value})

    assert answer.status_code == 400
    start = answer.text.index(f'id="{field}-fault"')
    assert words in answer.text[start : start + 1500].partition("</p>")[0]
    assert "<script>" not in answer.text
    assert len(tapauth.clients.list()) == 1
    assert "tapcs_" not in answer.text


def test_nothing_that_was_typed_is_lost(operator: Pages) -> None:
    """A person would type it all again."""
    answer = operator.create(
        name='The "report"',
        client_id="nightly",
        public="yes",
        grant_types=["implicit", "refresh_token"],
        scopes="orders:write",
        redirect_uris="http://wrong.example/\nhttps://right.example/",
        expires_in="600",
        secret_expires_at="2099-01-31",
        allowed_networks="127.0.0.0/8",
    )

    page = answer.text
    assert answer.status_code == 400
    assert 'value="The &#34;report&#34;"' in page
    assert 'value="nightly"' in page
    assert 'name="public" value="yes" checked' in page
    assert 'value="implicit" checked' in page
    assert 'value="refresh_token" checked' in page
    assert 'value="client_credentials" checked' not in page
    assert 'value="orders:write" checked' in page
    assert 'value="orders:read" checked' not in page
    assert ">\nhttp://wrong.example/\nhttps://right.example/</textarea>" in page
    assert 'value="600"' in page
    assert 'value="2099-01-31"' in page
    assert ">\n127.0.0.0/8</textarea>" in page


def test_a_field_and_its_fault_belong_together(operator: Pages) -> None:
    """WCAG 3.3.1: a screen reader says the fault with the field."""
    page = operator.create(redirect_uris="http://wrong.example/").text

    start = page.index('<textarea id="redirect_uris"')
    tag = page[start : page.index(">", start)]
    assert 'aria-invalid="true"' in tag
    assert 'aria-describedby="redirect_uris-fault redirect_uris-hint"' in tag
    assert 'role="alert"' in page


def test_without_known_scopes_any_can_be_typed(
    make_pages: Any, tapauth: TapAuth
) -> None:
    """TAPAUTH_SCOPES is None by default."""
    app = make_pages(TAPAUTH_SCOPES=None)
    pages = Pages(app)

    assert 'id="scopes" name="scopes" type="text"' in pages.get(NEW).text
    pages.create(client_id="reports", scopes="stock:read  stock:write")

    with app.app_context():
        scopes = tapauth.clients.get("reports").scopes
    assert scopes == ("stock:read", "stock:write")


def test_a_grant_of_the_hosts_that_replaces_ours_is_offered_once(
    operator: Pages, tapauth: TapAuth
) -> None:
    """`tapauth.server.register_grant`: two boxes of one name would be confusing."""
    tapauth.server.register_grant(AuthorizationCodeGrant)

    assert operator.get(NEW).text.count('value="authorization_code"') == 1


def test_a_column_of_the_hosts_has_a_field(start: Any, db: SQLAlchemy) -> None:
    """A host's model may demand it, as `--set` gives it on the command line."""
    base: Any = db.Model

    class Client(ClientMixin, base):
        owner = mapped_column(sa.String(20), nullable=False)
        seats = mapped_column(sa.Integer)

    tapauth = TapAuth(db=db, client_model=Client)
    app = start(db, tapauth, SECRET_KEY="a key for tests")
    app.register_blueprint(tapauth.pages, url_prefix=PATH)
    person: Any = type("Person", (), {"id": "ann"})()
    tapauth.current_user_loader(lambda: person)
    tapauth.operator(lambda: True)
    pages = Pages(app, None)

    missing = pages.create(client_id="one")
    assert missing.status_code == 400
    assert "column &#39;owner&#39; needs a value" in missing.text
    wrong = pages.create(**{"column-owner": "Ann", "column-seats": "many"})
    assert wrong.status_code == 400
    assert "seats" in text_of(wrong)
    right = {"client_id": "one", "column-owner": "Ann", "column-seats": "3"}
    assert pages.create(**right).status_code == 200

    with app.app_context():
        client: Any = tapauth.clients.get("one")
        assert (client.owner, client.seats) == ("Ann", 3)
    assert "owner Ann seats 3" in text_of(pages.get("/operator/client?client_id=one"))
