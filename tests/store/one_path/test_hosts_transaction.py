"""What a host sets on the connection of its session stays set."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .hosts import Host, NewDatabase, on
from .tenants import TENANTS, by_search_path, set_local, tenant


def by_set_local(host: Host) -> None:
    host.app.before_request(lambda: set_local(host.db.session))


def by_translate_map(host: Host) -> None:
    @host.app.before_request
    def choose() -> None:
        options = {"schema_translate_map": {None: tenant()}}
        host.db.session.connection(execution_options=options)


@pytest.fixture(params=[by_set_local, by_translate_map])
def host(request: pytest.FixtureRequest, new_database: NewDatabase) -> Iterator[Host]:
    """A host with two tenants; the clients of both have the same primary key."""
    with by_search_path(lambda _: None)(new_database) as host:
        for name, client_id in zip(TENANTS, ("first", "second"), strict=True):
            with host.app.test_request_context(), host.db.engine.begin() as connection:
                connection.exec_driver_sql(f"SET LOCAL search_path TO {name}")
                connection.execute(
                    sa.insert(host.tapauth.Client).values(
                        client_id=client_id,
                        client_name=name,
                        secret_hash="sha256$",
                        grant_types=("client_credentials", "implicit"),
                        scopes=("orders:read",),
                        redirect_uris=(),
                        is_resource_server=False,
                        skip_consent=False,
                        created_at=1,
                    )
                )
        request.param(host)
        yield host
    host.close()


def test_a_token_is_stored_for_the_client_that_asked(host: Host) -> None:
    """After a commit, the same key could be another tenant's client."""
    with host.of("two"):
        client: Any = host.db.session.scalar(sa.select(host.tapauth.Client))
        issuer = host.app.extensions["tapauth"].issuer
        token = issuer.issue(client, None, None, None)["access_token"]

    assert not host.opens("one", token)


def test_a_code_is_found_for_the_tenant_that_the_host_chose(host: Host) -> None:
    """After a commit, the tables would be those of no tenant."""
    digest = b"d" * 32
    with host.of("two"):
        client: Any = host.db.session.scalar(sa.select(host.tapauth.Client))
        codes = host.app.extensions["tapauth"].store.codes
        codes.insert(digest, client, "ann", (), (), int(time.time()) + 60)
    with host.of("two"):
        found = [codes.find(digest) for _ in range(2)]
    with host.of("one"):
        elsewhere = codes.find(digest)

    assert [code and code.client_id for code in found] == ["second"] * 2
    assert elsewhere is None


def test_the_isolation_level_of_the_host_is_kept(new_database: NewDatabase) -> None:
    """AUTOCOMMIT would give the connection back with another level."""
    host = Host(SQLAlchemy(), on(new_database("postgresql"), pool_size=2))
    host.make_tables()

    def set_isolation(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_isolation TO serializable")
        connection.commit()

    with host.app.app_context():
        sa.event.listen(host.db.engine, "connect", set_isolation)
        host.db.engine.dispose()
    client = host.register("only")
    token = host.issue("only", client)["access_token"]

    assert all(host.opens("only", token) for _ in range(3))

    with host.app.app_context():
        level = host.db.session.scalar(sa.text("SHOW transaction_isolation"))
    host.close()
    assert level == "serializable"
