"""``clients create --set``: values for the columns that a host adds to clients."""

from __future__ import annotations

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped

from flask_tapauth import ClientMixin, TapAuth

from ..conftest import Run
from . import RunJson


@pytest.fixture
def tapauth(db: SQLAlchemy) -> TapAuth:
    class Client(ClientMixin, db.Model):  # type: ignore[name-defined]
        owner_id: Mapped[int | None]
        share: Mapped[float | None]
        is_ours: Mapped[bool | None]

    return TapAuth(db=db, client_model=Client)


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("owner_id", "0", 0),
        ("owner_id", "1", 1),
        ("owner_id", "7", 7),
        ("owner_id", "", None),
        ("share", "1", 1.0),
        ("is_ours", "true", True),
    ],
)
def test_set_takes_a_value_of_the_columns_type(
    run_json: RunJson, column: str, text: str, value: object
) -> None:
    """docs/how-to/app/models.md: 0 and 1 are whole numbers, and were refused."""
    created = run_json("clients", "create", "Reports", "--set", f"{column}={text}")
    assert created[column] == value


@pytest.mark.parametrize("wrong", ["owner_id=true", "owner_id=x", "share=true"])
def test_set_refuses_a_value_of_another_type(run: Run, wrong: str) -> None:
    """docs/how-to/app/models.md: true is no number."""
    result = run("clients", "create", "Reports", "--set", wrong)
    assert result.exit_code == 2
    assert f"{wrong.partition('=')[0]} is no " in result.stderr
