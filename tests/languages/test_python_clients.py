"""Two OAuth libraries for Python get, use and revoke tokens."""

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

SECRET_METHODS = ["client_secret_basic", "client_secret_post"]
# Not EdDSA: joserfc warns of that old name. The libraries of npm test it.
SIGNATURE_METHODS = ["ES256", "ES384", "Ed25519", "RS256", "PS256"]
if version("authlib") == "1.7.1":  # the oldest that we allow
    SIGNATURE_METHODS = ["RS256"]

MakeSession = Callable[..., Any]


@pytest.fixture(autouse=True)
def allow_http(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the libraries use http, because loopback has no certificate."""
    for library in ("AUTHLIB", "OAUTHLIB"):
        monkeypatch.setenv(f"{library}_INSECURE_TRANSPORT", "1")


@pytest.fixture
def discovered(server: Server) -> Json:
    """The server's metadata, at the address that Authlib derives from the issuer."""
    document: Json = requests.get(
        get_well_known_url(server.issuer, external=True)
    ).json()
    return document


@pytest.fixture
def authlib_session(discovered: Json) -> MakeSession:
    """Make Authlib's session of a client, for a method or a signature algorithm."""

    def make(client: Client, method: str = "client_secret_basic") -> Any:
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

    return make


@pytest.fixture
def oauthlib_session(server: Server) -> Any:
    client = BackendApplicationClient(server.client_with_secret.client_id, scope=SCOPE)
    return OAuth2Session(client=client)


@pytest.fixture
def basic(server: Server) -> HTTPBasicAuth:
    return HTTPBasicAuth(
        server.client_with_secret.client_id,
        str(server.client_with_secret.client_secret),
    )


def api_status(server: Server, session: Any) -> int:
    """Call the API, and return the status of its answer."""
    status: int = session.get(f"{server.issuer}/api/v1/orders").status_code
    return status


def test_authlib_accepts_the_metadata(server: Server, discovered: Json) -> None:
    """RFC 8414 §3.3: the issuer matches, and all members are valid."""
    AuthorizationServerMetadata(discovered).validate()

    assert discovered["issuer"] == server.issuer


@pytest.mark.parametrize("method", SECRET_METHODS)
def test_authlib_gets_a_token_with_a_secret(
    server: Server, authlib_session: MakeSession, method: str
) -> None:
    """RFC 6749 §4.4: the token opens the API."""
    session = authlib_session(server.client_with_secret, method)

    token = session.fetch_token()

    assert token["scope"] == SCOPE
    assert api_status(server, session) == 200


@pytest.mark.parametrize("method", SIGNATURE_METHODS)
def test_authlib_gets_a_token_with_a_key(
    server: Server, authlib_session: MakeSession, method: str
) -> None:
    """RFC 7523 §2.2: `private_key_jwt`; the audience is the token endpoint."""
    session = authlib_session(server.client_with_keys, method)

    session.fetch_token()

    assert api_status(server, session) == 200


def test_authlib_refreshes_its_token(
    server: Server, authlib_session: MakeSession
) -> None:
    """RFC 9700 §4.14.2: the old refresh token is refused afterwards."""
    session = authlib_session(server.client_with_secret)
    first = session.fetch_token()

    second = session.refresh_token()

    assert second["refresh_token"] != first["refresh_token"]
    assert api_status(server, session) == 200
    with pytest.raises(OAuthError, match="invalid_grant"):
        session.refresh_token(refresh_token=first["refresh_token"])


@pytest.mark.parametrize("method", [*SECRET_METHODS, "RS256"])
def test_authlib_introspects_and_revokes_a_token(
    server: Server, authlib_session: MakeSession, discovered: Json, method: str
) -> None:
    """RFC 7009 §2 and RFC 7662 §2.2: the token is active until it is revoked."""
    session = authlib_session(
        server.client_with_keys if method == "RS256" else server.client_with_secret,
        method,
    )
    token = session.fetch_token()["access_token"]
    resource_server = authlib_session(server.resource_server)

    def introspect() -> Any:
        url = discovered["introspection_endpoint"]
        return resource_server.introspect_token(url, token=token).json()

    before = introspect()
    session.revoke_token(discovered["revocation_endpoint"], token=token)

    assert (before["active"], before["client_id"]) == (True, session.client_id)
    assert introspect() == {"active": False}
    assert api_status(server, session) == 401


@pytest.mark.parametrize("method", SECRET_METHODS)
def test_requests_oauthlib_gets_and_refreshes_a_token(
    server: Server,
    discovered: Json,
    oauthlib_session: Any,
    basic: HTTPBasicAuth,
    method: str,
) -> None:
    """RFC 6749 §§4.4, 6: both tokens open the API, with the secret in either place."""
    url = discovered["token_endpoint"]
    fetching: Json = {"auth": basic}
    refreshing: Json = {"auth": basic}
    if method == "client_secret_post":
        fetching = {"client_secret": basic.password, "include_client_id": True}
        refreshing = {"client_secret": basic.password, "client_id": basic.username}

    first = dict(oauthlib_session.fetch_token(url, **fetching))
    opened = api_status(server, oauthlib_session)
    second = dict(oauthlib_session.refresh_token(url, **refreshing))

    assert (opened, api_status(server, oauthlib_session)) == (200, 200)
    assert second["access_token"] != first["access_token"]
    assert second["refresh_token"] != first["refresh_token"]


def test_requests_oauthlib_understands_that_a_refresh_token_was_used(
    discovered: Json, oauthlib_session: Any, basic: HTTPBasicAuth
) -> None:
    """RFC 6749 §5.2: the library raises its exception for `invalid_grant`."""
    url = discovered["token_endpoint"]
    first = dict(oauthlib_session.fetch_token(url, auth=basic))
    oauthlib_session.refresh_token(url, auth=basic)

    with pytest.raises(InvalidGrantError):
        oauthlib_session.refresh_token(url, first["refresh_token"], auth=basic)


def test_a_revocation_request_of_oauthlib_revokes_the_token(
    server: Server, discovered: Json, oauthlib_session: Any, basic: HTTPBasicAuth
) -> None:
    """RFC 7009 §2.1: oauthlib sends a `token_type_hint`."""
    token = oauthlib_session.fetch_token(discovered["token_endpoint"], auth=basic)
    url, headers, body = oauthlib_session._client.prepare_token_revocation_request(
        discovered["revocation_endpoint"], token["access_token"], "access_token"
    )

    revoked = requests.post(url, body, headers=headers, auth=basic)

    assert revoked.status_code == 200
    assert api_status(server, oauthlib_session) == 401
