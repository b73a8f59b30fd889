"""With TAPAUTH_REMEMBER_CONSENT, people are not asked again for what they allowed."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, text

from flask_tapauth import TapAuth

from ....conftest import Register
from ..browser import Browser, fragment, open_browser_on, refusal
from ..conftest import MakeHost, Open
from .conftest import is_asked


@pytest.mark.parametrize("scope", ["orders:read", "orders:write", None])
def test_the_person_is_not_asked_again_for_the_same_or_fewer_scopes(
    browser: Browser, scope: str | None
) -> None:
    """People who allowed a client once would see the same page each day."""
    browser.allow(scope="orders:write orders:read")

    assert not is_asked(browser, scope=scope)


def test_a_remembered_consent_gives_the_scopes_requested_now(browser: Browser) -> None:
    """RFC 6749 §3.3: less than was allowed, where less is asked for."""
    browser.allow(scope="orders:read orders:write")

    assert fragment(browser.follow_link(scope="orders:read"))["scope"] == "orders:read"


@pytest.mark.parametrize("scope", ["orders:write", "orders:read orders:write", None])
def test_the_person_is_asked_again_for_more(
    browser: Browser, scope: str | None
) -> None:
    """A client would gain scopes that the person never saw."""
    browser.allow(scope="orders:read")

    assert is_asked(browser, scope=scope)


def test_a_second_consent_adds_to_the_first(browser: Browser) -> None:
    """People would be asked again for what they allowed first."""
    browser.allow(scope="orders:read")
    browser.allow(scope="orders:write")

    assert not is_asked(browser, scope="orders:read orders:write")


def test_denying_more_keeps_the_earlier_consent(browser: Browser) -> None:
    """The page asked only about more scopes."""
    browser.allow(scope="orders:read")
    refused = browser.decide(browser.follow_link(scope="orders:write"), "deny")

    assert refusal(refused) == "access_denied"
    assert not is_asked(browser, scope="orders:read")
    assert is_asked(browser, scope="orders:write")


def test_the_person_is_asked_again_for_another_resource(
    make_host: MakeHost, tapauth: TapAuth
) -> None:
    """RFC 8707 §3: a consent for one API says nothing of another."""
    there = "https://bank.example/"
    app = make_host(
        TAPAUTH_REMEMBER_CONSENT=True, TAPAUTH_RESOURCES=["https://api.example/", there]
    )
    browser = open_browser_on(app, tapauth)

    browser.allow(resource=there)
    assert is_asked(browser)

    browser.allow()
    assert is_asked(browser, resource=there)
    assert there in browser.follow_link(resource=there).text
    assert not is_asked(browser, resource="https://api.example/")


def test_a_denial_is_not_remembered(browser: Browser) -> None:
    """A person who changes their mind must be asked again."""
    browser.decide(browser.follow_link(), "deny")

    assert is_asked(browser)


def test_a_consent_counts_for_one_person(browser: Browser, open_browser: Open) -> None:
    """Bob's data would be opened because Ann allowed it."""
    browser.allow()

    assert is_asked(open_browser("bob"))
    assert not is_asked(open_browser("ann"))


def test_a_consent_counts_for_one_client(
    browser: Browser, register: Register, open_browser: Open
) -> None:
    """A second client would get a token that nobody allowed."""
    browser.allow()

    assert is_asked(open_browser("ann", register("Other")))


def test_nothing_is_remembered_by_default(
    make_host: MakeHost, tapauth: TapAuth
) -> None:
    """TAPAUTH_REMEMBER_CONSENT is False by default."""
    app = make_host()
    browser = open_browser_on(app, tapauth)
    browser.allow()

    assert is_asked(browser)


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:5000/cb",
        "http://localhost/cb",
        "https://127.0.0.1/cb",
        "https://[::1]/cb",
        "https://localhost:8443/cb",
    ],
)
@pytest.mark.parametrize("skips", [False, True], ids=["remembered", "its own"])
def test_people_are_always_asked_for_a_public_client_on_loopback(
    app: Flask, tapauth: TapAuth, uri: str, skips: bool
) -> None:
    """RFC 8252 §8.6: any program on the machine can pretend to be it."""
    browser = open_browser_on(app, tapauth, redirect_uris=[uri], skip_consent=skips)
    browser.allow(redirect_uri=uri)

    assert is_asked(browser, redirect_uri=uri)


def test_a_consent_at_another_app_of_the_database_does_not_count(
    browser: Browser, db: SQLAlchemy
) -> None:
    """RFC 8707 §3: two apps on one database shared what people had allowed."""
    browser.allow()
    db.session.execute(text("UPDATE tapauth_consent SET audience = 'https://b'"))
    db.session.commit()

    assert is_asked(browser)


def test_a_consent_is_remembered_although_its_token_could_not_be_stored(
    browser: Browser, db: SQLAlchemy
) -> None:
    """People would have to answer the same page again after each short outage."""
    page = browser.follow_link()
    failures = [True]

    def fail(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> Any:
        if failures and statement.startswith("INSERT INTO tapauth_token"):
            failures.pop()
            return "SELECT * FROM nowhere", ()
        return statement, parameters

    event.listen(db.engine, "before_cursor_execute", fail, retval=True)

    assert refusal(browser.decide(page)) == "temporarily_unavailable"
    assert not failures
    assert not is_asked(browser)
