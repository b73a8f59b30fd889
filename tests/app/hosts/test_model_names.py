"""Hosts whose models have the same names as ours."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import bearer, grant
from .conftest import Start

NAMES = ["Client", "Token", "RefreshToken", "Consent", "Family", "Assertion"]


def make_related(db: Any, name: str) -> Any:
    """Make two models of the host; one names the other in a relationship."""
    columns = {
        "__tablename__": "hosts_own",
        "id": sa.Column(sa.Integer, primary_key=True),
        "owner_id": sa.Column(sa.ForeignKey("owner.id")),
    }
    model = type(name, (db.Model,), columns)
    owner = {
        "__tablename__": "owner",
        "id": sa.Column(sa.Integer, primary_key=True),
        "things": db.relationship(name),
    }
    return type("Owner", (db.Model,), owner), model


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
def test_a_relationship_by_name_finds_the_hosts_model(
    start: Start, db: SQLAlchemy, name: str, is_first: bool
) -> None:
    """An app had a model of the same name as ours, and 44 of its tests failed."""
    made = make_related(db, name) if is_first else None
    tapauth = TapAuth(db=db)
    owner, model = made or make_related(db, name)

    app = start(db, tapauth)

    with app.app_context():
        db.session.add(owner(id=1, things=[model()]))
        db.session.commit()
        assert len(db.session.scalars(sa.select(owner)).one().things) == 1
        client = tapauth.clients.create("Reports")
    http = app.test_client()
    token = http.post("/oauth/token", data=grant(client)).get_json()["access_token"]
    assert http.get("/whoami", headers=bearer(token)).status_code == 200


def test_a_relationship_may_name_a_model_that_is_defined_later(
    start: Start, db: Any
) -> None:
    """Application factories initialise extensions before they import models."""
    # SQLAlchemy holds models weakly, so the test must keep them.
    held = [
        type(
            "Owner",
            (db.Model,),
            {
                "id": sa.Column(sa.Integer, primary_key=True),
                "things": db.relationship("Later"),
            },
        )
    ]

    tapauth = TapAuth(db=db)

    later = {
        "id": sa.Column(sa.Integer, primary_key=True),
        "owner_id": sa.Column(sa.ForeignKey("owner.id")),
    }
    held.append(type("Later", (db.Model,), later))
    app = start(db, tapauth)
    with app.app_context():
        assert tapauth.clients.create("Reports").client_secret
