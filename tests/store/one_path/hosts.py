"""Hosts whose sessions reach a database in different ways."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.test import TestResponse

from flask_tapauth import RegisteredClient, TapAuth, current_token, require_token

from ...conftest import bearer, grant

BOTH = ["client_credentials", "refresh_token"]
NewDatabase = Callable[[str], sa.URL]
Kind = Callable[[NewDatabase], Any]


class Host:
    """An app, which may serve several tenants; a header of the request names one.

    :param tenants: their names.
    """

    def __init__(
        self,
        db: SQLAlchemy,
        settings: dict[str, Any],
        *,
        tenants: tuple[str, ...] = ("only",),
        **models: Any,
    ) -> None:
        self.db = db
        self.tenants = tenants
        self.tenant_columns: tuple[str, ...] = ()
        """The client's columns that say which tenant's it is."""
        self.app = Flask("host")
        self.app.config.update(settings, TESTING=True)
        db.init_app(self.app)
        self.tapauth = TapAuth(self.app, db, **models)

        @self.app.get("/guarded")
        @require_token("orders:read")
        def guarded() -> dict[str, str]:
            client: Any = current_token.client
            return {"id": current_token.client_id, "name": client.client_name}

    @contextmanager
    def of(self, tenant: str) -> Iterator[None]:
        """Push the context of a request of a tenant, outside of our endpoints."""
        with self.app.test_request_context(method="POST", headers={"X-Tenant": tenant}):
            self.app.preprocess_request()
            yield

    def make_tables(self) -> None:
        for tenant in self.tenants:
            with self.of(tenant):
                bind: Any = self.db.session.get_bind(mapper=self.tapauth.Client)
                with bind.connect() as connection:
                    self.tapauth.Client.metadata.create_all(connection)
                    connection.commit()

    def register(self, tenant: str, **registration: Any) -> RegisteredClient:
        """Register a client with the name of its tenant."""
        registration |= dict.fromkeys(self.tenant_columns, tenant)
        with self.of(tenant):
            client = self.tapauth.clients.create(
                tenant, **{"scopes": "orders:read", "grant_types": BOTH} | registration
            )
            self.db.session.expunge_all()
        return client

    def disable(self, tenant: str, client: RegisteredClient) -> None:
        with self.of(tenant):
            self.app.extensions["tapauth"].clients.disable(client.client_id)

    def post(self, tenant: str, endpoint: str, form: dict[str, Any]) -> TestResponse:
        return self.app.test_client().post(
            f"/oauth/{endpoint}", data=form, headers={"X-Tenant": tenant}
        )

    def issue(self, tenant: str, client: RegisteredClient) -> dict[str, Any]:
        answer = self.post(tenant, "token", grant(client))
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.get_json()
        return tokens

    def refresh(
        self, tenant: str, client: RegisteredClient, token: str
    ) -> TestResponse:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        return self.post(tenant, "token", grant(client, **form))

    def open(self, tenant: str, token: str) -> TestResponse:
        headers = {**bearer(token), "X-Tenant": tenant}
        return self.app.test_client().get("/guarded", headers=headers)

    def opens(self, tenant: str, token: str) -> bool:
        """Tell whether a token opens the guarded view; assert that nothing fails."""
        answer = self.open(tenant, token)
        assert answer.status_code in (200, 401), answer.text
        return answer.status_code == 200

    def close(self) -> None:
        with self.app.app_context():
            self.db.session.remove()
            for engine in self.db.engines.values():
                engine.dispose()


def on(url: sa.URL, **engine_options: Any) -> dict[str, Any]:
    return {
        "SQLALCHEMY_DATABASE_URI": url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options,
    }
