"""A busy day at all endpoints: what signals and log lines tell of its secrets.

Nothing. Not a token, not the `jti` of one, not what a client proves itself by.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import blinker
import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwk, jwt

from flask_tapauth import TapAuth, signals

from .conftest import MakeApp, Registered, bearer, grant, run_command

KEY = jwk.ECKey.generate_key("P-256")
SIGNED: dict[str, Any] = {
    "TAPAUTH_TOKEN_FORMAT": "jwt",
    "TAPAUTH_JWT_KEYS": {"keys": [KEY.as_dict(private=True)]},
}
REDIRECT_URI = "https://spa.example/callback"


@dataclass(frozen=True)
class Person:
    id: str


@pytest.fixture(params=[{}, SIGNED], ids=["opaque", "jwt"])
def app(request: pytest.FixtureRequest, make_app: MakeApp, tapauth: TapAuth) -> Flask:
    tapauth.current_user_loader(lambda: Person("ann"))
    tapauth.user_loader(Person)
    tapauth.claims_loader(lambda client, user, scopes: {"tenant": "t1"})
    return make_app(
        SECRET_KEY="signs consents", TAPAUTH_ISSUER="http://localhost", **request.param
    )


@pytest.fixture
def told(app: Flask) -> Iterator[dict[str, str]]:
    """What receivers that show all they are given have shown, by signal."""
    told: dict[str, str] = {}
    named = {k: v for k, v in vars(signals).items() if isinstance(v, blinker.Signal)}
    with ExitStack() as stack:
        for name, signal in named.items():

            def hear(sender: object, *, name: str = name, **arguments: object) -> None:
                told[name] = told.get(name, "") + f"{arguments!r} {arguments}"

            stack.enter_context(signal.connected_to(hear))
        yield told


@dataclass
class Day:
    """All that is asked in a day, and the secrets that were used for it."""

    app: Flask
    http: FlaskClient
    tapauth: TapAuth
    secrets: list[str] = field(default_factory=list)

    def register(self, name: str, **registration: Any) -> Registered:
        wanted = {"scopes": "orders:read", "client_id": name, **registration}
        client = self.tapauth.clients.create(name, **wanted)
        if client.client_secret:
            self.secrets.append(client.client_secret)
        return client

    def post(self, path: str, form: dict[str, Any]) -> Any:
        """Ask an endpoint, and take note of the tokens in its answer."""
        told = self.http.post(f"/oauth/{path}", data=form).get_json(silent=True) or {}
        self.keep(told.get("access_token"), told.get("refresh_token"))
        return told

    def keep(self, *tokens: str | None) -> None:
        for token in filter(None, tokens):
            self.secrets.append(token)
            if token.count(".") == 2:
                _, payload, signature = token.split(".")
                claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
                self.secrets += [payload, signature, claims["jti"]]

    def renew_and_revoke(self) -> None:
        grants = ["client_credentials", "refresh_token"]
        client = self.register("refreshing", grant_types=grants)
        for ended in ("access_token", "refresh_token"):
            pair = self.post("token", grant(client))
            renewal = {"grant_type": "refresh_token", **pair}
            self.post("token", {**grant(client), **renewal})
            self.post("introspect", grant(client, token=pair["access_token"]))
            self.post("introspect", grant(client, token=pair["refresh_token"]))
            self.post("token", {**grant(client), **renewal})  # a second time
            pair = self.post("token", grant(client))
            self.post("revoke", grant(client, token=pair[ended]))
        self.post("token", grant(client, refresh_token="x", client_secret="wrong"))
        self.post("token", {**grant(client), **renewal, "refresh_token": "taprt_x"})

    def sign_in_by_key(self) -> None:
        keys = {"keys": [KEY.as_dict(private=False)]}
        client = self.register("signer", jwks=keys)
        claims: dict[str, Any] = {"iss": "signer", "sub": "signer"}
        claims |= {"aud": "http://localhost", "exp": int(time.time()) + 60}
        claims |= {"jti": uuid.uuid4().hex}
        assertion = jwt.encode({"alg": "ES256"}, claims, KEY)
        self.keep(assertion)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": (
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            ),
            "client_assertion": assertion,
        }
        assert "access_token" in self.post("token", form)
        assert self.post("token", form)["error"] == "invalid_client"
        self.post(
            "introspect", {**form, "client_assertion": assertion[:-9], "token": ""}
        )
        self.post("token", {**form, "client_id": client.client_id, "scope": "all"})

    def allow_a_page(self) -> None:
        page = {"public": True, "grant_types": ["implicit"]}
        self.register("page", redirect_uris=[REDIRECT_URI], **page)
        query = {"response_type": "token", "client_id": "page", "scope": "orders:read"}
        shown = self.http.get("/oauth/authorize", query_string=query).text
        found = re.search(r'name="consent" value="(.*?)"', shown)
        assert found is not None
        form = {"consent": html.unescape(found[1]), "decision": "allow"}
        answer = self.http.post("/oauth/authorize", data=form, query_string=query)
        fragment = parse_qs(answer.headers["Location"].partition("#")[2])
        self.keep(*fragment["access_token"])
        run_command(self.app, "consents", "revoke", "ann")

    def open_views(self) -> None:
        client = self.register("caller", resource_server=True)
        for token in [*filter(_is_whole, self.secrets)]:
            for view in ("/whoami", "/orders"):
                self.http.get(view, headers=bearer(token))
                self.http.get(view, headers={"Access-Token": token})
                self.http.get(view, query_string={"access_token": token + "x"})
                self.http.get(view, headers=bearer(f"{token},{token}"))
            self.http.post("/whoami", data={"access_token": token})
            self.post("introspect", grant(client, token=token))
            self.post("revoke", grant(client, token=token))
            self.post("token", grant(client, scope=token, resource=token))
        for path in ("jwks.json", "authorize"):
            self.http.get(f"/oauth/{path}")

    def run_commands(self) -> None:
        client = self.register("shown")
        token = self.tapauth.tokens.issue(client)["access_token"]
        self.keep(token)
        for command in (["list"], ["purge"], ["revoke", token]):
            run_command(self.app, "tokens", *command)
        self.tapauth.tokens.revoke_all(client=client)
        self.secrets.append(
            str(self.tapauth.clients.rotate_secret(client).client_secret)
        )


def _is_whole(secret: str) -> bool:
    return secret.startswith(("tapat_", "taprt_")) or secret.count(".") == 2


@pytest.fixture
def day(app: Flask, http: FlaskClient, tapauth: TapAuth) -> Day:
    return Day(app, http, tapauth)


def test_neither_signals_nor_log_tell_a_secret(
    day: Day, told: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """No signal or log line carries a secret or a token, or its `jti`."""
    caplog.set_level(logging.DEBUG)
    for name in ("authlib", "sqlalchemy"):
        caplog.set_level(logging.DEBUG, logger=name)

    day.renew_and_revoke()
    day.sign_in_by_key()
    day.allow_a_page()
    day.open_views()
    day.run_commands()

    loggers = {record.name.partition(".")[0] for record in caplog.records}
    assert {"authlib", "flask_tapauth", "sqlalchemy"} <= loggers
    assert len(told) == 7  # the day was busy enough
    assert len(day.secrets) > 20
    for secret in day.secrets:
        for text in (caplog.text, *told.values()):
            assert secret not in text
            assert secret[6:-8] not in text


@pytest.fixture
def misplaced(day: Day) -> str:
    """A token that somebody sends where a client id belongs."""
    return str(day.tapauth.tokens.issue(day.register("reports"))["access_token"])


@pytest.mark.parametrize(
    "app",
    [
        {},
        pytest.param(SIGNED),
    ],
    ids=["opaque", "jwt"],
    indirect=True,
)
def test_a_token_sent_as_client_id_is_not_told(
    misplaced: str,
    http: FlaskClient,
    told: dict[str, str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """`client_id` is as sent, unless it is a secret in a wrong place."""
    caplog.set_level(logging.DEBUG)
    sent = {"client_id": misplaced, "client_secret": "x", "token": "x"}

    answer = http.post("/oauth/introspect", data=sent)

    assert answer.status_code == 401
    assert misplaced not in told["client_authentication_failed"]
    assert misplaced not in caplog.text + answer.text
