"""A retry inside the grace time, where the database counts what has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask_sqlalchemy import SQLAlchemy

from .hosts import Host, NewDatabase, on
from .kinds import by_itself


@pytest.fixture(params=["creator", "SQLAlchemy connects"])
def host(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[Host]:
    url = new_database("mariadb")
    options = {"creator": by_itself(url)} if request.param == "creator" else {}
    host = Host(SQLAlchemy(), {**on(url, **options), "TAPAUTH_REFRESH_GRACE": 10})
    host.make_tables()
    yield host
    host.close()


def test_a_retry_in_the_grace_time_is_answered(
    host: Host, wait: Callable[[int], None]
) -> None:
    """With `creator=`, MariaDB counts rows in another way: the family was revoked."""
    client = host.register("only")
    token = host.issue("only", client)["refresh_token"]

    statuses = [host.refresh("only", client, token).status_code for _ in range(2)]
    wait(8)
    statuses.append(host.refresh("only", client, token).status_code)
    assert statuses == [200, 200, 200]

    wait(3)  # a retry does not extend the grace time
    assert host.refresh("only", client, token).status_code == 400
