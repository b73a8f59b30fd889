"""``clients create --set``: values for the columns that a host adds to clients."""

from __future__ import annotations

import enum
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

from flask_tapauth import ClientMixin, TapAuth

from ..conftest import Run
from . import RunJson, refused


class Plan(enum.Enum):
    FREE = "f"
    PAID = "p"


@pytest.fixture
def tapauth(db: SQLAlchemy) -> TapAuth:
    class Client(ClientMixin, db.Model):  # type: ignore[name-defined]
        owner_id: Mapped[int | None]
        share: Mapped[float | None]
        is_ours: Mapped[bool | None]
        plan: Mapped[Plan | None]
        tags: Mapped[Any] = mapped_column(sa.JSON, nullable=True)
        since: Mapped[date | None]
        price: Mapped[Decimal | None] = mapped_column(sa.Numeric(8, 2))
        stored_plan: Mapped[Plan | None] = mapped_column(
            sa.Enum(
                Plan,
                name="stored_plan",  # PostgreSQL has one type of a name
                values_callable=lambda plans: [plan.value for plan in plans],
            )
        )

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
        ("plan", "PAID", "PAID"),
        ("stored_plan", "PAID", "PAID"),
        ("tags", "[1, 2]", [1, 2]),
    ],
)
def test_set_takes_a_value_of_the_columns_type(
    run_json: RunJson, column: str, text: str, value: object
) -> None:
    """docs/how-to/app/models.md: 0 and 1 are whole numbers, and were refused."""
    created = run_json("clients", "create", "Reports", "--set", f"{column}={text}")
    assert created[column] == value


@pytest.mark.parametrize("command", [("create", "Reports"), ("update", "reports")])
@pytest.mark.parametrize(
    "wrong",
    [
        "owner_id=true",
        "owner_id=x",
        "share=true",
        "share=NaN",  # JSON has no such number
        "price=NaN",
        "plan=GOLD",  # SQLAlchemy would store it, and never read the client again
        "stored_plan=p",
        "since=yesterday",
        "tags={",
    ],
)
def test_set_refuses_a_value_of_another_type(
    run: Run, tapauth: TapAuth, wrong: str, command: tuple[str, str]
) -> None:
    """docs/how-to/app/models.md: true is no number."""
    tapauth.clients.create("Reports", client_id="reports")

    line = refused(run("clients", *command, "--set", wrong), 2)

    assert line.startswith(f"Error: --set: {wrong.partition('=')[0]} is no")
    assert len(tapauth.clients.list()) == 1


@pytest.mark.parametrize("command", [("create", "Reports"), ("update", "reports")])
@pytest.mark.parametrize(
    "name", ["client", "client_id", "name", "scopes", "self", "skip_consent", "public"]
)
def test_set_sets_no_column_of_ours(
    run: Run, tapauth: TapAuth, name: str, command: tuple[str, str]
) -> None:
    """Some ended in a traceback, and others changed what has an option of its own."""
    tapauth.clients.create("Reports", client_id="reports")

    line = refused(run("clients", *command, "--set", f"{name}=true"), 2)

    assert line.startswith(f"Error: --set: there is no {name!r}")


def test_update_reports_a_number_that_no_database_holds(
    run: Run, tapauth: TapAuth
) -> None:
    """It was a traceback on SQLite."""
    tapauth.clients.create("Reports", client_id="reports")

    result = run("clients", "update", "reports", "--set", f"owner_id={10**30}")

    assert "the database refused it" in refused(result, 2)
