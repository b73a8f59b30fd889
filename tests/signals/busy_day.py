"""Use all endpoints, as on a busy day, and collect the secrets that were used."""

from __future__ import annotations

import base64
import html
import json
import re
import time
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwk, jwt

from flask_tapauth import TapAuth

from ..conftest import Registered, bearer, grant
from ..outside import run_command
from ..server.authorization_code.flow import VERIFIER, Flow, told

KEY = jwk.ECKey.generate_key("P-256")
SIGNED: dict[str, Any] = {
    "TAPAUTH_TOKEN_FORMAT": "jwt",
    "TAPAUTH_JWT_KEYS": {"keys": [KEY.as_dict(private=True)]},
}
REDIRECT_URI = "https://spa.example/callback"


@dataclass
class Day:
    """Sends requests, and collects each secret and token that was part of them."""

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
        """Send a form to an endpoint, and collect the tokens of the answer."""
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

    def exchange_a_code(self) -> None:
        """Send wrong requests with a code, then the right one, and that one again."""
        client = self.register(
            "native",
            public=True,
            grant_types=["authorization_code", "refresh_token"],
            redirect_uris=[REDIRECT_URI],
        )
        flow = Flow(self.app, client)
        code = told(flow.allow(redirect_uri=REDIRECT_URI), REDIRECT_URI)["code"]
        self.keep(code, VERIFIER)
        form = {**flow.asked(), "grant_type": "authorization_code", "code": code}
        form["redirect_uri"] = REDIRECT_URI
        for verifier in ("x", VERIFIER.upper(), VERIFIER, VERIFIER):
            self.post("token", {**form, "code_verifier": verifier})
        self.post("token", {**form, "client_id": code, "code_verifier": VERIFIER})
        self.post("token", {**form, "client_id": "caller", "code": code[:-1]})

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
