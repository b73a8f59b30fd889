"""A server without ``TAPAUTH_ISSUER`` accepts neither client keys nor assertions."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask

from flask_tapauth import RegistrationError, TapAuth

from ...conftest import MakeApp
from .conftest import request_token
from .signers import claims_for, key_set, signer


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


KEYS = [{"jwks": key_set(signer())}, {"jwks_uri": "https://keys.example/jwks.json"}]


@pytest.mark.parametrize("keys", KEYS)
def test_no_client_gets_keys_while_the_issuer_is_not_set(
    app: Flask, tapauth: TapAuth, keys: dict[str, Any]
) -> None:
    """Whatever ``Host`` a request had, an assertion for that host was accepted."""
    with app.app_context():
        other = tapauth.clients.create("Other")
        with pytest.raises(RegistrationError, match="TAPAUTH_ISSUER"):
            tapauth.clients.create("Bank", **keys)
        with pytest.raises(RegistrationError, match="TAPAUTH_ISSUER"):
            app.extensions["tapauth"].clients.update(other, **keys)


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_an_assertion_is_refused_once_the_issuer_is_no_longer_set(
    make_app: MakeApp,
    tapauth: TapAuth,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
) -> None:
    """Without the setting only the caller's ``Host`` would name the server."""
    app = make_app(TAPAUTH_ISSUER="http://localhost")
    with app.app_context():
        client = tapauth.clients.create("Bank", jwks=key_set(signer()))
    object.__setattr__(app.extensions["tapauth"].config, "issuer", None)
    http = app.test_client()
    http.environ_base["HTTP_HOST"] = host

    with caplog.at_level(logging.ERROR, "flask_tapauth"):
        answer = request_token(
            http, signer().sign(claims_for(client, aud=f"http://{host}"))
        )

    assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")
    assert "TAPAUTH_ISSUER" in caplog.text
