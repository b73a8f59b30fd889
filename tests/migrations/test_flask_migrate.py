"""Flask-Migrate and Alembic see our tables as they see the host's (issue 5)."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from ..conftest import grant
from .conftest import Host, default_models, tables_of

# The env.py that Flask-Migrate writes asks for the engine in the old way first.
pytestmark = pytest.mark.filterwarnings("ignore:'get_engine':DeprecationWarning")

OURS = {
    "tapauth_assertion",
    "tapauth_client",
    "tapauth_consent",
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
        client = host.tapauth.register_client("Reports", **registration)
    host.close()
    return client


def test_a_fresh_migration_has_exactly_our_tables(fresh: Host) -> None:
    """Issue 5: the tables, all of them and no other, and nothing to add by hand."""
    fresh.run("migrate")

    [script] = fresh.scripts()
    text = script.read_text()
    created = re.findall(r"op\.create_table\('(\w+)'", text)
    renamed = {RENAMED.get(name, name) for name in OURS}
    expected = OURS if fresh.models is default_models else renamed
    assert sorted(created) == sorted(expected)
    assert "flask_tapauth" not in text


def test_an_upgrade_makes_the_tables_that_the_models_have(migrated: Host) -> None:
    """Issue 5: table by table, column by column."""
    assert migrated.columns() == tables_of(migrated.db)


def test_there_is_no_drift_after_an_upgrade(migrated: Host) -> None:
    """Issue 5: `flask db check`, types, indexes and server defaults included."""
    migrated.run("check")


def test_there_is_no_drift_after_create_all(fresh: Host) -> None:
    """Issue 5: a host that began with ``db.create_all`` finds nothing to change."""
    with fresh.app.app_context():
        fresh.db.create_all()

    fresh.run("stamp", "head")
    fresh.run("check")


def test_a_migrated_app_issues_tokens(migrated: Host) -> None:
    """The contract: the main road, on tables that Alembic made."""
    client = register(migrated)
    http = migrated.app.test_client()

    token = http.post("/oauth/token", data=grant(client)).get_json()["access_token"]
    asked = http.post("/oauth/introspect", data={**grant(client), "token": token})
    migrated.close()

    assert asked.get_json()["active"] is True


def test_a_column_comes_and_goes_and_the_data_stays(migrated: Host) -> None:
    """Issue 5: upgrade and downgrade, tested on data: of a later revision."""
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


def test_the_first_revision_goes_as_it_came(migrated: Host) -> None:
    """Issue 5: a downgrade to nothing, as docs/migrations.md says for MariaDB."""
    register(migrated)
    [script] = migrated.scripts()
    upgrade, downgrade = script.read_text().split("def downgrade")
    dropping = r" +with op\.batch_alter_table.*\n( +batch_op\.drop_index.*\n)+"
    script.write_text(f"{upgrade}def downgrade{re.sub(dropping, '', downgrade)}")

    migrated.run("downgrade")

    assert migrated.columns() == {}
    migrated.run("upgrade")
    migrated.run("check")
