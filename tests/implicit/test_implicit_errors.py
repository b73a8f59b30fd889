"""What the authorization endpoint refuses, and whom it tells (RFC 6749 §4.2.2.1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ..conftest import Register, Registered
from .conftest import (
    Browser,
    MakeHost,
    Open,
    Person,
    consent_field,
    fragment,
    refusal,
    register_spa,
    wanted,
)

SCRIPT = "<script>alert(1)</script>"


def visit(app: Flask, tapauth: TapAuth, person: str | None = "ann") -> Browser:
    with app.app_context():
        browser = Browser(app, register_spa(tapauth).client_id)
    if person is not None:
        browser.sign_in(person)
    return browser


@pytest.mark.parametrize("sent", [None, ""])
def test_no_response_type_is_an_invalid_request(
    browser: Browser, sent: str | None
) -> None:
    """RFC 6749 §4.2.2.1: a required parameter is missing."""
    assert refusal(browser.ask(response_type=sent)) == "invalid_request"


@pytest.mark.parametrize("more", ["scope=orders:read", "response_type=token", "x=1&x="])
def test_a_repeated_parameter_is_an_invalid_request(
    browser: Browser, registered: Registered, more: str
) -> None:
    """RFC 6749 §3.1: a parameter comes once, even one that nobody knows."""
    query = urlencode(wanted(registered.client_id))

    assert refusal(browser.follow(f"{query}&{more}")) == "invalid_request"


def test_a_repeated_state_is_not_told_again(
    browser: Browser, registered: Registered
) -> None:
    """RFC 6749 §3.1: nobody can say which of the two the client means."""
    query = urlencode(wanted(registered.client_id))

    told = fragment(browser.follow(f"{query}&state=other"))

    assert told["error"] == "invalid_request"
    assert "state" not in told


@pytest.mark.parametrize("scope", ["orders:read\0", "x" * 4097])
def test_a_value_that_none_can_have_is_an_invalid_request(
    browser: Browser, scope: str
) -> None:
    """The contract: NUL bytes and over-long values, never 500."""
    assert refusal(browser.ask(scope=scope)) == "invalid_request"


def test_a_fault_is_told_before_anybody_signs_in(open_browser: Open) -> None:
    """RFC 6749 §4.2.2.1: there is nothing to ask the person."""
    assert refusal(open_browser().ask(scope="orders:delete")) == "invalid_scope"


def test_a_client_of_other_grants_is_unauthorized(
    register: Register, open_browser: Open
) -> None:
    """RFC 6749 §4.2.2.1: `unauthorized_client`."""
    client = register(public=False, grant_types=["client_credentials"])

    assert refusal(open_browser("ann", client).ask()) == "unauthorized_client"


@pytest.mark.parametrize("decision", ["deny", "", "ALLOW", "allow ", "yes", "allow\0"])
def test_all_but_a_clear_yes_is_access_denied(browser: Browser, decision: str) -> None:
    """RFC 6749 §4.2.2.1: `access_denied`."""
    answer = browser.decide(browser.ask(), decision)

    assert refusal(answer) == "access_denied"


def test_a_form_sent_by_no_button_is_access_denied(browser: Browser) -> None:
    """A person who presses Enter somewhere has not said yes."""
    answer = browser.post({"consent": consent_field(browser.ask())})

    assert refusal(answer) == "access_denied"


@pytest.mark.parametrize(
    "response_type", ["code", "id_token", "token id_token", "TOKEN", "tökën", SCRIPT]
)
def test_another_response_type_is_unsupported(
    browser: Browser, response_type: str
) -> None:
    """RFC 6749 §4.2.2.1: `unsupported_response_type`, compared exactly."""
    answer = browser.ask(response_type=response_type)

    assert refusal(answer) == "unsupported_response_type"
    assert response_type not in fragment(answer)["error_description"].split()


def test_the_grant_is_unsupported_where_the_app_does_not_offer_it(
    make_host: MakeHost, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """The contract: TAPAUTH_GRANT_TYPES; a client of earlier days is told."""
    app = make_host(TAPAUTH_GRANT_TYPES=["client_credentials"])
    with app.app_context():
        client = register_spa(tapauth, grant_types=["client_credentials"])
        db.session.query(tapauth.Client).update({"grant_types": ("implicit",)})
        db.session.commit()
    browser = Browser(app, client.client_id)
    browser.sign_in("ann")

    assert refusal(browser.ask()) == "unsupported_response_type"


@pytest.mark.parametrize(
    "scope", ["orders:delete", "orders:read orders:delete", "unknown", '"', "é", SCRIPT]
)
def test_a_scope_beyond_the_registered_is_invalid(browser: Browser, scope: str) -> None:
    """RFC 6749 §4.2.2.1: `invalid_scope`, whether the scope is known or not."""
    assert refusal(browser.ask(scope=scope)) == "invalid_scope"


def test_nobody_to_say_who_is_signed_in_is_a_server_error(
    make_host: MakeHost, tapauth: TapAuth, caplog: pytest.LogCaptureFixture
) -> None:
    """RFC 6749 §4.2.2.1: `server_error`; the log tells the host what to do."""
    browser = visit(make_host(), tapauth)
    tapauth._people.current_user_loader = None  # as where the host never gave one

    assert refusal(browser.ask()) == "server_error"
    assert "current_user_loader" in caplog.text


@pytest.mark.parametrize("view", [None, "no.such.view"])
def test_nowhere_to_sign_in_is_a_server_error(
    make_host: MakeHost,
    tapauth: TapAuth,
    caplog: pytest.LogCaptureFixture,
    view: str | None,
) -> None:
    """RFC 6749 §4.2.2.1: `server_error`; the log names the setting."""
    browser = visit(make_host(TAPAUTH_LOGIN_VIEW=view), tapauth, person=None)

    assert refusal(browser.ask()) == "server_error"
    assert "TAPAUTH_LOGIN_VIEW" in caplog.text


@pytest.mark.parametrize("user_id", ["", "x" * 256, None])
def test_a_person_without_a_usable_id_is_a_server_error(
    browser: Browser, tapauth: TapAuth, user_id: Any
) -> None:
    """RFC 6749 §4.2.2.1: `server_error`, not a 500 that tells the client nothing."""
    tapauth.current_user_loader(lambda: Person(user_id, "Ann"))

    assert refusal(browser.ask()) == "server_error"


@pytest.mark.parametrize("model", ["Token", "Consent"])
def test_an_unreachable_database_is_told_to_the_client_after_the_proof(
    make_host: MakeHost, tapauth: TapAuth, db: SQLAlchemy, model: str
) -> None:
    """RFC 6749 §4.2.2.1: `temporarily_unavailable`, in whatever step it happens."""
    app = make_host(TAPAUTH_REMEMBER_CONSENT=True)
    browser = visit(app, tapauth)
    page = browser.ask()
    with app.app_context():
        tables = db.metadata.tables
        tables[f"tapauth_{model.lower()}"].drop(db.engine)

    assert refusal(browser.decide(page)) == "temporarily_unavailable"


def test_an_unreachable_consent_table_is_told_to_the_client(
    make_host: MakeHost, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """RFC 6749 §4.2.2.1: the client is proven before consents are looked up."""
    app = make_host(TAPAUTH_REMEMBER_CONSENT=True)
    browser = visit(app, tapauth)
    with app.app_context():
        db.metadata.tables["tapauth_consent"].drop(db.engine)

    assert refusal(browser.ask()) == "temporarily_unavailable"
