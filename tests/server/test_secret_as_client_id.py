"""A client that sends its secret as its id by mistake."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from ..conftest import Registered
from .conftest import assert_failed_authentication, basic


@pytest.mark.parametrize("path", ["token", "revoke", "introspect"])
@pytest.mark.parametrize("way", ["posted", "basic", "none"])
def test_a_secret_sent_as_client_id_reaches_no_statement_and_no_log(
    http: FlaskClient,
    registered: Registered,
    db: SQLAlchemy,
    caplog: pytest.LogCaptureFixture,
    path: str,
    way: str,
) -> None:
    """The secret would be in the log of the database."""
    secret = str(registered.client_secret)
    caplog.set_level(logging.DEBUG)
    statements: list[str] = []

    def see(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append(f"{statement} {parameters!r}")

    sa.event.listen(db.engine, "before_cursor_execute", see)
    form = {"grant_type": "client_credentials", "token": "any"}
    if way != "basic":
        form["client_id"] = secret
    if way == "posted":
        form["client_secret"] = registered.client_id
    headers = basic(secret, registered.client_id) if way == "basic" else {}

    answer = http.post(f"/oauth/{path}", data=form, headers=headers)

    assert_failed_authentication(answer)
    assert secret not in "".join(statements) + caplog.text
