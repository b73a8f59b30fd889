"""An example of Flask-TapAuth: a small data API with a real database.

For trying out, not for production. ``python -m example_app`` starts it under gunicorn;
``flask --app example_app run`` under Flask's development server.
"""

from __future__ import annotations

import os
import secrets

from flask import Flask

from .address import name_resources
from .api import SCOPES, customers, orders
from .database import connect, prepare
from .errors import answer_errors_as_json
from .explorer import explorer
from .home import home
from .mcp import mcp
from .models import db, tapauth
from .page_headers import add_page_headers
from .people import login_manager, people
from .reference import reference
from .welcome import welcome_under_flask_run


def create_app() -> Flask:
    """Make the app, and its tables if they are missing."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=os.environ.get("SECRET_KEY") or secrets.token_hex(),
        SQLALCHEMY_DATABASE_URI=os.environ.get("DATABASE_URL", "sqlite:///example.db"),
        SESSION_COOKIE_SAMESITE="Lax",
        TAPAUTH_SCOPES=SCOPES,
        TAPAUTH_AUDIT=True,
    )
    # So that FLASK_TAPAUTH_ISSUER in the environment sets TAPAUTH_ISSUER, for example.
    app.config.from_prefixed_env()
    name_resources(app)
    db.init_app(app)
    tapauth.init_app(app)
    app.register_blueprint(home)
    app.register_blueprint(customers)
    app.register_blueprint(orders)
    app.register_blueprint(explorer)
    app.register_blueprint(mcp)
    app.register_blueprint(reference)
    login_manager.init_app(app)
    app.register_blueprint(people)
    app.register_blueprint(tapauth.pages, url_prefix="/account")
    answer_errors_as_json(app)
    add_page_headers(app)
    with app.app_context():
        connect()
        prepare()
        welcome_under_flask_run()
    return app
