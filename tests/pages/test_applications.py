"""Connected applications: what a person sees, and takes back."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import bearer
from ..server.implicit.browser import open_browser_on
from .conftest import MakePages, Pages, text_of

PAGE = "/applications"


def test_a_person_sees_what_their_tokens_may_do(
    app: Flask, bob: Pages, tapauth: TapAuth
) -> None:
    """how-to/app/pages: active tokens of this person, by client, with descriptions."""
    mobile = tapauth.clients.create("Mobile", scopes="orders:read orders:write")
    tapauth.tokens.issue(mobile, user_id="bob", scopes="orders:read")
    tapauth.tokens.issue(mobile, user_id="bob", scopes="orders:write")
    hers = tapauth.clients.create("Of Ann", scopes="orders:read")
    tapauth.tokens.issue(hers, user_id="ann")
    machine = tapauth.clients.create("Machine")
    tapauth.tokens.issue(machine)

    text = text_of(bob.get(PAGE))

    assert "Mobile It may See your orders orders:read Change your orders" in text
    assert text.count("Take back") == 1
    assert "Of Ann" not in text
    assert "Machine" not in text


def test_a_remembered_consent_without_a_token_is_listed(
    make_pages: MakePages, tapauth: TapAuth
) -> None:
    """The client would get a token without a question (TAPAUTH_REMEMBER_CONSENT)."""
    app = make_pages(TAPAUTH_REMEMBER_CONSENT=True)
    open_browser_on(app, tapauth, "bob").allow()
    with app.app_context():
        tapauth.tokens.revoke_all(user_id="bob")

    text = text_of(Pages(app, "bob").get(PAGE))

    assert "Explorer It may See your orders orders:read" in text


def test_a_client_that_is_a_url_is_shown_with_its_host(
    make_pages: MakePages, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """how-to/clients/client-id-metadata: anybody can publish the name of another."""
    app = make_pages(TAPAUTH_CLIENT_ID_METADATA=True)
    url = "https://evil.example/client.json"
    with app.app_context():
        for client_id in ("mobile", "fake"):
            tapauth.clients.create("Mobile", client_id=client_id)
        tapauth.clients.get("fake").client_id = url
        db.session.commit()
        for client_id in ("mobile", url):
            tapauth.tokens.issue(client_id, user_id="bob")

    text = text_of(Pages(app, "bob").get(PAGE))

    assert text.count("Mobile") == 2
    assert text.count("It is an application of evil.example .") == 1


def test_tokens_that_open_nothing_are_not_listed(
    app: Flask, bob: Pages, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """Revoked, expired, or of a disabled client: it cannot act for anybody."""
    for name in ("revoked", "disabled", "expired"):
        client = tapauth.clients.create(name, client_id=name)
        tapauth.tokens.issue(client, user_id="bob")
    tapauth.tokens.revoke_all(client="revoked")
    tapauth.clients.disable("disabled")
    token: Any = tapauth.Token
    expired = tapauth.clients.get("expired")
    db.session.execute(
        db.update(token).where(token.client_pk == expired.id).values(expires_at=1)
    )
    db.session.commit()

    assert "No application may act for you." in text_of(bob.get(PAGE))


def test_a_person_takes_back_what_a_client_may_do(
    app: Flask, bob: Pages, tapauth: TapAuth
) -> None:
    """how-to/app/pages: its tokens end, and those of others go on."""
    tokens = {}
    for name in ("first", "second"):
        client = tapauth.clients.create(name, client_id=name)
        issued = tapauth.tokens.issue(client, user_id="bob")
        tokens[name] = issued["access_token"]

    answer = bob.send("/applications/revoke", shown_at=PAGE, client_id="first")

    assert answer.status_code == 303
    assert answer.headers["Location"] == "/account/applications"
    page = text_of(bob.get(PAGE))
    assert "can no longer act for you" in page
    assert "first" not in page
    assert "can no longer act for you" not in text_of(bob.get(PAGE))
    http = app.test_client()
    assert http.get("/whoami", headers=bearer(tokens["first"])).status_code == 401
    assert http.get("/whoami", headers=bearer(tokens["second"])).status_code == 200


def test_a_taken_back_consent_is_asked_for_again(
    make_pages: MakePages, tapauth: TapAuth
) -> None:
    """The remembered consent ends too."""
    app = make_pages(TAPAUTH_REMEMBER_CONSENT=True)
    browser = open_browser_on(app, tapauth, "bob")
    browser.allow()
    assert browser.follow_link().status_code == 302

    pages = Pages(app, "bob")
    pages.send("/applications/revoke", shown_at=PAGE, client_id=browser.client_id)

    assert browser.follow_link().status_code == 200


def test_nobody_takes_back_what_another_person_allowed(
    app: Flask, bob: Pages, tapauth: TapAuth
) -> None:
    """The person is the signed-in one, whatever the form says."""
    client = tapauth.clients.create("Shared", client_id="shared")
    tapauth.tokens.issue(client, user_id="bob")
    hers = tapauth.tokens.issue(client, user_id="ann")["access_token"]

    bob.send("/applications/revoke", shown_at=PAGE, client_id="shared", user_id="ann")

    assert app.test_client().get("/whoami", headers=bearer(hers)).status_code == 200


@pytest.mark.parametrize("client_id", ["", "unknown", "é", "\0", "x" * 9999])
def test_a_client_that_is_not_there_is_taken_back_already(
    bob: Pages, tapauth: TapAuth, client_id: str
) -> None:
    """It was deleted in the meantime, or the form is invented: never a 500."""
    client = tapauth.clients.create("Mobile")
    tapauth.tokens.issue(client, user_id="bob")

    path = "/applications/revoke"
    answer = bob.send(path, shown_at=PAGE, client_id=client_id)

    assert answer.status_code == 303
    assert "Mobile" in text_of(bob.get(PAGE))


def test_what_is_taken_back_is_an_event_of_the_person(
    app: Flask, bob: Pages, tapauth: TapAuth
) -> None:
    """TAPAUTH_AUDIT: the signed-in person is the actor."""
    client = tapauth.clients.create("Mobile", client_id="mobile")
    tapauth.tokens.issue(client, user_id="bob")

    bob.send("/applications/revoke", shown_at=PAGE, client_id="mobile")

    [event] = tapauth.events.list(action="token_revoked")
    assert (event.actor, event.client_id, event.user_id) == ("bob", "mobile", "bob")
    assert (event.address, event.reason) == ("127.0.0.1", "consent")
