"""Members for the columns that a host's own model adds (issue 5)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Mapped

from flask_tapauth import ClientMixin, TapAuth

from ..conftest import Run
from .conftest import SECRET, Import, listed


@pytest.fixture
def tapauth(db: Any) -> TapAuth:
    class Client(ClientMixin, db.Model):
        owner_id: Mapped[int]

    return TapAuth(db=db, client_model=Client)


def test_they_are_stored(app: Flask, tapauth: TapAuth, imported: Import) -> None:
    """Issue 5: columns the host's model added."""
    imported({"client_id": "a", "owner_id": 7})

    client: Any = app.extensions["tapauth"].clients.get("a")
    assert client.owner_id == 7


def test_one_that_is_missing_is_named(refused: Import) -> None:
    """The contract: a column that needs a value is wrong input without."""
    assert "'owner_id' needs a value" in refused({"client_id": "a"})[0]


def test_what_the_database_refuses_undoes_it_all(run: Run, refused: Import) -> None:
    """Issue 5: one transaction; the line that was refused is named."""
    [said] = refused(
        {"client_id": "a", "owner_id": 7},
        {"client_id": "b", "owner_id": 2**70, "client_secret": SECRET},
    )

    assert said.startswith("line 2: the database refused it")
    assert listed(run) == []
