"""Wrong arguments of `TapAuth` and `init_app` are named."""

from __future__ import annotations

from typing import Any

import flask_sqlalchemy
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session, sessionmaker

from flask_tapauth import ConfigError, TapAuth


class Lite:
    """Like the `SQLAlchemy` of Flask-SQLAlchemy-Lite, which has no `Model`."""

    session = scoped_session(sessionmaker())


OTHERS: list[Any] = [
    Lite(),
    Session(),
    flask_sqlalchemy,
    SQLAlchemy,
    DeclarativeBase,
    "sqlite://",
    Flask("host"),
]


@pytest.mark.parametrize("db", OTHERS, ids=lambda value: type(value).__name__)
def test_a_db_of_another_type_is_refused(db: Any) -> None:
    """The error was "'Lite' object has no attribute 'Model'"."""
    with pytest.raises(ConfigError, match=r"expected the SQLAlchemy.*TapAuth\(db=db\)"):
        TapAuth(db=db)


def test_arguments_in_the_wrong_order_are_refused(db: SQLAlchemy) -> None:
    """The error for `TapAuth(db, app)` must show the right order."""
    wrong: Any = (db, Flask("host"))

    with pytest.raises(ConfigError, match=r"db is flask\..*TapAuth\(app, db\)"):
        TapAuth(*wrong)


@pytest.mark.parametrize("make", [lambda db: db, lambda db: Flask("host")])
def test_a_missing_db_is_refused(db: SQLAlchemy, make: Any) -> None:
    """The error for `TapAuth(db)` and `TapAuth(app)` must show what to write."""
    with pytest.raises(ConfigError, match=r"TapAuth\(db=db\)"):
        TapAuth(make(db))


def test_an_app_of_another_type_is_refused(tapauth: TapAuth, db: SQLAlchemy) -> None:
    """The error for `init_app(db)` must say that it expects a Flask app."""
    wrong: Any = db

    with pytest.raises(ConfigError, match="SQLAlchemy for the app, expected a Flask"):
        tapauth.init_app(wrong)
