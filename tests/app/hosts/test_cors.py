"""Hosts that say themselves which origins may call them."""

from __future__ import annotations

import pytest
from flask import Flask
from flask_cors import CORS
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from .conftest import Start

PAGE = "https://page.example"


@pytest.mark.parametrize("order", ["before", "after"])
@pytest.mark.parametrize("method", ["POST", "OPTIONS"])
def test_the_hosts_answer_stays(
    start: Start, db: SQLAlchemy, tapauth: TapAuth, order: str, method: str
) -> None:
    """Flask-CORS for the whole app, initialised before us or after us."""
    app = Flask("host")
    if order == "before":
        CORS(app, origins=[PAGE])
    start(db, tapauth, app)
    if order == "after":
        CORS(app, origins=[PAGE])

    headers = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    answer = app.test_client().open("/oauth/token", method=method, headers=headers)

    assert answer.headers.getlist("Access-Control-Allow-Origin") == [PAGE]
