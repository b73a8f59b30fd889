"""A host that reads from a replica does so by ``get_bind``, as the documents say."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session

from .hosts import Host, NewDatabase, on


class RoutingSession(Session):
    """What ``docs/how-to/running/databases.md`` shows."""

    def get_bind(
        self, mapper: Any = None, clause: Any = None, bind: Any = None, **options: Any
    ) -> Any:
        is_read = isinstance(clause, sa.Select) and has_request_context()
        if is_read and request.method == "GET" and request.blueprint != "tapauth":
            return self._db.engines["replica"]
        return super().get_bind(mapper, clause, bind, **options)


@pytest.fixture
def host(new_database: NewDatabase) -> Iterator[Host]:
    db = SQLAlchemy(session_options={"class_": RoutingSession})
    replica = {"SQLALCHEMY_BINDS": {"replica": new_database("sqlite")}}
    host = Host(db, {**on(new_database("sqlite")), **replica})
    host.make_tables()
    yield host
    host.close()


def replicate(host: Host) -> None:
    with host.app.app_context():
        primary, replica = (host.db.engines[key] for key in (None, "replica"))
        for engine in (primary, replica):
            engine.dispose()
    shutil.copy(str(primary.url.database), str(replica.url.database))


def test_views_read_the_replica_and_the_endpoints_read_the_primary(
    host: Host,
) -> None:
    """docs/how-to/running/databases.md: a `get_bind` of the host's decides."""
    client = host.register("only")
    replicate(host)
    tokens = host.issue("only", client)

    renewed = host.refresh("only", client, tokens["refresh_token"])
    assert renewed.status_code == 200
    assert not host.opens("only", tokens["access_token"])

    replicate(host)
    assert host.opens("only", tokens["access_token"])
