"""The key that signs a token, and the keys that verify it."""

from __future__ import annotations

import json
from pathlib import Path

from joserfc import jwk

from flask_tapauth import TapAuth

from ...conftest import MakeApp, bearer
from .conftest import (
    ALGORITHMS,
    header_of,
    make_key,
    public,
    resign,
    signer,
    signing,
)


def test_a_key_without_a_kid_gets_its_thumbprint(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """RFC 7638: each token must name its key."""
    key = make_key()
    thumbprint = jwk.import_key(public(key)).thumbprint()
    settings = signing({name: key[name] for name in key if name != "kid"})
    with make_app(**settings).app_context():
        client = tapauth.clients.create("Reports")

        token = tapauth.tokens.issue(client)["access_token"]

    assert header_of(token)["kid"] == thumbprint


def test_the_first_key_signs_and_all_verify(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """Also if the keys are of different kinds."""
    keys = [make_key(algorithm, kid=algorithm) for algorithm in ALGORITHMS]
    app = make_app(**signing(*keys))
    with app.app_context():
        client = tapauth.clients.create("Reports")
        first = tapauth.tokens.issue(client)["access_token"]

    assert header_of(first)["kid"] == "ES256"
    for key in keys:
        header = {"kid": key["kid"], "alg": key["alg"]}
        token = resign(first, signer(key), header)
        answer = app.test_client().get("/whoami", headers=bearer(token))
        assert answer.status_code == 200, key["alg"]


def test_the_keys_are_read_once(
    make_app: MakeApp, tapauth: TapAuth, tmp_path: Path
) -> None:
    """A file that changes or goes must not affect a running process."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [make_key()]}))
    app = make_app(**signing(make_key(), TAPAUTH_JWT_KEYS=str(file)))
    file.unlink()

    with app.app_context():
        client = tapauth.clients.create("Reports")
        token = tapauth.tokens.issue(client)["access_token"]

    answer = app.test_client().get("/whoami", headers=bearer(token))
    assert answer.status_code == 200
