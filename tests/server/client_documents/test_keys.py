"""A client that is a URL may sign with the keys that it publishes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flask_tapauth._clients import argument_checks

from ..authorization_code.flow import Flow
from ..private_key_jwt.key_server import KeyServer, http_answer
from ..private_key_jwt.signers import Signer, claims_for, key_set, proof, signer
from .conftest import JSON, Publish, document
from .test_fetching import now as now

KEYS = {"token_endpoint_auth_method": "private_key_jwt"}


@pytest.fixture
def key() -> Signer:
    return signer()


def signed(flow: Flow, key: Signer) -> dict[str, Any]:
    """Return the parameters with which the client authenticates."""
    assertion = key.sign(claims_for(flow.client))
    return proof(assertion)


def test_it_signs_with_the_keys_of_its_document(
    flow: Flow, publish: Publish, key: Signer
) -> None:
    """Draft §6.2: private_key_jwt, with `jwks`."""
    publish(**KEYS, jwks=key_set(key))

    tokens = flow.tokens(flow.get_code(), **signed(flow, key))

    assert flow.opens(tokens["access_token"])


def test_it_must_sign(flow: Flow, publish: Publish, key: Signer) -> None:
    """Draft §6.2: any communication MUST include the authentication it registered."""
    publish(**KEYS, jwks=key_set(key))
    code = flow.get_code()

    assert flow.refusal(code) == (401, "invalid_client")
    assert flow.refusal(code, **signed(flow, signer(number=2)))[0] == 401
    assert flow.exchange(code, **signed(flow, key)).status_code == 200


def test_its_keys_may_be_at_another_url(
    flow: Flow,
    publish: Publish,
    server: KeyServer,
    url: str,
    key: Signer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Draft §6.2: `jwks_uri`, fetched as for a client that was registered with it."""
    at = url.replace("client.json", "keys.json")
    answers = {
        b"/client.json": {**document(url), **KEYS, "jwks_uri": at},
        b"/keys.json": key_set(key),
    }

    def answer(connection: Any) -> None:
        path = server.requests[-1].split()[1]
        body = json.dumps(answers[path]).encode()
        connection.sendall(http_answer(body, "200 OK", JSON))

    server.answer = answer
    # Registration refuses loopback.
    monkeypatch.setattr(argument_checks, "check_jwks_uri", lambda uri: uri)
    checks = flow.app.extensions["tapauth"].clients._checks
    monkeypatch.setitem(checks._checks, "jwks_uri", lambda uri: uri)

    tokens = flow.tokens(flow.get_code(), **signed(flow, key))

    assert flow.opens(tokens["access_token"])


def test_new_keys_of_a_document_replace_the_old_ones(
    flow: Flow, publish: Publish, key: Signer, now: list[float]
) -> None:
    """Draft §6.3.1: without a person who allows the client again."""
    publish(**KEYS, jwks=key_set(key))
    tokens = flow.tokens(flow.get_code(), **signed(flow, key))
    other = signer(number=2)
    publish(**KEYS, jwks=key_set(other))
    now[0] += 300

    def renew(by: Signer) -> int:
        return flow.exchange(
            None,
            grant_type="refresh_token",
            refresh_token=tokens["refresh_token"],
            code_verifier=None,
            **signed(flow, by),
        ).status_code

    assert renew(key) == 401
    assert renew(other) == 200


def test_without_its_host_the_last_known_keys_serve(
    flow: Flow, publish: Publish, server: KeyServer, key: Signer, now: list[float]
) -> None:
    """An outage of the host must not end everybody's session."""
    publish(**KEYS, jwks=key_set(key))
    code = flow.get_code()
    server.answer = b""
    now[0] += 300

    assert flow.exchange(code, **signed(flow, key)).status_code == 200


def test_no_assertion_makes_us_fetch_a_document_of_an_unknown_client(
    flow: Flow, publish: Publish, server: KeyServer, key: Signer
) -> None:
    """Anybody can write one."""
    publish(**KEYS, jwks=key_set(key))

    assert flow.refusal("x", **signed(flow, key)) == (401, "invalid_client")
    assert server.connections == 0


@pytest.mark.parametrize("settings", [{"TAPAUTH_ISSUER": None}])
def test_without_an_issuer_no_client_can_sign(
    flow: Flow, publish: Publish, key: Signer
) -> None:
    """RFC 7523 §3: an assertion names the issuer."""
    publish(**KEYS, jwks=key_set(key))

    assert flow.ask().status_code == 400
