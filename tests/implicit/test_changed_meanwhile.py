"""What changes between the consent page and its answer is not allowed unseen."""

from __future__ import annotations

import pytest
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import Register, Registered, Run
from .conftest import (
    REDIRECT_URI,
    Browser,
    Open,
    error_page,
    fragment,
    refusal,
)


def test_a_client_disabled_meanwhile_gets_nothing(
    browser: Browser, registered: Registered, run: Run
) -> None:
    """The contract: a disabled client is shut out, and is no longer proven."""
    page = browser.ask()
    assert run("clients", "disable", registered.client_id).exit_code == 0

    assert "invalid_client" in error_page(browser.decide(page))


def test_a_client_deleted_meanwhile_gets_nothing(
    browser: Browser, registered: Registered, run: Run
) -> None:
    """The contract: errors before client and redirect URI are proven are a page."""
    page = browser.ask()
    assert run("clients", "delete", registered.client_id).exit_code == 0

    assert "invalid_client" in error_page(browser.decide(page))


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("--scope", "orders:write", "invalid_scope"),
        ("--grant-type", "client_credentials", "unauthorized_client"),
    ],
)
def test_a_client_narrowed_meanwhile_gets_no_more_than_it_may(
    browser: Browser,
    registered: Registered,
    run: Run,
    option: str,
    value: str,
    error: str,
) -> None:
    """RFC 6749 §4.2.2.1: the registration of the moment is what counts."""
    page = browser.ask()
    assert run("clients", "update", registered.client_id, option, value).exit_code == 0

    assert refusal(browser.decide(page)) == error


@pytest.mark.parametrize("sent", [REDIRECT_URI, None])
def test_nobody_is_sent_where_the_page_did_not_say(
    browser: Browser, registered: Registered, run: Run, sent: str | None
) -> None:
    """The issue, point 4: the page says where one will be sent; a new URI is unseen."""
    page = browser.ask(redirect_uri=sent)
    new = ("--redirect-uri", "https://new.example/")
    assert run("clients", "update", registered.client_id, *new).exit_code == 0

    error_page(browser.decide(page))


def test_a_yes_to_nothing_opens_nothing(
    register: Register, open_browser: Open, run: Run
) -> None:
    """The issue, point 4: scopes that a client got after the page are unseen."""
    client = register(scopes=[])
    browser = open_browser("ann", client)
    page = browser.ask(scope=None)
    assert "orders:read" not in page.text
    update = run("clients", "update", client.client_id, "--scope", "orders:read")
    assert update.exit_code == 0

    error_page(browser.decide(page))


def test_scopes_that_the_host_gave_up_are_not_shown_and_not_given(
    browser: Browser, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """The contract: of TAPAUTH_SCOPES alone, as at the token endpoint."""
    db.session.query(tapauth.Client).update({"scopes": ("orders:read", "orders:gone")})
    db.session.commit()

    assert refusal(browser.ask(scope="orders:gone")) == "invalid_scope"
    page = browser.ask(scope=None)
    assert "orders:gone" not in page.text
    assert fragment(browser.decide(page))["scope"] == "orders:read"
