"""Consent that was given is remembered, where TAPAUTH_REMEMBER_CONSENT says so."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from flask_tapauth import TapAuth

from ..conftest import Register, Registered, Run
from .conftest import (
    Browser,
    MakeHost,
    Open,
    consent_field,
    fragment,
    refusal,
    register_spa,
)


@pytest.fixture
def app(make_host: MakeHost) -> Flask:
    return make_host(TAPAUTH_REMEMBER_CONSENT=True)


def is_asked(browser: Browser, **changes: str | None) -> bool:
    """Whether the person is shown the page, and gets a token at once if not."""
    answer = browser.ask(**changes)
    if answer.status_code == 200:
        return bool(consent_field(answer))
    assert "access_token" in fragment(answer)
    return False


@pytest.mark.parametrize("scope", ["orders:read", "orders:write", None])
def test_nobody_is_asked_again_for_the_same_or_less(
    browser: Browser, scope: str | None
) -> None:
    """The issue, point 3: remembered per person, client and scopes."""
    browser.allow(scope="orders:write orders:read")

    assert not is_asked(browser, scope=scope)


def test_a_remembered_yes_gives_what_is_asked_for_now(browser: Browser) -> None:
    """RFC 6749 §3.3: less than was allowed, where less is asked for."""
    browser.allow(scope="orders:read orders:write")

    assert fragment(browser.ask(scope="orders:read"))["scope"] == "orders:read"


@pytest.mark.parametrize("scope", ["orders:write", "orders:read orders:write", None])
def test_the_person_is_asked_again_for_more(
    browser: Browser, scope: str | None
) -> None:
    """The issue, point 3: the earlier yes was to less."""
    browser.allow(scope="orders:read")

    assert is_asked(browser, scope=scope)


def test_one_yes_adds_to_another(browser: Browser) -> None:
    """Allowing more, or something else, takes nothing back."""
    browser.allow(scope="orders:read")
    browser.allow(scope="orders:write")

    assert not is_asked(browser, scope="orders:read orders:write")


def test_a_no_leaves_the_earlier_yes(browser: Browser) -> None:
    """The page asked about more; what was allowed stays so."""
    browser.allow(scope="orders:read")
    refused = browser.decide(browser.ask(scope="orders:write"), "deny")

    assert refusal(refused) == "access_denied"
    assert not is_asked(browser, scope="orders:read")
    assert is_asked(browser, scope="orders:write")


def test_the_person_is_asked_again_for_another_resource(
    make_host: MakeHost, tapauth: TapAuth
) -> None:
    """RFC 8707 §3: who may read here may not therefore read there, nor the reverse."""
    there = "https://bank.example/"
    app = make_host(
        TAPAUTH_REMEMBER_CONSENT=True, TAPAUTH_RESOURCES=["https://api.example/", there]
    )
    with app.app_context():
        browser = Browser(app, register_spa(tapauth).client_id)
    browser.sign_in("ann")

    browser.allow(resource=there)
    assert is_asked(browser)

    browser.allow()
    assert is_asked(browser, resource=there)
    assert there in browser.ask(resource=there).text
    assert not is_asked(browser, resource="https://api.example/")


def test_a_no_is_not_remembered(browser: Browser) -> None:
    """The issue, point 3: a person may change their mind, and nothing was given."""
    browser.decide(browser.ask(), "deny")

    assert is_asked(browser)


def test_a_yes_is_one_persons(browser: Browser, open_browser: Open) -> None:
    """The issue, point 3: per person."""
    browser.allow()

    assert is_asked(open_browser("bob"))
    assert not is_asked(open_browser("ann"))


def test_a_yes_is_for_one_client(
    browser: Browser, register: Register, open_browser: Open
) -> None:
    """The issue, point 3: per client."""
    browser.allow()

    assert is_asked(open_browser("ann", register("Other")))


def test_a_client_made_anew_inherits_no_yes(
    browser: Browser, registered: Registered, register: Register, run: Run
) -> None:
    """The contract: deleting a client is for good, even where its id comes back."""
    browser.allow()
    run("clients", "delete", registered.client_id)
    register(client_id=registered.client_id)

    assert is_asked(browser)


def test_nothing_is_left_of_a_deleted_client(
    browser: Browser, registered: Registered, db: SQLAlchemy, run: Run
) -> None:
    """The contract: deleted for good, whether the database cascades or not."""
    browser.allow()
    consents = select(func.count()).select_from(db.metadata.tables["tapauth_consent"])
    assert db.session.scalar(consents) == 1

    run("clients", "delete", registered.client_id)

    assert db.session.scalar(consents) == 0


def test_nothing_is_remembered_by_default(
    make_host: MakeHost, tapauth: TapAuth
) -> None:
    """The contract: remembering is something to ask for."""
    app = make_host()
    with app.app_context():
        browser = Browser(app, register_spa(tapauth).client_id)
    browser.sign_in("ann")
    browser.allow()

    assert is_asked(browser)
