"""Flask-Migrate and Alembic handle our tables as they handle the host's."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from ...conftest import grant
from .conftest import Host, default_models, tables_of

# The env.py that Flask-Migrate writes asks for the engine in the old way first.
pytestmark = pytest.mark.filterwarnings("ignore:'get_engine':DeprecationWarning")

OURS = {
    "tapauth_assertion",
    "tapauth_code",
    "tapauth_client",
    "tapauth_consent",
    "tapauth_event",
    "tapauth_family",
    "tapauth_refresh_token",
    "tapauth_token",
}
RENAMED = {"tapauth_client": "api_client", "tapauth_token": "api_token"}


def serves(host: Host, client: Any) -> bool:
    answer = host.app.test_client().post("/oauth/token", data=grant(client))
    host.close()
    return answer.status_code == 200


def register(host: Host, **registration: Any) -> Any:
    with host.app.app_context():
        client = host.tapauth.clients.create("Reports", **registration)
    host.close()
    return client


def test_a_fresh_migration_has_exactly_our_tables(fresh: Host) -> None:
    """A host should not have to edit the migration that Alembic writes."""
    fresh.run("migrate")

    [script] = fresh.scripts()
    text = script.read_text()
    created = re.findall(r"op\.create_table\('(\w+)'", text)
    renamed = {RENAMED.get(name, name) for name in OURS}
    expected = OURS if fresh.models is default_models else renamed
    assert sorted(created) == sorted(expected)
    assert "flask_tapauth" not in text


def test_an_upgrade_makes_the_tables_that_the_models_have(migrated: Host) -> None:
    """A column that differs would fail at the first token."""
    assert migrated.columns() == tables_of(migrated.db)


def test_there_is_no_drift_after_an_upgrade(migrated: Host) -> None:
    """``flask db check`` compares types, indexes and server defaults, too."""
    migrated.run("check")


def test_there_is_no_drift_after_create_all(fresh: Host) -> None:
    """A host that began with ``db.create_all`` has nothing to change."""
    with fresh.app.app_context():
        fresh.db.create_all()

    fresh.run("stamp", "head")
    fresh.run("check")


def test_a_migrated_app_issues_tokens(migrated: Host) -> None:
    """The main path works on tables that Alembic made."""
    client = register(migrated)
    http = migrated.app.test_client()

    token = http.post("/oauth/token", data=grant(client)).get_json()["access_token"]
    asked = http.post("/oauth/introspect", data={**grant(client), "token": token})
    migrated.close()

    assert asked.get_json()["active"] is True


def test_a_column_is_added_and_dropped_and_the_data_is_kept(migrated: Host) -> None:
    """A later revision must not lose clients or tokens."""
    old = register(migrated)
    assert serves(migrated, old)
    later = migrated.later()
    later.run("migrate")
    later.run("upgrade")
    later.run("check")
    new = register(later, owner_id=7)
    assert serves(later, old)
    assert serves(later, new)

    later.run("downgrade")

    assert migrated.columns() == tables_of(migrated.db)
    assert serves(migrated, old)
    assert serves(migrated, new)
    with migrated.app.app_context():
        count = sa.select(sa.func.count()).select_from(migrated.tapauth.Token)
        assert migrated.db.session.scalar(count) == 5
    migrated.close()


def test_the_first_revision_can_be_undone(migrated: Host) -> None:
    """docs/how-to/app/migrations.md: a downgrade to nothing, on MariaDB as well."""
    register(migrated)
    [script] = migrated.scripts()
    upgrade, downgrade = script.read_text().split("def downgrade")
    dropping = r" +with op\.batch_alter_table.*\n( +batch_op\.drop_index.*\n)+"
    script.write_text(f"{upgrade}def downgrade{re.sub(dropping, '', downgrade)}")

    migrated.run("downgrade")

    assert migrated.columns() == {}
    migrated.run("upgrade")
    migrated.run("check")
