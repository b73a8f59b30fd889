"""Apache's mod_auth_openidc accepts the tokens that introspection calls active."""

from __future__ import annotations

import pytest
import requests

from .. import host
from .conftest import API, OTHER, Client, Issuer, request_tokens, revoke


def status(apache: str, token: str) -> int:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(apache, headers=headers, timeout=10).status_code


@pytest.mark.parametrize("resources", [(API,), (OTHER, API)], ids=["alone", "too"])
def test_a_token_for_this_resource_is_accepted(
    apache: str, issuer: Issuer, client: Client, resources: tuple[str, ...]
) -> None:
    """RFC 7662 §2.2: the token may be for other resources too."""
    assert (
        status(apache, request_tokens(issuer, client, *resources)["access_token"])
        == 200
    )


@pytest.mark.parametrize(
    ("scopes", "expected"),
    [
        ("orders:read", 200),
        ("orders:write orders:read customers:read", 200),
        ("orders:write orders:reader all:orders:read", 401),
    ],
)
def test_a_page_can_demand_a_scope(
    apache: str, issuer: Issuer, scopes: str, expected: int
) -> None:
    """docs/how-to/elsewhere/apache.md: the module compares the whole claim."""
    with issuer.context():
        registered = host.tapauth.clients.create("Scoped", scopes=scopes)
        client_id, secret = registered.client_id, registered.client_secret
    assert secret is not None
    token = request_tokens(issuer, Client(client_id, secret), API)["access_token"]
    assert status(apache.replace("/page", "/scoped"), token) == expected


def test_a_refresh_token_is_refused(
    apache: str, issuer: Issuer, client: Client
) -> None:
    """RFC 6749 §1.5: Apache accepted a refresh token for 14 days."""
    assert status(apache, request_tokens(issuer, client, API)["refresh_token"]) == 401


@pytest.mark.parametrize("resources", [(OTHER,), ()], ids=["named", "by default"])
def test_a_token_for_another_resource_is_refused(
    apache: str, issuer: Issuer, client: Client, resources: tuple[str, ...]
) -> None:
    """RFC 7662 §4: one API could use the tokens it received at another API."""
    assert (
        status(apache, request_tokens(issuer, client, *resources)["access_token"])
        == 401
    )


def test_a_revoked_token_is_refused(
    apache: str, issuer: Issuer, client: Client
) -> None:
    """RFC 7009 §2.1: the next request with the token is refused."""
    token = request_tokens(issuer, client, API)["access_token"]
    assert status(apache, token) == 200

    revoke(issuer, client, token)

    assert status(apache, token) == 401


def test_a_token_of_a_deleted_client_is_refused(
    apache: str, issuer: Issuer, client: Client
) -> None:
    """A client that was shut out must not keep its access."""
    token = request_tokens(issuer, client, API)["access_token"]
    assert status(apache, token) == 200

    with issuer.context():
        host.db.session.delete(
            host.db.session.query(host.tapauth.Client)
            .filter_by(client_id=client.client_id)
            .one()
        )
        host.db.session.commit()

    assert status(apache, token) == 401


def test_a_request_without_a_token_is_refused(apache: str) -> None:
    """The other tests prove something only if the page needs a token."""
    assert requests.get(apache, timeout=10).status_code == 401
