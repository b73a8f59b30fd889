"""Members for the columns that a host's own model adds."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Mapped, mapped_column

from flask_tapauth import ClientMixin, TapAuth

from ...conftest import Run
from .conftest import SECRET, Import, listed


@pytest.fixture
def tapauth(db: Any) -> TapAuth:
    class Client(ClientMixin, db.Model):
        owner_id: Mapped[int]
        contract: Mapped[timedelta | None]
        picture: Mapped[bytes | None]
        price: Mapped[Decimal | None] = mapped_column(sa.Numeric(9, 2))

    return TapAuth(db=db, client_model=Client)


def test_they_are_stored(app: Flask, tapauth: TapAuth, imported: Import) -> None:
    """An owner that is lost in an import cannot be found again."""
    imported({"client_id": "a", "owner_id": 7})

    client: Any = app.extensions["tapauth"].clients.get("a")
    assert client.owner_id == 7


def test_one_that_is_missing_is_named(refused: Import) -> None:
    """The database's own error would not name the line."""
    assert "'owner_id' needs a value" in refused({"client_id": "a"})[0]


def test_what_is_listed_can_be_imported(app: Flask, run: Run, imported: Import) -> None:
    """Columns of durations and of bytes were left out of `list --json`, and lost."""
    members = {"contract": 90, "picture": "iVBORw==", "price": "9.50"}
    imported({"client_id": "a", "owner_id": 7, **members})
    [shown] = json.loads(run("clients", "list", "--json").stdout)
    assert shown.items() >= members.items()
    run("clients", "delete", "a")
    imported({**shown, "price": 9.5})

    client: Any = app.extensions["tapauth"].clients.get("a")
    assert client.contract == timedelta(seconds=90)
    assert client.picture == b"\x89PNG"
    assert client.price == Decimal("9.50")


@pytest.mark.parametrize(
    "members",
    [
        {"picture": "no base64"},
        {"picture": "é"},
        {"picture": 5},
        {"contract": 1e300},
        {"contract": "long"},
        {"contract": True},
        {"price": "cheap"},
        {"price": [1]},
    ],
)
def test_a_value_that_stands_for_nothing_is_named(
    refused: Import, members: dict[str, Any]
) -> None:
    """The message names the line and the member to change."""
    [said] = refused({"client_id": "a", "owner_id": 7, **members})

    assert said.startswith(f"line 1: {next(iter(members))} is no ")


def test_what_the_database_refuses_undoes_it_all(run: Run, refused: Import) -> None:
    """Half an import leaves somebody to find out which clients are there."""
    [said] = refused(
        {"client_id": "a", "owner_id": 7},
        {"client_id": "b", "owner_id": 2**70, "client_secret": SECRET},
    )

    assert said.startswith("line 2: the database refused it")
    assert listed(run) == []
