"""The app that all servers of these tests serve."""

from __future__ import annotations

import os
import secrets
from typing import Any

from flask import Flask, Response, abort, jsonify
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from flask_tapauth import TapAuth, current_token, require_token


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
tapauth = TapAuth(db=db)


def create_app(database_url: str | None = None, **settings: Any) -> Flask:
    """Make the app.

    :param database_url: by default the variable `DATABASE_URL`, as in servers.
    """
    app = Flask(__name__)
    app.config.update(settings)
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url or os.environ["DATABASE_URL"]
    db.init_app(app)
    tapauth.init_app(app)

    @app.route("/whoami", methods=["GET", "POST"])
    @require_token
    def whoami() -> dict[str, str]:
        return {"client_id": current_token.client_id}

    @app.get("/missing")
    @require_token
    def missing() -> Response:
        abort(404, description=current_token.client_id)

    @app.get("/minute")
    @require_token
    def minute() -> Response:
        response = jsonify(client_id=current_token.client_id)
        response.cache_control.public = True
        response.cache_control.max_age = 60
        return response

    @app.get("/maybe")
    @require_token(optional=True)
    def maybe() -> dict[str, str | None]:
        return {"client_id": current_token.client_id if current_token else None}

    @app.get("/open")
    def open_() -> dict[str, str]:
        return {"drawn": secrets.token_hex()}

    return app
