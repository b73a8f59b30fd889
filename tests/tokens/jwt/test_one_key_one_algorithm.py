"""A key verifies signatures of its own algorithm only (RFC 8725 §3.1)."""

from __future__ import annotations

import pytest
from joserfc import jwt

from flask_tapauth import TapAuth
from flask_tapauth._base.key_reading import read_key_set
from flask_tapauth._base.keys import CLIENT_ALGORITHMS

from ...conftest import MakeApp, bearer
from .conftest import Key, compact, make_key, public, resign, signer, signing


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (make_key("RS256"), "PS256"),
        (make_key("RS256"), "RS384"),
        (make_key("RS256"), "RS512"),
        (make_key("HS256"), "HS384"),
        (make_key("HS256"), "HS512"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_another_algorithm_of_the_same_key_is_refused(
    make_app: MakeApp, tapauth: TapAuth, key: Key, algorithm: str
) -> None:
    """RFC 8725 §3.1: each key must be used with one algorithm."""
    app = make_app(**signing(key))
    with app.app_context():
        client = tapauth.clients.create("Reports")
        token = tapauth.tokens.issue(client)["access_token"]

    forged = resign(token, signer(key, algorithm), {"alg": algorithm})

    answer = app.test_client().get("/whoami", headers=bearer(forged))
    assert answer.status_code == 401


@pytest.mark.parametrize(("own", "other"), [("RS256", "PS256"), ("PS256", "RS256")])
def test_the_algorithm_of_another_key_in_the_set_is_refused(
    own: str, other: str
) -> None:
    """RFC 8725 §3.1: the other key's algorithm is allowed, but not for this key."""
    first, second = (
        {**make_key("RS256", kid), "alg": algorithm}
        for kid, algorithm in (("first", own), ("second", other))
    )
    keys = read_key_set({"keys": [public(first), public(second)]}, CLIENT_ALGORITHMS)

    def verify(algorithm: str) -> jwt.Token | None:
        header = {"alg": algorithm, "kid": "first"}
        return keys.verify(compact(header, {}, signer(first, algorithm)))

    assert verify(own) is not None
    assert verify(other) is None
