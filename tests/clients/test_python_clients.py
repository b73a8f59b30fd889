"""The libraries of Python: Authlib's session and requests-oauthlib's."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session as AuthlibSession
from authlib.integrations.requests_client import OAuthError
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from joserfc import jwk
from oauthlib.oauth2 import (  # type: ignore[import-untyped,unused-ignore]
    BackendApplicationClient,
    InvalidGrantError,
)
from requests.auth import HTTPBasicAuth
from requests_oauthlib import (  # type: ignore[import-untyped,unused-ignore]
    OAuth2Session,
)

from .conftest import SCOPE, Client, Json, Server

SECRETS = ["client_secret_basic", "client_secret_post"]
# joserfc warns of the older name EdDSA, which the libraries of npm try.
SIGNATURES = ["ES256", "ES384", "Ed25519", "RS256", "PS256"]
if version("authlib") == "1.7.1":  # the oldest that we allow
    SIGNATURES = ["RS256"]

Authlib = Callable[..., Any]


@pytest.fixture(autouse=True)
def loopback_has_no_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("AUTHLIB", "OAUTHLIB"):
        monkeypatch.setenv(f"{library}_INSECURE_TRANSPORT", "1")


@pytest.fixture
def discovered(server: Server) -> Json:
    """The server's metadata, at the address that Authlib makes of its issuer."""
    document: Json = requests.get(
        get_well_known_url(server.issuer, external=True)
    ).json()
    return document


@pytest.fixture
def authlib(discovered: Json) -> Authlib:
    """Make Authlib's session of a client, by an authentication method or algorithm."""

    def authlib(client: Client, method: str = "client_secret_basic") -> Any:
        key = client.keys.get(method)
        if key is not None:
            proof: Any = jwk.import_key(key)
            headers, name = {"kid": key["kid"]}, "private_key_jwt"
        else:
            proof, headers, name = client.client_secret, {}, method
        session = AuthlibSession(
            client.client_id,
            proof,
            scope=SCOPE,
            token_endpoint_auth_method=name,
            revocation_endpoint_auth_method=name,
            token_endpoint=discovered["token_endpoint"],
        )
        session.register_client_auth_method(
            PrivateKeyJWT(discovered["token_endpoint"], headers=headers, alg=method)
        )
        return session

    return authlib


@pytest.fixture
def oauthlib(server: Server) -> Any:
    client = BackendApplicationClient(server.secretive.client_id, scope=SCOPE)
    return OAuth2Session(client=client)


@pytest.fixture
def basic(server: Server) -> HTTPBasicAuth:
    return HTTPBasicAuth(
        server.secretive.client_id, str(server.secretive.client_secret)
    )


def call(server: Server, session: Any) -> int:
    status: int = session.get(f"{server.issuer}/api/v1/orders").status_code
    return status


def test_authlib_accepts_the_metadata(server: Server, discovered: Json) -> None:
    """RFC 8414 §3.3: the issuer is the one asked for, and all members are well made."""
    AuthorizationServerMetadata(discovered).validate()

    assert discovered["issuer"] == server.issuer


@pytest.mark.parametrize("method", SECRETS)
def test_authlib_gets_a_token_by_its_secret(
    server: Server, authlib: Authlib, method: str
) -> None:
    """RFC 6749 §4.4: the token opens the API."""
    session = authlib(server.secretive, method)

    token = session.fetch_token()

    assert token["scope"] == SCOPE
    assert call(server, session) == 200


@pytest.mark.parametrize("method", SIGNATURES)
def test_authlib_gets_a_token_by_its_key(
    server: Server, authlib: Authlib, method: str
) -> None:
    """RFC 7523 §2.2: `private_key_jwt`, for the token endpoint by its URL."""
    session = authlib(server.signing, method)

    session.fetch_token()

    assert call(server, session) == 200


def test_authlib_refreshes_its_token(server: Server, authlib: Authlib) -> None:
    """RFC 9700 §4.14.2: the new refresh token serves, and the old one no more."""
    session = authlib(server.secretive)
    first = session.fetch_token()

    second = session.refresh_token()

    assert second["refresh_token"] != first["refresh_token"]
    assert call(server, session) == 200
    with pytest.raises(OAuthError, match="invalid_grant"):
        session.refresh_token(refresh_token=first["refresh_token"])


@pytest.mark.parametrize("method", [*SECRETS, "RS256"])
def test_authlib_revokes_what_a_resource_server_introspects(
    server: Server, authlib: Authlib, discovered: Json, method: str
) -> None:
    """RFC 7009 §2 and RFC 7662 §2.2: the token is active until it is revoked."""
    session = authlib(server.signing if method == "RS256" else server.secretive, method)
    token = session.fetch_token()["access_token"]
    resource_server = authlib(server.resource_server)

    def introspect() -> Any:
        url = discovered["introspection_endpoint"]
        return resource_server.introspect_token(url, token=token).json()

    before = introspect()
    session.revoke_token(discovered["revocation_endpoint"], token=token)

    assert (before["active"], before["client_id"]) == (True, session.client_id)
    assert introspect() == {"active": False}
    assert call(server, session) == 401


@pytest.mark.parametrize("method", SECRETS)
def test_requests_oauthlib_gets_and_refreshes_a_token(
    server: Server, discovered: Json, oauthlib: Any, basic: HTTPBasicAuth, method: str
) -> None:
    """RFC 6749 §§4.4, 6: both tokens open the API, whichever way the secret goes."""
    url = discovered["token_endpoint"]
    fetching: Json = {"auth": basic}
    refreshing: Json = {"auth": basic}
    if method == "client_secret_post":
        fetching = {"client_secret": basic.password, "include_client_id": True}
        refreshing = {"client_secret": basic.password, "client_id": basic.username}

    first = dict(oauthlib.fetch_token(url, **fetching))
    opened = call(server, oauthlib)
    second = dict(oauthlib.refresh_token(url, **refreshing))

    assert (opened, call(server, oauthlib)) == (200, 200)
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]


def test_requests_oauthlib_understands_that_a_refresh_token_is_spent(
    discovered: Json, oauthlib: Any, basic: HTTPBasicAuth
) -> None:
    """RFC 6749 §5.2: `invalid_grant` is an error of its own to who called."""
    url = discovered["token_endpoint"]
    first = dict(oauthlib.fetch_token(url, auth=basic))
    oauthlib.refresh_token(url, auth=basic)

    with pytest.raises(InvalidGrantError):
        oauthlib.refresh_token(url, first["refresh_token"], auth=basic)


def test_oauthlibs_revocation_request_revokes(
    server: Server, discovered: Json, oauthlib: Any, basic: HTTPBasicAuth
) -> None:
    """RFC 7009 §2.1: as oauthlib words the request, with its hint."""
    token = oauthlib.fetch_token(discovered["token_endpoint"], auth=basic)
    url, headers, body = oauthlib._client.prepare_token_revocation_request(
        discovered["revocation_endpoint"], token["access_token"], "access_token"
    )

    revoked = requests.post(url, body, headers=headers, auth=basic)

    assert revoked.status_code == 200
    assert call(server, oauthlib) == 401
