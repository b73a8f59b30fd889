"""A host app that uses every public name, for type checkers to read.

`make lint` has mypy and pyright check it, both strictly.
"""

from __future__ import annotations

from typing import Any, assert_type

import pytest
from authlib.oauth2 import OAuth2Error
from flask import Flask
from flask.views import MethodView
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from flask_tapauth import (
    AccessToken,
    ClientMixin,
    ConfigError,
    RegisteredClient,
    RegistrationError,
    TapAuth,
    TokenMixin,
    TokenResponse,
    UnknownClientError,
    current_token,
    require_token,
    signals,
    verify_token,
)
from flask_tapauth.testing import TapAuthClient, act_as


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)


class Client(ClientMixin, Base):
    owner_id: Mapped[int | None] = mapped_column()


class Token(TokenMixin, Base):
    pass


class User(Base):
    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column()


tapauth = TapAuth(db=db, client_model=Client, token_model=Token)


@tapauth.user_loader
def load_user(user_id: str) -> User | None:
    return db.session.get(User, int(user_id))


@tapauth.current_user_loader
def load_current_user() -> User | None:
    return None


@tapauth.claims_loader
def claims(client: ClientMixin, user: Any, scopes: tuple[str, ...]) -> dict[str, str]:
    return {"tenant": user.tenant if user else client.client_name, "n": scopes[0]}


@tapauth.error_renderer
def render(error: OAuth2Error) -> tuple[dict[str, Any], int]:
    return {"problem": str(error)}, 400


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db.init_app(app)
    try:
        tapauth.init_app(app)
    except ConfigError as error:
        raise SystemExit(str(error)) from error

    @app.get("/orders/<int:number>")
    @require_token("orders:read")
    def order(number: int) -> dict[str, Any]:
        assert_type(current_token.client_id, str)
        assert_type(current_token.user_id, str | None)
        assert_type(current_token.scopes, tuple[str, ...])
        assert_type(current_token.expires_at, int)
        assert_type(current_token.client, ClientMixin | None)
        return {"number": number}

    @app.get("/whoami")
    @require_token
    async def whoami() -> str:
        return current_token.client_id if current_token else "nobody"

    @app.get("/maybe")
    @require_token(any_of=["orders:read"], optional=True, locations=["bearer"])
    def maybe() -> str:
        token = verify_token("orders:read", optional=True)
        assert_type(token, AccessToken | None)
        return "nobody" if token is None else token.client_id

    # The guard leaves the view's own type as it is.
    assert_type(order(number=7), dict[str, Any])

    class Customers(MethodView):
        decorators = [require_token("customers:read")]  # noqa: RUF012 - Flask's own form

        def get(self) -> str:
            return ""

    app.add_url_rule("/customers", view_func=Customers.as_view("customers"))

    def alert(sender: Flask, *, reason: str, **_: Any) -> None:
        sender.logger.warning("%s", reason)

    signals.token_revoked.connect(alert, app)
    return app


def check_orders(app: Flask) -> None:
    reports = tapauth.clients.create("Reports", scopes="orders:read", owner_id=7)
    assert_type(reports, RegisteredClient)
    assert_type(reports.client_secret, str | None)
    assert_type(tapauth.tokens.issue(reports), TokenResponse)
    assert_type(tapauth.tokens.revoke_all(client="reports"), int)
    http = act_as(reports, ["orders:read"], expired=True)
    assert_type(http, TapAuthClient)
    assert http.get("/orders/7").status_code == 401
    with pytest.raises((RegistrationError, UnknownClientError)):
        tapauth.clients.rotate_secret("nobody", grace=-1)
