"""Our mixins work on every declarative base."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import (
    DeclarativeBase,
    DeclarativeBaseNoMeta,
    Mapped,
    MappedAsDataclass,
    declarative_base,
    mapped_column,
)

from flask_tapauth import (
    ClientMixin,
    TapAuth,
    TokenMixin,
)

from ...app.hosts.conftest import Start
from ...app.hosts.conftest import start as start
from .conftest import walk


def legacy() -> SQLAlchemy:
    return SQLAlchemy()


def declarative() -> SQLAlchemy:
    class Base(DeclarativeBase):
        pass

    return SQLAlchemy(model_class=Base)


def without_metaclass() -> SQLAlchemy:
    class Base(DeclarativeBaseNoMeta):
        pass

    return SQLAlchemy(model_class=Base)


def made_by_function() -> SQLAlchemy:
    return SQLAlchemy(model_class=declarative_base())


def dataclass_base() -> SQLAlchemy:
    class Base(MappedAsDataclass, DeclarativeBase):
        pass

    return SQLAlchemy(model_class=Base)


def dataclass_base_without_metaclass() -> SQLAlchemy:
    class Base(MappedAsDataclass, DeclarativeBaseNoMeta):
        pass

    return SQLAlchemy(model_class=Base)


def default_models(db: SQLAlchemy) -> TapAuth:
    return TapAuth(db=db)


def host_models(db: Any) -> TapAuth:
    class Client(ClientMixin, db.Model):
        owner_id: Mapped[int | None] = mapped_column(default=None)

    class Token(TokenMixin, db.Model):
        note: Mapped[str | None] = mapped_column(sa.String(80), default=None)

    return TapAuth(db=db, client_model=Client, token_model=Token)


def dataclass_models(db: Any) -> TapAuth:
    class Client(MappedAsDataclass, ClientMixin, db.Model):
        owner_id: Mapped[int | None] = mapped_column(default=None)

    class Token(MappedAsDataclass, TokenMixin, db.Model):
        note: Mapped[str | None] = mapped_column(sa.String(80), default=None)

    return TapAuth(db=db, client_model=Client, token_model=Token)


BASES = [legacy, declarative, without_metaclass, made_by_function]


# Flask-SQLAlchemy 3.1.1 cannot make `db.Model` of a dataclass base with SQLAlchemy 2.1.
# There a host's dataclasses are made class by class, which works with both.
if tuple(map(int, sa.__version__.split(".")[:2])) < (2, 1):
    BASES += [dataclass_base, dataclass_base_without_metaclass]


DATACLASS_MODELS = itertools.product(
    [declarative, without_metaclass], [dataclass_models]
)


@pytest.mark.parametrize(
    ("base", "models"),
    [*itertools.product(BASES, [default_models, host_models]), *DATACLASS_MODELS],
)
def test_every_declarative_base_works(
    start: Start,
    base: Callable[[], SQLAlchemy],
    models: Callable[[SQLAlchemy], TapAuth],
) -> None:
    """Flask-SQLAlchemy 3.1 lets a host choose among these bases."""
    db = base()
    tapauth = models(db)

    walk(start(db, tapauth), tapauth)
