"""Of two who do the same at once, one did it, and there is one event."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, UnknownClientError

from ..conftest import MakeApp

ACTS: dict[str, Callable[[TapAuth], Any]] = {
    "client_deleted": lambda t: t.clients.delete("reports"),
    "client_updated": lambda t: t.clients.update("reports", name="B"),
    "secret_rotated": lambda t: t.clients.rotate_secret("reports"),
}


@pytest.mark.parametrize("action", ACTS)
def test_a_client_that_is_deleted_meanwhile_is_unknown(
    make_app: MakeApp, db: SQLAlchemy, tapauth: TapAuth, database: sa.URL, action: str
) -> None:
    """Both callers were told that they had deleted it, and both had an event."""
    app = make_app(SQLALCHEMY_DATABASE_URI=database, TAPAUTH_AUDIT=True)
    with app.app_context():
        tapauth.clients.create("Reports", client_id="reports")
        events = app.extensions["tapauth"].store.events
        first = events.make

        def delete_meanwhile(*arguments: Any, **named: Any) -> Any:
            events.make = first
            other = threading.Thread(target=delete)
            other.start()
            other.join()
            return first(*arguments, **named)

        def delete() -> None:
            with app.app_context():
                tapauth.clients.delete("reports")

        # An event is made after the client was found, and before it is changed.
        events.make = delete_meanwhile
        with pytest.raises(UnknownClientError, match="there is no client 'reports'"):
            ACTS[action](tapauth)

        actions = [event.action for event in tapauth.events.list(client="reports")]
        assert actions == ["client_deleted", "client_registered"]
