"""What a document must say, and must not say."""

from __future__ import annotations

from typing import Any

import pytest

from flask_tapauth import TapAuth

from ..authorization_code.flow import CALLBACK, Flow
from ..implicit.browser import error_page
from ..private_key_jwt.key_server import KeyServer, http_answer
from ..private_key_jwt.signers import key_set, signer
from .conftest import JSON, Publish

SECRET_METHODS = ["client_secret_basic", "client_secret_post", "client_secret_jwt"]
KEYS = key_set(signer())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"client_id": ...}, "client_id is not its URL"),
        ({"client_id": "https://127.0.0.1/other.json"}, "client_id is not its URL"),
        ({"client_id": ["x"]}, "client_id is not its URL"),
        ({"client_name": ...}, "no client_name"),
        ({"client_name": ""}, "no client_name"),
        ({"client_name": "a\nb"}, "client_name cannot"),
        ({"client_name": "n" * 256}, "client_name cannot"),
        ({"client_name": {"en": "x"}}, "client_name cannot"),
        ({"client_name": "\ud800"}, "client_name cannot"),
        ({"redirect_uris": ...}, "no redirect_uris"),
        ({"redirect_uris": []}, "no redirect_uris"),
        ({"redirect_uris": CALLBACK}, "not a list"),
        ({"redirect_uris": {CALLBACK: 1}}, "not a list"),
        ({"redirect_uris": [None, 1, {}]}, "no redirect URI that"),
        ({"redirect_uris": ["http://page.example/cb"]}, "no redirect URI that"),
        ({"redirect_uris": ["javascript:alert(1)"]}, "no redirect URI that"),
        ({"redirect_uris": ["https://*.page.example/cb"]}, "no redirect URI that"),
        ({"client_secret": "shared"}, "has client_secret"),
        ({"client_secret": None}, "has client_secret"),
        ({"client_secret_expires_at": 0}, "has client_secret_expires_at"),
        *(
            ({"token_endpoint_auth_method": method}, "token_endpoint_auth_method")
            for method in [*SECRET_METHODS, "tls_client_auth", 1, None, ["none"]]
        ),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "needs jwks"),
        ({"grant_types": ["client_credentials"]}, "grant_types"),
        ({"grant_types": []}, "grant_types"),
        ({"grant_types": "authorization_code"}, "grant_types"),
    ],
)
def test_a_document_that_breaks_a_rule_is_refused(
    flow: Flow,
    publish: Publish,
    server: KeyServer,
    changes: dict[str, Any],
    fault: str,
) -> None:
    """Draft §4.1: the page says what is wrong, and sends nobody anywhere."""
    publish(**changes)

    assert fault in error_page(flow.ask()).replace("&#39;", "'")


@pytest.mark.parametrize(
    ("changes", "member"),
    [
        ({"jwks": signer().private and {"keys": [signer().private]}}, "jwks"),
        ({"jwks": {"keys": []}}, "jwks"),
        ({"jwks": "{}"}, "jwks"),
        ({"jwks": []}, "jwks"),
        ({"jwks_uri": 1}, "jwks_uri"),
        ({"jwks_uri": "http://keys.example/"}, "jwks_uri"),
        ({"jwks_uri": "https://127.0.0.1/"}, "jwks_uri"),
        ({"jwks_uri": "https://169.254.169.254/latest"}, "jwks_uri"),
        ({"jwks": KEYS, "jwks_uri": "https://keys.example/"}, "jwks_uri"),
    ],
)
@pytest.mark.parametrize("method", ["private_key_jwt", ...])
def test_keys_that_cannot_be_used_are_refused(
    flow: Flow, publish: Publish, changes: dict[str, Any], member: str, method: Any
) -> None:
    """Draft §6.2, RFC 7591 §2: keys are public, in one place, on a public host."""
    publish(**changes, token_endpoint_auth_method=method)

    assert f"its {member}" in error_page(flow.ask())


@pytest.mark.parametrize(
    "body",
    [b"", b"nonsense", b"[]", b'"x"', b"null", b"1", b"\xff", b"[" * 5000, b"{}"],
    ids=lambda body: ascii(body[:10]),
)
def test_what_is_no_json_object_is_refused(
    flow: Flow, publish: Publish, server: KeyServer, body: bytes
) -> None:
    """Draft §4.1: never a 500."""
    server.answer = http_answer(body, "200 OK", JSON)

    error_page(flow.ask())


@pytest.mark.parametrize(
    "media_type", ["text/html", "text/plain", "application/octet-stream", None]
)
def test_another_media_type_is_refused(
    flow: Flow, publish: Publish, media_type: str | None
) -> None:
    """Draft §4.1: where people upload texts, they would be the host's application."""
    publish(f"Content-Type: {media_type}" if media_type else "X-Powered-By: x")

    assert "media type" in error_page(flow.ask())


@pytest.mark.parametrize(
    "media_type", ["application/json; charset=utf-8", "application/cimd+json"]
)
def test_a_media_type_of_json_is_accepted(
    flow: Flow, publish: Publish, media_type: str
) -> None:
    """Draft §4.1: application/json, or application/<AS-defined>+json."""
    publish(f"Content-Type: {media_type}")

    assert "code" in str(flow.allow().location)


def test_members_that_we_do_not_know_are_ignored(flow: Flow, publish: Publish) -> None:
    """Draft §4.1: a document MAY have more members."""
    publish(logo_uri="https://127.0.0.1/logo", software_version={"x": [1]})

    assert "code" in str(flow.allow().location)


@pytest.mark.parametrize("method", ["none", ...])
def test_a_document_without_keys_is_a_public_client(
    flow: Flow, publish: Publish, tapauth: TapAuth, url: str, method: Any
) -> None:
    """Draft §6.2: no secret can be agreed on, so the default is none."""
    publish(token_endpoint_auth_method=method)
    flow.get_code()

    with flow.app.app_context():
        assert tapauth.clients.get(url).is_public


def test_without_grant_types_there_is_no_refresh_token(
    flow: Flow, publish: Publish
) -> None:
    """RFC 7591 §2: the default is authorization_code."""
    publish(grant_types=...)

    assert "refresh_token" not in flow.tokens(flow.get_code())


def test_redirect_uris_that_nobody_could_register_count_for_nothing(
    flow: Flow, publish: Publish
) -> None:
    """A client names one for each of its programs, such as cursor://…"""
    odd = "cursor://anysphere/callback"
    publish(redirect_uris=[odd, CALLBACK])

    error_page(flow.ask(redirect_uri=odd))
    assert "code" in str(flow.allow().location)


def test_the_page_does_not_repeat_what_a_document_says(
    flow: Flow, publish: Publish
) -> None:
    """A stranger's text on our error page would look like ours."""
    publish(jwks_uri="http://call.0123456789.example", token_endpoint_auth_method=...)

    assert "0123456789" not in error_page(flow.ask())


def test_a_name_is_escaped(flow: Flow, publish: Publish) -> None:
    """The client's name would run as HTML on our page."""
    publish(client_name="<script>alert(1)</script>")

    assert "<script>" not in flow.ask().text
