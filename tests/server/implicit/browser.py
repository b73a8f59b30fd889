"""A browser application, a person's browser, and what a client is sent."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Flask
from werkzeug.test import TestResponse

from flask_tapauth import RegisteredClient, TapAuth

REDIRECT_URI = "https://spa.example/callback"
ISSUER = "http://localhost"
STATE = '&#"+ é%41;=<x>'
"""What a client may send as state; each answer has it again, character by character."""


def register_spa(
    tapauth: TapAuth, name: str = "Explorer", **changes: Any
) -> RegisteredClient:
    defaults = {
        "public": True,
        "grant_types": ["implicit"],
        "redirect_uris": [REDIRECT_URI],
        "scopes": ["orders:read", "orders:write"],
    }
    return tapauth.clients.create(name, **{**defaults, **changes})


@dataclass
class Browser:
    """A person's browser, with cookies of its own."""

    app: Flask
    client_id: str
    base_url: str = ISSUER

    def __post_init__(self) -> None:
        self.http = self.app.test_client()

    def sign_in(self, person: str, to: str = "/") -> TestResponse:
        form = {"person": person, "next": to}
        return self.http.post("/login", data=form, base_url=self.base_url)

    def sign_out(self) -> None:
        self.http.post("/logout")

    def follow_link(self, **changes: str | None) -> TestResponse:
        """Follow a client's link to the authorization endpoint."""
        return self.follow(urlencode(wanted(self.client_id, **changes)))

    def follow(self, query: str) -> TestResponse:
        return self.http.get(f"/oauth/authorize?{query}", base_url=self.base_url)

    def decide(
        self, page: TestResponse, decision: str = "allow", query: str = "", **more: str
    ) -> TestResponse:
        """Press a button of the consent page."""
        form = {"consent": consent_field(page), "decision": decision, **more}
        return self.post(form, query)

    def post(self, form: dict[str, str], query: str = "") -> TestResponse:
        path = f"/oauth/authorize{query and '?' + query}"
        return self.http.post(path, data=form, base_url=self.base_url)

    def allow(self, **changes: str | None) -> TestResponse:
        """Follow the client's link, and press Allow."""
        return self.decide(self.follow_link(**changes))


def open_browser_on(
    host: Flask, tapauth: TapAuth, person: str | None = "ann", **client: Any
) -> Browser:
    """Register a browser application, and open a browser for it.

    :param person: signs in, unless it is None.
    :param client: arguments of :func:`register_spa`.
    """
    with host.app_context():
        browser = Browser(host, register_spa(tapauth, **client).client_id)
    if person is not None:
        browser.sign_in(person)
    return browser


def wanted(client_id: str, /, **changes: str | None) -> dict[str, str]:
    """Return the parameters of a valid authorization request (RFC 6749 §4.2.1)."""
    parameters = {
        "response_type": "token",
        "client_id": client_id,
        "redirect_uri": REDIRECT_URI,
        "scope": "orders:read",
        "state": STATE,
        **changes,
    }
    return {name: value for name, value in parameters.items() if value is not None}


def consent_field(page: TestResponse) -> str:
    assert page.status_code == 200, page.text
    found = re.search(r'<input type="hidden" name="consent" value="(.*?)">', page.text)
    assert found is not None, page.text
    return html.unescape(found[1])


def fragment(answer: TestResponse, uri: str = REDIRECT_URI) -> dict[str, str]:
    """Return the parameters that a client is sent (RFC 6749 §4.2.2)."""
    assert answer.status_code == 302, answer.text
    target, _, text = answer.headers["Location"].partition("#")
    assert target == uri
    pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    told = dict(pairs)
    assert len(told) == len(pairs)
    return told


def refusal(answer: TestResponse, uri: str = REDIRECT_URI) -> str:
    """Return the error that a client is sent; assert what must be with it."""
    told = fragment(answer, uri)
    assert told.keys() <= {"error", "error_description", "state", "iss"}
    assert (told["state"], told["iss"]) == (STATE, ISSUER)
    assert re.fullmatch(
        r"[\x20-\x21\x23-\x5b\x5d-\x7e]*", told.get("error_description", "")
    )
    return told["error"]


def error_page(answer: TestResponse, status: int = 400) -> str:
    """Return the text of an error page; assert that it sends nobody anywhere."""
    assert answer.status_code == status, answer.headers
    assert answer.mimetype == "text/html"
    assert "Location" not in answer.headers
    assert "Refresh" not in answer.headers
    assert "<form" not in answer.text
    return answer.text
