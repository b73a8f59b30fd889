"""Until the client and its redirect URI are proven, the person gets an error page.

RFC 6749 §4.2.2.1: the page must not redirect to an unproven URI.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from ...conftest import Register, Registered
from .browser import REDIRECT_URI, Browser, error_page, wanted
from .conftest import Open

SCRIPT = "<script>alert(1)</script>"


def test_an_unreachable_database_is_reported_to_the_person_before_the_client_is_proven(
    app: Flask, browser: Browser, db: SQLAlchemy
) -> None:
    """Without a database, the page is a 503 with `Retry-After`."""
    db.session.rollback()  # a database waits for transactions that have read a table
    with app.app_context():
        db.drop_all()

    answer = browser.follow_link()

    assert "temporarily_unavailable" in error_page(answer, status=503)
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": None},
        {"client_id": ""},
        {"client_id": "unknown"},
        {"client_id": SCRIPT},
        {"client_id": "ünknown"},
        {"client_id": "x" * 5000},
        {"client_id": "nul\0"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": f"{REDIRECT_URI}?{SCRIPT}"},
        {"redirect_uri": "javascript:alert(1)", "response_type": "code"},
        {"redirect_uri": "https://evil.example/", "response_type": None},
        {"redirect_uri": "https://evil.example/", "scope": "unknown"},
    ],
)
def test_an_unproven_request_is_not_redirected(
    browser: Browser, changes: dict[str, str | None]
) -> None:
    """RFC 6749 §4.1.2.1: an error page, on which what was sent is escaped."""
    page = error_page(browser.follow_link(**changes))

    assert "<script" not in page
    assert "evil.example" not in page


@pytest.mark.parametrize("query", ["", "%", "%FF=1", "client_id=%FF", "a=b&" * 200])
def test_an_unreadable_query_is_reported_to_the_person(
    browser: Browser, query: str
) -> None:
    """Bad encoding and too many parameters are a 400, never a 500."""
    assert "invalid_client" in error_page(browser.follow(query))


def test_a_query_in_another_encoding_is_refused(
    browser: Browser, registered: Registered
) -> None:
    """A wrongly decoded `state` would come back changed."""
    query = urlencode(wanted(registered.client_id, state=None))

    error_page(browser.follow(f"{query}&state=%E9"))


def test_a_repeated_client_id_is_refused(
    browser: Browser, registered: Registered
) -> None:
    """RFC 6749 §3.1: the server must use neither the first nor the last."""
    query = urlencode(wanted(registered.client_id))

    error_page(browser.follow(f"{query}&client_id={registered.client_id}"))


def test_plain_http_is_reported_to_the_person(
    app: Flask, registered: Registered
) -> None:
    """Over plain HTTP, the page names the setting and the header to fix."""
    browser = Browser(app, registered.client_id, base_url="http://shop.example")

    assert "TAPAUTH_REQUIRE_HTTPS" in error_page(browser.follow_link())


@pytest.mark.parametrize("public", [True, False], ids=["public", "confidential"])
def test_an_expired_client_is_reported_to_the_person(
    register: Register,
    open_browser: Open,
    expire: Callable[[str], None],
    public: bool,
) -> None:
    """RFC 7591 §3.2.1: people would be asked to trust a client that was shut out."""
    client = register(public=public, grant_types=["implicit"])
    expire(client.client_id)

    assert "invalid_client" in error_page(open_browser("ann", client).follow_link())
