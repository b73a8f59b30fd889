"""Two apps on one database, in place of two processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import TestResponse

from flask_tapauth import RegisteredClient, TapAuth

from ..conftest import bearer


class Grants:
    """The tokens of one client, of each kind, and the app that issued them.

    :ivar token: a machine's access token.
    :ivar renewed: an access token with a refresh token, of the same client.
    :ivar personal: an access token that speaks for person 7.
    """

    def __init__(self, host: Flask, tapauth: TapAuth, db: SQLAlchemy) -> None:
        self.host = host
        self._tapauth = tapauth
        with host.app_context():
            self.client: RegisteredClient = tapauth.clients.create(
                "Reports",
                scopes="orders:read",
                grant_types=["client_credentials", "refresh_token"],
            )
            self.token: str = tapauth.tokens.issue(self.client)["access_token"]
            self.personal: str = tapauth.tokens.issue(self.client, user_id="7")[
                "access_token"
            ]
            db.session.remove()
        answer = self.post("token", grant_type="client_credentials").get_json()
        self.renewed: str = answer["access_token"]
        self.refresh: str = answer["refresh_token"]

    def post(self, endpoint: str, **parameters: str) -> TestResponse:
        credentials = {
            "client_id": self.client.client_id,
            "client_secret": str(self.client.client_secret),
        }
        return self.host.test_client().post(
            f"/oauth/{endpoint}", data={**credentials, **parameters}
        )

    def administer(self, change: Callable[[Any], object]) -> None:
        with self.host.app_context():
            change(self.host.extensions["tapauth"])


def revoke(grants: Grants) -> str:
    assert grants.post("revoke", token=grants.token).status_code == 200
    return grants.token


def revoke_refresh_token(grants: Grants) -> str:
    assert grants.post("revoke", token=grants.refresh).status_code == 200
    return grants.renewed


def revoke_by_hand(grants: Grants) -> str:
    grants.administer(lambda state: state.tokens.revoke(grants.token))
    return grants.token


def revoke_clients(grants: Grants) -> str:
    grants.administer(lambda state: state.tokens.revoke_all(client=grants.client))
    return grants.token


def revoke_persons(grants: Grants) -> str:
    grants.administer(lambda state: state.tokens.revoke_all(user_id="7"))
    return grants.personal


def disable(grants: Grants) -> str:
    grants.administer(lambda state: state.clients.disable(grants.client))
    return grants.token


def delete(grants: Grants) -> str:
    grants.administer(lambda state: state.clients.delete(grants.client))
    return grants.token


def rotate_to_a_past_date(grants: Grants) -> str:
    """Let the client's secret expire, so that its tokens are refused."""
    grants.administer(
        lambda state: state.store.clients.update(
            state.clients.get(grants.client),
            {"secret_expires_at": int(time.time()) - 1},
        )
    )
    return grants.token


def reuse(grants: Grants) -> str:
    """Use a refresh token twice, so that its family is revoked."""
    renewal = {"grant_type": "refresh_token", "refresh_token": grants.refresh}
    answers = [grants.post("token", **renewal).status_code for _ in range(2)]
    assert answers == [200, 400]
    return grants.renewed


Change = Callable[[Grants], str]

CHANGES: dict[Change, str] = {
    revoke: "token",
    revoke_refresh_token: "renewed",
    revoke_by_hand: "token",
    revoke_clients: "token",
    revoke_persons: "personal",
    disable: "token",
    delete: "token",
    rotate_to_a_past_date: "token",
    reuse: "renewed",
}
"""Each way to revoke tokens, and the token of `Grants` that it affects."""


def status(host: Flask, token: str) -> int:
    return host.test_client().get("/orders", headers=bearer(token)).status_code


def warm(host: Flask, grants: Grants) -> None:
    """Let an app cache all access tokens."""
    for _ in range(2):
        for token in (grants.token, grants.renewed, grants.personal):
            assert status(host, token) == 200
