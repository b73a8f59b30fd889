"""A consent does not count for what changed after the page was shown."""

from __future__ import annotations

from typing import Any

import pytest
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import Register, Registered, Run
from .browser import REDIRECT_URI, Browser, error_page, fragment, refusal
from .conftest import Open


def test_a_client_disabled_meanwhile_gets_nothing(
    browser: Browser, registered: Registered, run: Run
) -> None:
    """A disabled client must not even learn that the person answered."""
    page = browser.follow_link()
    assert run("clients", "disable", registered.client_id).exit_code == 0

    assert "invalid_client" in error_page(browser.decide(page))


def test_a_client_deleted_meanwhile_gets_nothing(
    browser: Browser, registered: Registered, run: Run
) -> None:
    """RFC 6749 §4.1.2.1: no redirect to a URI that is no longer registered."""
    page = browser.follow_link()
    assert run("clients", "delete", registered.client_id).exit_code == 0

    assert "invalid_client" in error_page(browser.decide(page))


@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"scopes": ("orders:write",)}, "invalid_scope"),
        ({"grant_types": ("refresh_token",)}, "unauthorized_client"),
    ],
)
def test_a_client_narrowed_meanwhile_gets_no_more_than_it_may(
    browser: Browser,
    tapauth: TapAuth,
    db: SQLAlchemy,
    columns: dict[Any, Any],
    error: str,
) -> None:
    """RFC 6749 §4.2.2.1: the registration of the moment is what counts."""
    page = browser.follow_link()
    db.session.query(tapauth.Client).update(columns)
    db.session.commit()

    assert refusal(browser.decide(page)) == error


@pytest.mark.parametrize("sent", [REDIRECT_URI, None])
def test_nobody_is_sent_to_an_address_that_the_page_did_not_show(
    browser: Browser, registered: Registered, run: Run, sent: str | None
) -> None:
    """The person would be sent to an address that the page did not show."""
    page = browser.follow_link(redirect_uri=sent)
    new = ("--redirect-uri", "https://new.example/")
    assert run("clients", "update", registered.client_id, *new).exit_code == 0

    error_page(browser.decide(page))


def test_a_page_without_scopes_allows_none_that_were_added_later(
    register: Register, open_browser: Open, run: Run
) -> None:
    """The person never saw the scopes that the client gained after the page."""
    client = register(scopes=[])
    browser = open_browser("ann", client)
    page = browser.follow_link(scope=None)
    assert "orders:read" not in page.text
    update = run("clients", "update", client.client_id, "--scope", "orders:read")
    assert update.exit_code == 0

    error_page(browser.decide(page))


def test_scopes_that_the_host_gave_up_are_not_shown_and_not_given(
    browser: Browser, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """A scope that left TAPAUTH_SCOPES meanwhile is `invalid_scope`."""
    db.session.query(tapauth.Client).update({"scopes": ("orders:read", "orders:gone")})
    db.session.commit()

    assert refusal(browser.follow_link(scope="orders:gone")) == "invalid_scope"
    page = browser.follow_link(scope=None)
    assert "orders:gone" not in page.text
    assert fragment(browser.decide(page))["scope"] == "orders:read"
