"""A person's browser and a client, which go through the code grant together."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_tapauth import RegisteredClient

from ...conftest import bearer

CALLBACK = "https://page.example/cb"
VERIFIER = "a-verifier-of-forty-three-characters-or-more"
ISSUER = "http://localhost"


@dataclass
class Flow:
    """A registered client, and the browser of the person who is signed in."""

    app: Flask
    client: RegisteredClient

    def __post_init__(self) -> None:
        self.http: FlaskClient = self.app.test_client()

    def asked(self, **changes: str | None) -> dict[str, str]:
        """Return the parameters of a valid authorization request (RFC 7636 §4.3)."""
        parameters = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": CALLBACK,
            "scope": "orders:read",
            "state": "kept & safe",
            "code_challenge": create_s256_code_challenge(VERIFIER),
            "code_challenge_method": "S256",
            **changes,
        }
        return {name: value for name, value in parameters.items() if value is not None}

    def ask(self, **changes: str | None) -> TestResponse:
        return self.http.get("/oauth/authorize", query_string=self.asked(**changes))

    def decide(self, page: TestResponse, decision: str = "allow") -> TestResponse:
        """Press a button of the consent page."""
        found = re.search(r'name="consent" value="(.*?)"', page.text)
        assert found is not None, page.text
        form = {"consent": html.unescape(found[1]), "decision": decision}
        return self.http.post("/oauth/authorize", data=form)

    def allow(self, **changes: str | None) -> TestResponse:
        return self.decide(self.ask(**changes))

    def get_code(self, **changes: str | None) -> str:
        return told(self.allow(**changes))["code"]

    def exchange(self, code: str | None, **changes: str | None) -> TestResponse:
        """Send a code to the token endpoint (RFC 6749 §4.1.3)."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client.client_id,
            "client_secret": self.client.client_secret,
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
            **changes,
        }
        sent = {name: value for name, value in form.items() if value is not None}
        return self.http.post("/oauth/token", data=sent)

    def refusal(self, code: str | None, **changes: str | None) -> tuple[int, str]:
        answer = self.exchange(code, **changes)
        return answer.status_code, answer.get_json().get("error")

    def tokens(self, code: str, **changes: str | None) -> dict[str, Any]:
        answer = self.exchange(code, **changes)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.get_json()
        return tokens

    def renew(self, refresh_token: str) -> TestResponse:
        return self.exchange(
            None, grant_type="refresh_token", refresh_token=refresh_token
        )

    def opens(self, token: str) -> bool:
        return self.http.get("/whoami", headers=bearer(token)).status_code == 200


def told(answer: TestResponse, uri: str = CALLBACK) -> dict[str, str]:
    """Return the parameters that a client is sent in the query (RFC 6749 §4.1.2)."""
    assert answer.status_code == 302, answer.text
    target, _, query = answer.headers["Location"].partition("?")
    assert target == uri
    assert not urlsplit(answer.headers["Location"]).fragment
    pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)
