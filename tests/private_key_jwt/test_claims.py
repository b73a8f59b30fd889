"""What an assertion says, and how far it may stray from the ordinary."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_tapauth import TapAuth

from ..conftest import MakeApp
from .conftest import (
    ANY_REQUEST,
    ENDPOINTS,
    ISSUER,
    TOKEN_ENDPOINT,
    Assertion,
    Signer,
    ask,
    claims_for,
    key_set,
    proof,
)


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "audience",
    [ISSUER, TOKEN_ENDPOINT, [ISSUER], [TOKEN_ENDPOINT, ISSUER]],
    ids=["issuer", "endpoint", "list", "both"],
)
def test_the_audience_is_the_issuer_or_the_token_endpoint(
    http: FlaskClient, assertion: Assertion, audience: Any, path: str
) -> None:
    """RFC 7523 §3 (3): at each endpoint, one or several, all of them ours."""
    form = {**ANY_REQUEST, **proof(assertion(aud=audience))}

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
def test_a_set_issuer_is_the_audience_whatever_the_host_header_says(
    make_app: MakeApp, tapauth: TapAuth, key: Signer, audience: str, status: int
) -> None:
    """RFC 7523 §3 (3), and the contract: TAPAUTH_ISSUER is the identifier."""
    app = make_app(TAPAUTH_ISSUER="https://id.example")
    with app.app_context():
        client = tapauth.register_client("Reports", jwks=key_set(key))

    answer = ask(app.test_client(), key.sign(claims_for(client, aud=audience)))

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
    http: FlaskClient, assertion: Assertion, claim: str, offset: float
) -> None:
    """RFC 7523 §3 (4, 5, 6), and the contract: an hour at most, and 60 s of leeway."""
    moment = int(time.time()) + offset

    assert ask(http, assertion(**{claim: moment})).status_code == 200


@pytest.mark.parametrize("jti", ["j", "j" * 255, "ü" * 255, "a\0b", "\ud800"])
def test_a_jti_is_any_text_of_up_to_255_characters(
    http: FlaskClient, assertion: Assertion, jti: str
) -> None:
    """RFC 7519 §4.1.7: a string; the contract says how long."""
    assert ask(http, assertion(jti=jti)).status_code == 200


@pytest.mark.parametrize(
    ("header", "claims"),
    [({"typ": "JWT"}, {}), ({"typ": None, "zz": [1]}, {}), ({}, {"zz": {"a": 1}})],
)
def test_what_is_not_known_is_ignored(
    http: FlaskClient,
    assertion: Assertion,
    header: dict[str, Any],
    claims: dict[str, Any],
) -> None:
    """RFC 7515 §4 and RFC 7519 §4: header parameters and claims of other uses."""
    assert ask(http, assertion(header, **claims)).status_code == 200
