"""Authlib without an extension, on Flask-SQLAlchemy, as its documentation shows."""

from __future__ import annotations

import os
import secrets
import time
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.integrations.sqla_oauth2 import (
    OAuth2ClientMixin,
    OAuth2TokenMixin,
    create_bearer_token_validator,
    create_query_client_func,
    create_save_token_func,
)
from authlib.oauth2.rfc6749 import grants
from flask import Response
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import Integer

from benchmarks.apps.host import LIFETIME, SCOPE, insert, make_host

os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback has no HTTPS

app, db = make_host()
model: Any = db.Model


class Client(model, OAuth2ClientMixin):
    __tablename__ = "oauth2_client"
    id = mapped_column(Integer, primary_key=True)
    user_id = mapped_column(Integer)


class Token(model, OAuth2TokenMixin):
    __tablename__ = "oauth2_token"
    id = mapped_column(Integer, primary_key=True)
    user_id = mapped_column(Integer)


class ClientCredentialsGrant(grants.ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


server = AuthorizationServer(
    app,
    query_client=create_query_client_func(db.session, Client),
    save_token=create_save_token_func(db.session, Token),
)
server.register_grant(ClientCredentialsGrant)
require_oauth = ResourceProtector()
require_oauth.register_token_validator(
    create_bearer_token_validator(db.session, Token)()
)


@app.get("/orders")
@require_oauth(SCOPE)
def orders() -> dict[str, Any]:
    return {"orders": []}


@app.post("/oauth/token")
def issue_token() -> Response:
    response: Response = server.create_token_response()
    return response


def seed(rows: int) -> dict[str, Any]:
    """Fill the tables with a client and its tokens."""
    tokens = [secrets.token_urlsafe(32) for _ in range(rows)]
    secret = secrets.token_urlsafe(32)
    row = {
        "client_id": "reports",
        "token_type": "Bearer",
        "scope": SCOPE,
        "issued_at": int(time.time()),
        "access_token_revoked_at": 0,
        "refresh_token_revoked_at": 0,
        "expires_in": LIFETIME,
    }
    with app.app_context():
        db.create_all()
        client = Client()
        client.client_id, client.client_secret = "reports", secret
        client.client_id_issued_at = int(time.time())
        client.set_client_metadata(
            {
                "client_name": "Reports",
                "grant_types": ["client_credentials"],
                "scope": SCOPE,
                "token_endpoint_auth_method": "client_secret_post",
            }
        )
        db.session.add(client)
        insert(db, Token, [{**row, "access_token": token} for token in tokens])
    return {
        "token": tokens[rows // 2],
        "client_id": "reports",
        "client_secret": secret,
    }
