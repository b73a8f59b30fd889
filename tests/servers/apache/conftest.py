"""An app that issues tokens, and an Apache that introspects them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import requests

from ...ports import HOST
from ...server.private_key_jwt.key_server import make_certificates
from .. import host
from ..conftest import Start, Stored
from .commands import mod_auth_openidc

API = "https://api.example/"
OTHER = "https://other.example/"
SETTINGS = {"TAPAUTH_RESOURCES": (OTHER, API)}


class Issuer(NamedTuple):
    """The app under gunicorn. The tests use its database too."""

    port: int
    authority: Path
    database_url: str

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}/oauth"

    @contextmanager
    def context(self) -> Iterator[None]:
        with host.create_app(self.database_url, **SETTINGS).app_context():
            yield
            host.db.session.remove()
            host.db.engine.dispose()


class Client(NamedTuple):
    client_id: str
    client_secret: str


@pytest.fixture(scope="package")
def issuer(
    start: Start, stored: Stored, tmp_path_factory: pytest.TempPathFactory
) -> Issuer:
    # mod_auth_openidc introspects over HTTPS only.
    authority, served = make_certificates(tmp_path_factory.mktemp("tls"), HOST)
    tls = ["--certfile", str(served), "--keyfile", str(served)]
    settings = ", ".join(f"{name}={value!r}" for name, value in SETTINGS.items())
    app = f"tests.servers.host:create_app({settings})"

    def command(_: object, port: int) -> list[str]:
        gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"{HOST}:{port}"]
        return [*gunicorn, *tls, app]

    return Issuer(start(command), authority, stored.database_url)


@pytest.fixture(scope="package")
def apache(start: Start, issuer: Issuer) -> str:
    """The address of a page that needs a token for the resource `API`."""
    with issuer.context():
        registered = host.tapauth.clients.create("Apache", resource_server=True)
        registered.client.resource_uri = API
        host.db.session.commit()
        client_id, secret = registered.client_id, registered.client_secret
    assert secret is not None
    values = {
        "endpoint": f"{issuer.url}/introspect",
        "authority": issuer.authority,
        "client_id": client_id,
        "client_secret": secret,
    }
    port = start(lambda directory, port: mod_auth_openidc(directory, port, values))
    return f"http://{HOST}:{port}/page"


@pytest.fixture
def client(issuer: Issuer) -> Client:
    """A client that sends its tokens to Apache."""
    with issuer.context():
        registered = host.tapauth.clients.create(
            "Reports", grant_types=("client_credentials", "refresh_token")
        )
        client_id, secret = registered.client_id, registered.client_secret
    assert secret is not None
    return Client(client_id, secret)


def request_tokens(issuer: Issuer, client: Client, *resources: str) -> dict[str, Any]:
    """Request an access token for these resources, and a refresh token."""
    tokens: dict[str, Any] = _post(
        issuer, client, "token", grant_type="client_credentials", resource=resources
    ).json()
    return tokens


def revoke(issuer: Issuer, client: Client, token: str) -> None:
    _post(issuer, client, "revoke", token=token)


def _post(
    issuer: Issuer, client: Client, endpoint: str, **parameters: Any
) -> requests.Response:
    answer = requests.post(
        f"{issuer.url}/{endpoint}",
        data=parameters,
        auth=client,
        verify=str(issuer.authority),
        timeout=10,
    )
    assert answer.status_code == 200, answer.text
    return answer
