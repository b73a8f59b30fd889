"""No key is fetched for an assertion that no key could make acceptable."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import RegisteredClient

from .conftest import request_token
from .key_server import KeyServer
from .signers import ISSUER, claims_for, signer

LATE = 2**33
"""The year 2242. A time soon after the start of a slow run would pass while it runs."""

pytestmark = pytest.mark.usefixtures("loopback_is_public")


@pytest.mark.parametrize(
    ("header", "changes"),
    [
        *[({"alg": alg}, {}) for alg in (None, "none", "HS256", "RS512", 1, ["ES256"])],
        *[({}, {"iss": value}) for value in (None, "other", 1)],
        *[({}, {"aud": value}) for value in (None, [ISSUER, "https://other"], 1)],
        *[({}, {"exp": value}) for value in (None, 1, "soon", LATE)],
        *[({}, {"jti": value}) for value in (None, "", 1, "j" * 256)],
        ({}, {"nbf": LATE}),
        ({}, {"sub": "other"}),
    ],
)
def test_no_key_is_fetched_for_a_wrong_assertion(
    http: FlaskClient,
    publishing_client: RegisteredClient,
    key_server: KeyServer,
    header: dict[str, Any],
    changes: dict[str, Any],
) -> None:
    """Anybody could make the server fetch keys with an assertion that nobody signed."""
    text = signer().sign(claims_for(publishing_client, **changes), **header)

    assert request_token(http, text).status_code == 401
    assert key_server.connections == 0


@pytest.mark.parametrize("column", ["disabled_at", "secret_expires_at"])
def test_no_key_is_fetched_for_a_disabled_or_expired_client(
    db: SQLAlchemy,
    http: FlaskClient,
    publishing_client: RegisteredClient,
    key_server: KeyServer,
    column: str,
) -> None:
    """The keys of a disabled client were fetched before the client was refused."""
    setattr(publishing_client.client, column, 1)
    db.session.commit()

    answer = request_token(http, signer().sign(claims_for(publishing_client)))

    assert answer.status_code == 401
    assert key_server.connections == 0


def test_the_key_is_fetched_for_a_right_assertion(
    http: FlaskClient, publishing_client: RegisteredClient, key_server: KeyServer
) -> None:
    """RFC 7591 §2 (jwks_uri): the other tests prove something only if this holds."""
    assert (
        request_token(http, signer().sign(claims_for(publishing_client))).status_code
        == 200
    )
    assert key_server.connections == 1
