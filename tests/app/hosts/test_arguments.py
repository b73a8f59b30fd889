"""What is given to `TapAuth` that is something else."""

from __future__ import annotations

from typing import Any

import flask_sqlalchemy
import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import DeclarativeBase, Session, scoped_session, sessionmaker

from flask_tapauth import ConfigError, TapAuth


class Lite:
    """As Flask-SQLAlchemy-Lite's `SQLAlchemy`: it has sessions and no `Model`."""

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
def test_a_db_that_is_something_else_is_told(db: Any) -> None:
    """The error used to be "'Lite' object has no attribute 'Model'"."""
    with pytest.raises(ConfigError, match=r"expected the SQLAlchemy.*TapAuth\(db=db\)"):
        TapAuth(db=db)


def test_arguments_in_the_wrong_order_are_told(db: SQLAlchemy) -> None:
    """Of the same kind: `TapAuth(db, app)`."""
    wrong: Any = (db, Flask("host"))

    with pytest.raises(ConfigError, match=r"db is flask\..*TapAuth\(app, db\)"):
        TapAuth(*wrong)


@pytest.mark.parametrize("make", [lambda db: db, lambda db: Flask("host")])
def test_a_missing_db_is_told(db: SQLAlchemy, make: Any) -> None:
    """Of the same kind: `TapAuth(db)` and `TapAuth(app)`."""
    with pytest.raises(ConfigError, match=r"TapAuth\(db=db\)"):
        TapAuth(make(db))


def test_an_app_that_is_none_is_told(tapauth: TapAuth, db: SQLAlchemy) -> None:
    """Of the same kind: `init_app` of something else."""
    wrong: Any = db

    with pytest.raises(ConfigError, match="SQLAlchemy for the app, expected a Flask"):
        tapauth.init_app(wrong)
