"""Two people with similar ids are two people, on every database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from flask_tapauth import TapAuth

from ...conftest import MakeApp


@pytest.fixture
def host(make_app: MakeApp, database: sa.URL) -> Flask:
    return make_app(SQLALCHEMY_DATABASE_URI=database)


@pytest.mark.parametrize("other", ["alice ", "Alice", "alicé", "alice\t", "a_lice"])
def test_forgetting_one_person_keeps_the_other(
    host: Flask, tapauth: TapAuth, other: str
) -> None:
    """MariaDB ignores spaces at the end: `alice ` was the same person as `alice`."""
    with host.app_context():
        client = tapauth.clients.create("Reports")
        tapauth.tokens.issue(client, user_id=other)

        assert tapauth.users.forget("alice").tokens == 0
        assert tapauth.users.forget(other).tokens == 1
