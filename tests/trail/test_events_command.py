"""``flask tapauth events``: read the trail, and shorten it."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import RegistrationError, TapAuth

from ..conftest import MakeApp, Registered, Run


def listed(run: Run, *options: str) -> list[dict[str, Any]]:
    result = run("events", "list", "--json", *options)
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


def test_events_are_listed_newest_first(
    run: Run, tapauth: TapAuth, registered: Registered
) -> None:
    """With the members time, action, actor, client_id, user_id, address and reason."""
    tapauth.clients.disable(registered)

    first, second = listed(run)

    assert (first["action"], second["action"]) == (
        "client_disabled",
        "client_registered",
    )
    assert [*first] == [
        *("time", "action", "actor", "client_id", "user_id", "address", "reason")
    ]
    assert datetime.fromisoformat(first["time"]).tzinfo is not None


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--action", "token_revoked"], 1),
        (["--reason", "direct"], 2),
        (["--client", "other"], 2),
        (["--user", "7"], 2),
        (["--since", "2999-01-01"], 0),
        (["--since", "2020-01-01", "--limit", "3"], 3),
    ],
)
def test_events_can_be_selected(
    run: Run, tapauth: TapAuth, options: list[str], expected: int
) -> None:
    """An operator looks for one client, one user, or one kind of act."""
    for name in ("reports", "other"):
        tapauth.clients.create(name, client_id=name)
        tapauth.tokens.issue(name, user_id=7 if name == "reports" else None)
    tapauth.tokens.revoke_all(user_id=7)

    assert len(listed(run, *options)) == expected


def test_the_events_of_a_deleted_client_stay(
    run: Run, tapauth: TapAuth, registered: Registered
) -> None:
    """The trail is read when something is gone."""
    tapauth.clients.delete(registered)

    found = listed(run, "--client", registered.client_id)

    assert [event["action"] for event in found] == [
        "client_deleted",
        "client_registered",
    ]


def test_old_events_are_purged(
    run: Run, db: SQLAlchemy, tapauth: TapAuth, registered: Registered
) -> None:
    """They name people: keep them no longer than needed."""
    mappers: Any = tapauth.Token.registry.mappers  # type: ignore[attr-defined]
    [table] = [m.local_table for m in mappers if m.local_table.name == "tapauth_event"]
    for _ in range(3):
        tapauth.tokens.issue(registered)
    old = int(time.time()) - 3600
    db.session.execute(
        sa.update(table).where(table.c.action == "token_issued").values(time=old)
    )
    db.session.commit()

    result = run("events", "purge", "--older-than", "30m", "--json")

    assert json.loads(result.stdout) == {"deleted": 3}
    assert [event["action"] for event in listed(run)] == ["client_registered"]


@pytest.mark.usefixtures("app")
def test_the_age_is_a_duration(tapauth: TapAuth) -> None:
    """A wrong one deletes nothing."""
    assert tapauth.events.purge(timedelta(days=1)) == 0
    with pytest.raises(RegistrationError, match="older_than"):
        tapauth.events.purge(-1)


def test_without_the_setting_nothing_is_kept_and_the_command_names_it(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """`TAPAUTH_AUDIT` is off unless a host asks for it."""
    app = make_app()
    with app.app_context():
        tapauth.clients.create("Reports")
        with pytest.raises(RegistrationError, match="TAPAUTH_AUDIT"):
            tapauth.events.list()


def test_a_date_without_a_zone_is_in_utc(
    tapauth: TapAuth, registered: Registered
) -> None:
    """As everywhere on the command line."""
    now = datetime.now(UTC).replace(tzinfo=None)

    assert len(tapauth.events.list(since=now - timedelta(minutes=1))) == 1
    assert tapauth.events.list(since=now + timedelta(minutes=1)) == []
