"""A write that a fault interrupts is done as a whole or not at all."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from flask_tapauth.errors import TemporarilyUnavailableError

from .rows import TABLES, count_rows, renew
from .rows import grants as grants
from .rows import host as host
from .rows import wire as wire
from .two_apps import Grants, status
from .wire import Wire


@pytest.mark.parametrize("statement", ["family", "refresh_token", "token"])
def test_a_grant_is_stored_whole_or_not_at_all(
    grants: Grants, wire: Wire, postgresql: sa.URL, statement: str
) -> None:
    """The database fails while one of three rows is inserted."""
    before = count_rows(postgresql)
    wire.cut_on = f"INSERT INTO tapauth_{statement} ".encode()

    answer = grants.post("token", grant_type="client_credentials")

    assert answer.status_code == 503
    assert wire.is_cut
    assert count_rows(postgresql) == before


def test_a_commit_without_an_answer_is_stored_whole_or_not_at_all(
    grants: Grants, wire: Wire, postgresql: sa.URL
) -> None:
    """The client gets a 503 although the grant may be stored."""
    before = count_rows(postgresql)
    wire.cut_on = b"COMMIT"

    answer = grants.post("token", grant_type="client_credentials")

    assert answer.status_code == 503
    after = count_rows(postgresql)
    more = {after[table] - before[table] for table in TABLES if table != "client"}
    assert more in ({0}, {1})


@pytest.mark.parametrize(
    "statement", ["UPDATE tapauth_refresh", "INSERT INTO tapauth_token"]
)
def test_a_renewal_that_failed_can_be_repeated(
    grants: Grants, wire: Wire, postgresql: sa.URL, statement: str
) -> None:
    """RFC 9700 §4.14.2: a repeated refresh token must not revoke its family."""
    before = count_rows(postgresql)
    wire.cut_on = statement.encode()

    assert renew(grants) == 503
    assert wire.is_cut
    assert count_rows(postgresql) == before

    wire.mend()
    assert renew(grants) == 200


@pytest.mark.parametrize("table", ["refresh_token", "family", "client"])
def test_a_client_is_deleted_whole_or_not_at_all(
    host: Flask, grants: Grants, wire: Wire, postgresql: sa.URL, table: str
) -> None:
    """Otherwise a client could be left without its tokens, or the reverse."""
    before = count_rows(postgresql)
    wire.cut_on = b"DELETE FROM tapauth_" + table.encode()

    with pytest.raises(TemporarilyUnavailableError):
        grants.administer(lambda state: state.clients.delete(grants.client))

    assert wire.is_cut
    assert count_rows(postgresql) == before
    wire.mend()
    assert 200 in [status(host, grants.token) for _ in range(2)]
