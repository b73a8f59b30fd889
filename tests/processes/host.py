"""The app behind the servers of the kill test; all it needs is in its environment."""

from __future__ import annotations

import os

from flask import Flask
from flask_caching import Cache
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, current_token, require_token

db = SQLAlchemy()
tapauth = TapAuth(db=db)


def create_app() -> Flask:
    cache = Cache(
        config={
            "CACHE_TYPE": "RedisCache",
            "CACHE_REDIS_URL": "redis://127.0.0.1:6379/0",
            "CACHE_KEY_PREFIX": os.environ["CACHE_KEY_PREFIX"],
        }
    )
    app = Flask(__name__)
    app.config.update(
        SQLALCHEMY_DATABASE_URI=os.environ["DATABASE_URL"], TAPAUTH_CACHE=cache
    )
    cache.init_app(app)
    db.init_app(app)
    tapauth.init_app(app)

    @app.get("/whoami")
    @require_token
    def whoami() -> dict[str, str]:
        return {"client_id": current_token.client_id}

    return app
