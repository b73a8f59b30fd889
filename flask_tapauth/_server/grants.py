"""The client credentials grant and the implicit grant, on top of Authlib's."""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import (
    ClientCredentialsGrant as AuthlibClientCredentialsGrant,
)
from authlib.oauth2.rfc6749.grants import ImplicitGrant as AuthlibImplicitGrant

from ..errors import UniformClientError
from .client_auth import METHODS


class ClientCredentialsGrant(AuthlibClientCredentialsGrant):
    """A client gets a token on its own behalf (RFC 6749 §4.4)."""

    # Public clients too, so that they are told that they may not use this grant.
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def generate_token(self, **wanted: Any) -> Any:
        # Authlib's grant never requests a refresh token. Whether the client gets one is
        # decided by the token generator.
        return super().generate_token(**{**wanted, "include_refresh_token": True})


class ImplicitGrant(AuthlibImplicitGrant):
    """A browser application gets a token on a person's behalf (RFC 6749 §4.2)."""

    GRANT_TYPE = "implicit"

    def validate_authorization_request(self) -> str:
        # The gate has checked the request. Authlib's check would refuse confidential
        # clients, and allow scopes that are not in TAPAUTH_SCOPES.
        redirect_uri: str = self.request.proven_redirect_uri
        return redirect_uri

    def create_authorization_response(self, redirect_uri: str, grant_user: Any) -> Any:
        try:
            return super().create_authorization_response(redirect_uri, grant_user)
        except UniformClientError:
            # The client was deleted meanwhile. RFC 6749 §4.2.2.1 has no invalid_client.
            raise UnauthorizedClientError(redirect_uri=redirect_uri) from None
        except OAuth2Error as error:
            error.redirect_uri = redirect_uri  # not set in all of Authlib's errors
            raise
