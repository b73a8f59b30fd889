"""The app behind the servers: one guarded view, its tables where the caller says."""

from __future__ import annotations

import os

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from flask_tapauth import TapAuth, current_token, require_token


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
tapauth = TapAuth(db=db)


def create_app(database_url: str | None = None) -> Flask:
    """Make the app; a server process has the URL in its environment."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url or os.environ["DATABASE_URL"]
    db.init_app(app)
    tapauth.init_app(app)

    @app.route("/whoami", methods=["GET", "POST"])
    @require_token
    def whoami() -> dict[str, str]:
        return {"client_id": current_token.client_id}

    return app
