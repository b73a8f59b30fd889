"""The implicit grant, when nothing goes wrong (RFC 6749 §4.2)."""

from __future__ import annotations

import html
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from oauthlib.oauth2 import (  # type: ignore[import-untyped,unused-ignore]
    MobileApplicationClient,
)
from requests_oauthlib import (  # type: ignore[import-untyped,unused-ignore]
    OAuth2Session,
)

from flask_tapauth import TapAuth

from ...conftest import Registered, bearer
from .browser import (
    ISSUER,
    REDIRECT_URI,
    STATE,
    Browser,
    fragment,
    refusal,
    register_spa,
    wanted,
)
from .conftest import MakeHost, Open


def test_a_signed_out_person_signs_in_and_comes_back_to_the_same_request(
    open_browser: Open, registered: Registered
) -> None:
    """After sign-in, the person would have to start again in the application."""
    browser = open_browser()

    answer = browser.follow_link()

    assert answer.status_code == 302
    login = urlsplit(answer.headers["Location"])
    assert (login.netloc, login.path) in {("", "/login"), ("localhost", "/login")}
    [back] = parse_qs(login.query, strict_parsing=True)["next"]
    assert back.startswith("/oauth/authorize?")
    assert {
        name: value for name, [value] in parse_qs(back.partition("?")[2]).items()
    } == wanted(registered.client_id)
    returned = browser.sign_in("ann", back).headers["Location"]
    page = browser.follow(returned.partition("?")[2])
    assert fragment(browser.decide(page))["state"] == STATE


def test_allowing_sends_the_client_its_token_in_the_fragment(browser: Browser) -> None:
    """RFC 6749 §4.2.2 and RFC 9207 §2: the answer, member by member."""
    token = fragment(browser.allow())

    assert token.pop("access_token").startswith("tapat_")
    assert token == {
        "token_type": "Bearer",
        "expires_in": "3600",
        "scope": "orders:read",
        "state": STATE,
        "iss": ISSUER,
    }


def test_the_token_opens_a_view_in_the_persons_name(
    browser: Browser, registered: Registered
) -> None:
    """`current_token.user_id` is the person who allowed the client."""
    headers = bearer(fragment(browser.allow())["access_token"])

    assert browser.http.get("/orders", headers=headers).status_code == 200
    assert browser.http.get("/whoami", headers=headers).get_json() == {
        "client_id": registered.client_id,
        "user_id": "ann",
        "scopes": ["orders:read"],
    }


def test_denying_sends_the_client_no_token(browser: Browser) -> None:
    """RFC 6749 §4.2.2.1: `access_denied`, without anything else."""
    assert refusal(browser.decide(browser.follow_link(), "deny")) == "access_denied"


def test_state_is_left_out_where_none_was_sent(browser: Browser) -> None:
    """RFC 6749 §4.2.2: `state` is in the answer only if it was in the request."""
    assert "state" not in fragment(browser.allow(state=None))


@pytest.mark.parametrize("sent", [None, ""])
def test_scope_is_everything_registered_by_default(
    browser: Browser, sent: str | None
) -> None:
    """RFC 6749 §3.3: the page lists what the token opens, in the host's words."""
    page = browser.follow_link(scope=sent)

    text = html.unescape(page.text)
    for words in ("orders:read", "See your orders", "orders:write", "Change your"):
        assert words in text
    assert "orders:delete" not in text
    assert fragment(browser.decide(page))["scope"] == "orders:read orders:write"


def test_the_page_lists_what_was_asked_for_and_no_more(browser: Browser) -> None:
    """RFC 6749 §3.3: a client may ask for less than it is registered with."""
    page = browser.follow_link(scope="orders:write")

    assert "Change your orders" in page.text
    assert "orders:read" not in page.text
    assert fragment(browser.decide(page))["scope"] == "orders:write"


def test_requests_oauthlib_reads_the_answer(
    browser: Browser, registered: Registered
) -> None:
    """Applications built on requests-oauthlib parse the response, state included."""
    mobile: Any = MobileApplicationClient(registered.client_id)
    with OAuth2Session(
        client=mobile, redirect_uri=REDIRECT_URI, scope=["orders:read"]
    ) as session:
        url, _ = session.authorization_url("https://localhost/oauth/authorize")
        answer = browser.decide(browser.follow(urlsplit(url).query))

        token = session.token_from_fragment(answer.headers["Location"])

    assert (token["token_type"], list(token["scope"])) == ("Bearer", ["orders:read"])
    headers = bearer(token["access_token"])
    assert browser.http.get("/orders", headers=headers).status_code == 200


def test_an_app_under_a_prefix_keeps_it_in_every_address(
    app: Flask, registered: Registered
) -> None:
    """WSGI's SCRIPT_NAME: the login view, the way back, the form and the issuer."""
    browser = Browser(app, registered.client_id, base_url="http://localhost/shop")

    login = urlsplit(browser.follow_link().headers["Location"])
    [back] = parse_qs(login.query)["next"]
    browser.sign_in("ann")
    page = browser.follow_link()

    assert login.path == "/shop/login"
    assert back.startswith("/shop/oauth/authorize?")
    assert 'action="/shop/oauth/authorize"' in page.text
    assert fragment(browser.decide(page))["iss"] == "http://localhost/shop"


def test_the_issuer_is_the_settings_where_there_is_one(
    make_host: MakeHost, tapauth: TapAuth
) -> None:
    """RFC 9207 §2.4: clients compare it with the issuer they know."""
    app = make_host(TAPAUTH_ISSUER="https://login.example/a&b=%41+c")
    with app.app_context():
        client = register_spa(tapauth, skip_consent=True)
    browser = Browser(app, client.client_id)
    browser.sign_in("ann")

    assert fragment(browser.follow_link())["iss"] == "https://login.example/a&b=%41+c"
