"""The answer to a consent page counts for the person, session and request shown.

The form carries one signed field (RFC 6749 §10.12, RFC 9700 §4.7): nothing but a page
that was shown can be answered.
"""

from __future__ import annotations

import time

import pytest
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from ...conftest import Register, Registered
from .browser import STATE, Browser, consent_field, error_page, fragment, wanted
from .conftest import Open

STALE = "go back to the application and start again"


@pytest.mark.parametrize("field", [None, "", "junk", "a.b.c", "é", "x" * 100_000])
def test_a_missing_or_invented_field_allows_nothing(
    browser: Browser, field: str | None
) -> None:
    """RFC 6749 §10.12: without a page there is nothing to allow."""
    browser.follow_link()
    form = {"decision": "allow", **({} if field is None else {"consent": field})}

    assert STALE in error_page(browser.post(form))


@pytest.mark.parametrize("place", [0, 10, -1])
def test_a_changed_field_allows_nothing(browser: Browser, place: int) -> None:
    """RFC 6749 §10.12: the field is signed, so nobody can change the request in it."""
    field = consent_field(browser.follow_link())
    changed = "A" if field[place] != "A" else "Q"
    spoilt = field[:place] + changed + field[place:][1:]

    answer = browser.post({"decision": "allow", "consent": spoilt})

    assert STALE in error_page(answer)


@pytest.mark.parametrize("salt", ["cookie-session", "itsdangerous"])
def test_a_value_signed_for_another_purpose_allows_nothing(
    app: Flask, browser: Browser, registered: Registered, salt: str
) -> None:
    """The key is the host's too; a session cookie must not pass for a field."""
    assert isinstance(app.secret_key, str)
    signer = URLSafeTimedSerializer(app.secret_key, salt=salt)
    browser.follow_link()
    with browser.http.session_transaction() as session:
        bond = session["_tapauth_bond"]
    field = signer.dumps([bond, "ann", wanted(registered.client_id)])
    assert isinstance(field, str)

    assert STALE in error_page(browser.post({"decision": "allow", "consent": field}))


def test_a_page_can_be_answered_for_ten_minutes(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page left open on a desk could be answered days later by anybody."""
    page = browser.follow_link()
    shown = time.time()

    monkeypatch.setattr(time, "time", lambda: shown + 595)
    assert "access_token" in fragment(browser.decide(page))
    monkeypatch.setattr(time, "time", lambda: shown + 605)
    assert STALE in error_page(browser.decide(page))


def test_the_page_of_another_person_allows_nothing(browser: Browser) -> None:
    """Bob would allow with one click what only Ann has read."""
    page = browser.follow_link()

    browser.sign_in("bob")

    assert STALE in error_page(browser.decide(page))


def test_the_page_of_another_session_allows_nothing(
    browser: Browser, open_browser: Open
) -> None:
    """RFC 6749 §10.12: an attacker could make a person post the attacker's page."""
    page = browser.follow_link()
    other = open_browser("ann")
    other.follow_link()

    assert STALE in error_page(other.decide(page))


def test_a_page_posted_after_sign_out_allows_nothing(browser: Browser) -> None:
    """The next user of the browser would answer for the person who left."""
    page = browser.follow_link()

    browser.sign_out()

    assert STALE in error_page(browser.decide(page))


def test_a_post_from_another_site_allows_nothing(app: Flask, browser: Browser) -> None:
    """RFC 6749 §10.12: browsers send it without the session's cookie (SameSite)."""
    form = {"consent": consent_field(browser.follow_link()), "decision": "allow"}

    answer = app.test_client(use_cookies=False).post("/oauth/authorize", data=form)

    assert STALE in error_page(answer)


@pytest.mark.parametrize("decision", ["allow", "deny"])
def test_parameters_beside_the_field_change_nothing(
    browser: Browser, register: Register, decision: str
) -> None:
    """A page could show one request, and its form allow another."""
    other = register("Other", redirect_uris=["https://evil.example/"])
    page = browser.follow_link()

    answer = browser.decide(
        page,
        decision,
        query=f"client_id={other.client_id}&state=evil&decision=allow&consent=x",
        client_id=other.client_id,
        redirect_uri="https://evil.example/",
        response_type="code",
        scope="orders:read orders:write",
        state="evil",
    )

    told = fragment(answer)
    assert told["state"] == STATE
    assert told.get("scope", "") == ("orders:read" if decision == "allow" else "")


def test_two_open_pages_are_answered_independently(browser: Browser) -> None:
    """A person may have two tabs open."""
    first, second = (
        browser.follow_link(),
        browser.follow_link(scope="orders:write", state="second"),
    )

    assert fragment(browser.decide(first))["scope"] == "orders:read"
    assert fragment(browser.decide(second))["state"] == "second"
