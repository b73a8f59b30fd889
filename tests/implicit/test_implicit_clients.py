"""What a client's registration means to the implicit grant."""

from __future__ import annotations

import pytest

from ..conftest import Register, bearer
from .conftest import (
    REDIRECT_URI,
    Browser,
    Open,
    error_page,
    fragment,
    refusal,
)


def test_there_is_never_a_refresh_token(register: Register, open_browser: Open) -> None:
    """RFC 6749 §4.2.2: not even for a client that is registered for that grant."""
    client = register(grant_types=["implicit", "refresh_token"])

    token = fragment(open_browser("ann", client).allow())

    assert "access_token" in token
    assert "refresh_token" not in token


def test_the_hosts_own_client_asks_nobody(
    register: Register, open_browser: Open
) -> None:
    """The issue, point 3: a client with `skip_consent` gets its token at once."""
    browser = open_browser("ann", register(skip_consent=True))

    token = fragment(browser.ask())["access_token"]

    assert browser.http.get("/whoami", headers=bearer(token)).get_json()["user_id"] == (
        "ann"
    )


def test_the_hosts_own_client_gets_nothing_before_sign_in(
    register: Register, open_browser: Open
) -> None:
    """RFC 6749 §3.1: the person is known first, whoever the client is."""
    answer = open_browser(client=register(skip_consent=True)).ask()

    assert answer.headers["Location"].startswith("/login?")


@pytest.mark.parametrize("sent", [None, ""])
def test_the_only_redirect_uri_need_not_be_sent(
    browser: Browser, sent: str | None
) -> None:
    """RFC 6749 §3.1.2.3, and §3.1: an empty parameter counts as not sent."""
    assert "access_token" in fragment(browser.allow(redirect_uri=sent))


def test_one_of_several_redirect_uris_must_be_sent(
    register: Register, open_browser: Open
) -> None:
    """RFC 6749 §3.1.2.3: nobody guesses which."""
    other = "http://127.0.0.1:8000/back?from=oauth"
    browser = open_browser("ann", register(redirect_uris=[REDIRECT_URI, other]))

    assert "invalid_request" in error_page(browser.ask(redirect_uri=None))
    assert "access_token" in fragment(browser.allow(redirect_uri=other), other)


def test_a_client_may_carry_its_own_lifetime(
    register: Register, open_browser: Open
) -> None:
    """The contract: a client's lifetime goes before the app's."""
    browser = open_browser("ann", register(expires_in=90))

    assert fragment(browser.allow())["expires_in"] == "90"


def test_a_confidential_client_may_be_registered_for_it(
    register: Register, open_browser: Open
) -> None:
    """The issue, point 4: Authlib's own grant is for public clients alone."""
    client = register(public=False, grant_types=["client_credentials", "implicit"])

    assert client.client_secret is not None
    assert "access_token" in fragment(open_browser("ann", client).allow())


def test_a_confidential_client_may_not_use_it_otherwise(
    register: Register, open_browser: Open
) -> None:
    """The issue, point 4: only if registered for it."""
    client = register(public=False, grant_types=["client_credentials"])

    assert refusal(open_browser("ann", client).ask()) == "unauthorized_client"
