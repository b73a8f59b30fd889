"""Errors of the authorization endpoint that the client is sent (RFC 6749 §4.2.2.1)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import Register, Registered
from .browser import (
    Browser,
    consent_field,
    fragment,
    open_browser_on,
    refusal,
    register_spa,
    wanted,
)
from .conftest import MakeHost, Open, Person

SCRIPT = "<script>alert(1)</script>"


@pytest.mark.parametrize("sent", [None, ""])
def test_no_response_type_is_an_invalid_request(
    browser: Browser, sent: str | None
) -> None:
    """RFC 6749 §4.2.2.1: a required parameter is missing."""
    assert refusal(browser.follow_link(response_type=sent)) == "invalid_request"


@pytest.mark.parametrize("more", ["scope=orders:read", "response_type=token", "x=1&x="])
def test_a_repeated_parameter_is_an_invalid_request(
    browser: Browser, registered: Registered, more: str
) -> None:
    """RFC 6749 §3.1: also a parameter that the server does not know."""
    query = urlencode(wanted(registered.client_id))

    assert refusal(browser.follow(f"{query}&{more}")) == "invalid_request"


def test_a_repeated_state_is_not_returned(
    browser: Browser, registered: Registered
) -> None:
    """RFC 6749 §3.1: the server cannot know which of the two is meant."""
    query = urlencode(wanted(registered.client_id))

    told = fragment(browser.follow(f"{query}&state=other"))

    assert told["error"] == "invalid_request"
    assert "state" not in told


@pytest.mark.parametrize("scope", ["orders:read\0", "x" * 4097])
def test_a_nul_byte_or_an_over_long_value_is_an_invalid_request(
    browser: Browser, scope: str
) -> None:
    """NUL bytes and over-long values are a clear error, never a 500."""
    assert refusal(browser.follow_link(scope=scope)) == "invalid_request"


def test_an_error_is_reported_before_anybody_signs_in(open_browser: Open) -> None:
    """RFC 6749 §4.2.2.1: there is nothing to ask the person."""
    assert refusal(open_browser().follow_link(scope="orders:delete")) == "invalid_scope"


def test_a_client_of_other_grants_is_unauthorized(
    register: Register, open_browser: Open
) -> None:
    """RFC 6749 §4.2.2.1: `unauthorized_client`."""
    client = register(public=False, grant_types=["client_credentials"])

    assert refusal(open_browser("ann", client).follow_link()) == "unauthorized_client"


@pytest.mark.parametrize("decision", ["deny", "", "ALLOW", "allow ", "yes", "allow\0"])
def test_every_decision_but_allow_is_access_denied(
    browser: Browser, decision: str
) -> None:
    """RFC 6749 §4.2.2.1: `access_denied`."""
    answer = browser.decide(browser.follow_link(), decision)

    assert refusal(answer) == "access_denied"


def test_a_form_sent_by_no_button_is_access_denied(browser: Browser) -> None:
    """A person who presses Enter somewhere has not said yes."""
    answer = browser.post({"consent": consent_field(browser.follow_link())})

    assert refusal(answer) == "access_denied"


@pytest.mark.parametrize(
    "response_type",
    ["code token", "id_token", "token id_token", "TOKEN", "tökën", SCRIPT],
)
def test_another_response_type_is_unsupported(
    browser: Browser, response_type: str
) -> None:
    """RFC 6749 §4.2.2.1: `unsupported_response_type`, compared exactly."""
    answer = browser.follow_link(response_type=response_type)

    assert refusal(answer) == "unsupported_response_type"
    assert response_type not in fragment(answer)["error_description"].split()


def test_the_grant_is_unsupported_where_the_app_does_not_offer_it(
    make_host: MakeHost, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """A client registered before the grant was switched off gets an error."""
    app = make_host(TAPAUTH_GRANT_TYPES=["client_credentials"])
    with app.app_context():
        client = register_spa(tapauth, public=False, grant_types=["client_credentials"])
        db.session.query(tapauth.Client).update({"grant_types": ("implicit",)})
        db.session.commit()
    browser = Browser(app, client.client_id)
    browser.sign_in("ann")

    assert refusal(browser.follow_link()) == "unsupported_response_type"


@pytest.mark.parametrize(
    "scope", ["orders:delete", "orders:read orders:delete", "unknown", '"', "é", SCRIPT]
)
def test_a_scope_beyond_the_registered_is_invalid(browser: Browser, scope: str) -> None:
    """RFC 6749 §4.2.2.1: `invalid_scope`, whether the scope is known or not."""
    assert refusal(browser.follow_link(scope=scope)) == "invalid_scope"


def test_a_missing_current_user_loader_is_a_server_error(
    make_host: MakeHost, tapauth: TapAuth, caplog: pytest.LogCaptureFixture
) -> None:
    """RFC 6749 §4.2.2.1: `server_error`; the log says what the host must set."""
    browser = open_browser_on(make_host(), tapauth)
    tapauth._people.current_user_loader = None  # as if the host had set none

    assert refusal(browser.follow_link()) == "server_error"
    assert "current_user_loader" in caplog.text


def test_a_missing_login_view_is_a_server_error(
    make_host: MakeHost, tapauth: TapAuth, caplog: pytest.LogCaptureFixture
) -> None:
    """RFC 6749 §4.2.2.1: `server_error`; the log names the setting."""
    browser = open_browser_on(make_host(TAPAUTH_LOGIN_VIEW=None), tapauth, person=None)

    assert refusal(browser.follow_link()) == "server_error"
    assert "TAPAUTH_LOGIN_VIEW" in caplog.text


@pytest.mark.parametrize("user_id", ["", "x" * 256, None])
def test_a_person_without_a_usable_id_is_a_server_error(
    browser: Browser, tapauth: TapAuth, user_id: Any
) -> None:
    """RFC 6749 §4.2.2.1: the client gets `server_error`, and no 500 page."""
    tapauth.current_user_loader(lambda: Person(user_id, "Ann"))

    assert refusal(browser.follow_link()) == "server_error"


@pytest.mark.parametrize("model", ["Token", "Consent"])
def test_an_unreachable_database_is_reported_to_the_client_once_it_is_proven(
    make_host: MakeHost, tapauth: TapAuth, db: SQLAlchemy, model: str
) -> None:
    """RFC 6749 §4.2.2.1: `temporarily_unavailable`, in whatever step it happens."""
    app = make_host(TAPAUTH_REMEMBER_CONSENT=True)
    browser = open_browser_on(app, tapauth)
    page = browser.follow_link()
    with app.app_context():
        tables = db.metadata.tables
        tables[f"tapauth_{model.lower()}"].drop(db.engine)

    assert refusal(browser.decide(page)) == "temporarily_unavailable"


def test_an_unreachable_consent_table_is_reported_to_the_client(
    make_host: MakeHost, tapauth: TapAuth, db: SQLAlchemy
) -> None:
    """RFC 6749 §4.2.2.1: the client is proven before consents are looked up."""
    app = make_host(TAPAUTH_REMEMBER_CONSENT=True)
    browser = open_browser_on(app, tapauth)
    with app.app_context():
        db.metadata.tables["tapauth_consent"].drop(db.engine)

    assert refusal(browser.follow_link()) == "temporarily_unavailable"
