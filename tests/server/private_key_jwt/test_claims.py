"""The claims of an assertion: which values are accepted."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_tapauth import TapAuth

from ...conftest import MakeApp
from .conftest import ANY_REQUEST, ENDPOINTS, MakeAssertion, request_token
from .signers import ISSUER, TOKEN_ENDPOINT, Signer, claims_for, key_set, proof


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "audience",
    [ISSUER, TOKEN_ENDPOINT, [ISSUER], [TOKEN_ENDPOINT, ISSUER]],
    ids=["issuer", "endpoint", "list", "both"],
)
def test_the_audience_is_the_issuer_or_the_token_endpoint(
    http: FlaskClient, make_assertion: MakeAssertion, audience: Any, path: str
) -> None:
    """RFC 7523 §3 (3): one or both names of this server, at each endpoint."""
    form = {**ANY_REQUEST, **proof(make_assertion(aud=audience))}

    answer = http.post(path, data=form)

    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("audience", "status"),
    [
        ("https://id.example", 200),
        ("https://id.example/oauth/token", 200),
        (ISSUER, 401),
        (TOKEN_ENDPOINT, 401),
    ],
)
def test_the_host_header_does_not_change_the_audience(
    make_app: MakeApp, tapauth: TapAuth, key: Signer, audience: str, status: int
) -> None:
    """RFC 7523 §3 (3): TAPAUTH_ISSUER names the server, whatever `Host` says."""
    app = make_app(TAPAUTH_ISSUER="https://id.example")
    with app.app_context():
        client = tapauth.clients.create("Reports", jwks=key_set(key))

    answer = request_token(
        app.test_client(), key.sign(claims_for(client, aud=audience))
    )

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("claim", "offset"),
    [
        ("exp", 3600),
        ("exp", 3655),
        ("exp", -50),
        ("nbf", 50),
        ("iat", 50),
        ("nbf", 0.5),
    ],
)
def test_clocks_may_differ_by_a_minute(
    http: FlaskClient, make_assertion: MakeAssertion, claim: str, offset: float
) -> None:
    """RFC 7523 §3 (4, 5, 6): `exp` up to an hour ahead, with 60 seconds of leeway."""
    moment = int(time.time()) + offset

    assert request_token(http, make_assertion(**{claim: moment})).status_code == 200


@pytest.mark.parametrize("jti", ["j", "j" * 255, "ü" * 255, "a\0b", "\ud800"])
def test_a_jti_is_any_text_of_up_to_255_characters(
    http: FlaskClient, make_assertion: MakeAssertion, jti: str
) -> None:
    """RFC 7519 §4.1.7: `jti` is any string; the server accepts 255 characters."""
    assert request_token(http, make_assertion(jti=jti)).status_code == 200


@pytest.mark.parametrize(
    ("header", "claims"),
    [({"typ": "JWT"}, {}), ({"typ": None, "zz": [1]}, {}), ({}, {"zz": {"a": 1}})],
)
def test_unknown_header_parameters_and_claims_are_ignored(
    http: FlaskClient,
    make_assertion: MakeAssertion,
    header: dict[str, Any],
    claims: dict[str, Any],
) -> None:
    """RFC 7515 §4, RFC 7519 §4: a library may send parameters of its own."""
    assert request_token(http, make_assertion(header, **claims)).status_code == 200
