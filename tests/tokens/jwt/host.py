"""The app behind the servers of the rotation, which signs with the keys of a file."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase

from flask_tapauth import TapAuth, current_token, require_token

from .conftest import ELSEWHERE, ISSUER


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base)
tapauth = TapAuth(db=db)


def create_app() -> Flask:
    """Make the app; a process has database and keys in its environment.

    Tokens are opaque until there is a key: that is how the first one is made.
    """
    app = Flask(__name__)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"],
        TAPAUTH_ISSUER=ISSUER,
        TAPAUTH_RESOURCES=[ISSUER, ELSEWHERE],
    )
    if Path(os.environ["KEYS"]).exists():
        app.config.update(
            TAPAUTH_TOKEN_FORMAT="jwt", TAPAUTH_JWT_KEYS=os.environ["KEYS"]
        )
    db.init_app(app)
    tapauth.init_app(app)
    with app.app_context():
        db.create_all()

    @app.get("/whoami")
    @require_token
    def whoami() -> dict[str, str]:
        return {"client_id": current_token.client_id}

    return app
