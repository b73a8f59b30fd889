"""How a client's registration changes the implicit grant."""

from __future__ import annotations

import pytest

from flask_tapauth import TapAuth

from ...conftest import Register, bearer
from .browser import REDIRECT_URI, Browser, error_page, fragment, refusal, wanted
from .conftest import Open


def test_there_is_never_a_refresh_token(register: Register, open_browser: Open) -> None:
    """RFC 6749 §4.2.2: not even for a client that is registered for that grant."""
    client = register(grant_types=["implicit", "refresh_token"])

    token = fragment(open_browser("ann", client).allow())

    assert "access_token" in token
    assert "refresh_token" not in token


def test_a_client_that_skips_consent_shows_no_page(
    register: Register, open_browser: Open
) -> None:
    """People would be asked whether the host's own page may use their account."""
    browser = open_browser("ann", register(skip_consent=True))

    token = fragment(browser.follow_link())["access_token"]

    assert browser.http.get("/whoami", headers=bearer(token)).get_json()["user_id"] == (
        "ann"
    )


def test_the_hosts_own_client_gets_nothing_before_sign_in(
    register: Register, open_browser: Open
) -> None:
    """RFC 6749 §3.1: a person must sign in, even for the host's own client."""
    answer = open_browser(client=register(skip_consent=True)).follow_link()

    assert answer.headers["Location"].startswith("/login?")


def test_head_issues_no_token(
    register: Register, open_browser: Open, tapauth: TapAuth
) -> None:
    """RFC 9110 §9.2.1: a link checker that sends HEAD would fill the token table."""
    client = register(skip_consent=True)
    browser = open_browser("ann", client)

    answer = browser.http.head(
        "/oauth/authorize", query_string=wanted(client.client_id)
    )

    assert answer.status_code == 405
    assert "Location" not in answer.headers
    assert "HEAD" not in answer.headers["Allow"]
    assert tapauth.tokens.revoke_all(client=client) == 0


@pytest.mark.parametrize("sent", [None, ""])
def test_the_only_redirect_uri_need_not_be_sent(
    browser: Browser, sent: str | None
) -> None:
    """RFC 6749 §3.1.2.3, and §3.1: an empty parameter counts as not sent."""
    assert "access_token" in fragment(browser.allow(redirect_uri=sent))


def test_one_of_several_redirect_uris_must_be_sent(
    register: Register, open_browser: Open
) -> None:
    """RFC 6749 §3.1.2.3: the server must not guess which one is meant."""
    other = "http://127.0.0.1:8000/back?from=oauth"
    browser = open_browser("ann", register(redirect_uris=[REDIRECT_URI, other]))

    assert "invalid_request" in error_page(browser.follow_link(redirect_uri=None))
    assert "access_token" in fragment(browser.allow(redirect_uri=other), other)


def test_a_client_may_carry_its_own_lifetime(
    register: Register, open_browser: Open
) -> None:
    """A client's own token lifetime wins over the app's setting."""
    browser = open_browser("ann", register(expires_in=90))

    assert fragment(browser.allow())["expires_in"] == "90"


def test_a_confidential_client_may_be_registered_for_it(
    register: Register, open_browser: Open
) -> None:
    """RFC 6749 §4.2 is for any client; Authlib's own grant refuses this one."""
    client = register(public=False, grant_types=["client_credentials", "implicit"])

    assert client.client_secret is not None
    assert "access_token" in fragment(open_browser("ann", client).allow())


def test_a_confidential_client_may_not_use_it_otherwise(
    register: Register, open_browser: Open
) -> None:
    """RFC 6749 §4.2.2.1: unauthorized_client, if it is not registered for the grant."""
    client = register(public=False, grant_types=["client_credentials"])

    assert refusal(open_browser("ann", client).follow_link()) == "unauthorized_client"
