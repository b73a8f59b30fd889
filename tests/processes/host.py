"""The app behind the servers of test_killed.py; its settings are variables."""

from __future__ import annotations

import os

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, current_token, require_token

db = SQLAlchemy()
tapauth = TapAuth(db=db)


def create_app() -> Flask:
    app = Flask(__name__)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"], TAPAUTH_CACHE="database"
    )
    db.init_app(app)
    tapauth.init_app(app)

    @app.get("/whoami")
    @require_token
    def whoami() -> dict[str, str]:
        return {"client_id": current_token.client_id}

    return app
