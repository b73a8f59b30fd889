"""Import the columns that a host's own client model adds."""

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


def test_columns_of_the_host_are_stored(
    app: Flask, tapauth: TapAuth, imported: Import
) -> None:
    """An owner that is lost in an import cannot be found again."""
    imported({"client_id": "a", "owner_id": 7})

    client: Any = app.extensions["tapauth"].clients.get("a")
    assert client.owner_id == 7


def test_a_missing_column_of_the_host_is_named(refused: Import) -> None:
    """The database's own error would not name the line of the file."""
    assert "'owner_id' needs a value" in refused({"client_id": "a"})[0]


def test_what_is_listed_can_be_imported(app: Flask, run: Run, imported: Import) -> None:
    """`list --json` left out columns of durations and bytes, and they were lost."""
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
def test_a_value_that_cannot_be_read_is_named(
    refused: Import, members: dict[str, Any]
) -> None:
    """The message names the line and the member to change."""
    [said] = refused({"client_id": "a", "owner_id": 7, **members})

    assert said.startswith(f"line 1: {next(iter(members))} is no ")


def test_a_line_that_the_database_refuses_undoes_the_import(
    run: Run, refused: Import
) -> None:
    """After half an import, somebody must find out which clients exist."""
    [said] = refused(
        {"client_id": "a", "owner_id": 7},
        {"client_id": "b", "owner_id": 2**70, "client_secret": SECRET},
    )

    assert said.startswith("line 2: the database refused it")
    assert listed(run) == []
