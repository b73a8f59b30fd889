"""Clients with similar ids are different clients, on every database."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from flask_tapauth import TapAuth, UnknownClientError

from ..conftest import MakeApp


def test_an_id_with_a_trailing_space_is_unknown(
    make_app: MakeApp, tapauth: TapAuth, database: sa.URL
) -> None:
    """MariaDB ignores spaces at the end, and would find another client."""
    app = make_app(SQLALCHEMY_DATABASE_URI=database)
    with app.app_context():
        client_id = tapauth.clients.create("Reports").client_id
        clients = app.extensions["tapauth"].clients

        assert clients.get(client_id).client_id == client_id
        for other in (f"{client_id} ", f" {client_id}"):
            with pytest.raises(UnknownClientError):
                clients.get(other)
