"""The grants: Authlib's, with what this server lets through."""

from __future__ import annotations

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError, UnauthorizedClientError
from authlib.oauth2.rfc6749.grants import (
    ClientCredentialsGrant as AuthlibClientCredentialsGrant,
)
from authlib.oauth2.rfc6749.grants import ImplicitGrant as AuthlibImplicitGrant

from ._client_auth import METHODS
from .errors import UniformClientError
from .models import ClientMixin


class ClientCredentialsGrant(AuthlibClientCredentialsGrant):
    """A client asks on its own behalf (RFC 6749 §4.4)."""

    # Public clients are let in as far as to be told that the grant is not theirs.
    TOKEN_ENDPOINT_AUTH_METHODS = METHODS

    def generate_token(self, **wanted: Any) -> Any:
        # Authlib's never asks for a refresh token; the seed's table has one, and who
        # gets it is decided where it is made.
        return super().generate_token(**{**wanted, "include_refresh_token": True})


class ImplicitGrant(AuthlibImplicitGrant):
    """A browser application asks on a person's behalf (RFC 6749 §4.2)."""

    GRANT_TYPE = "implicit"

    def authenticate_token_endpoint_client(self) -> ClientMixin:
        """Return the client, which proves nothing here: its redirect URI does.

        Authlib lets public clients in alone; a confidential one may be registered for
        this grant too.
        """
        client_id = self.request.payload.client_id
        client: ClientMixin | None = client_id and self.server.query_client(client_id)
        if not client or client.is_disabled or client.is_expired():
            raise UniformClientError("unknown client", client_id)
        return client

    @staticmethod
    def validate_authorization_redirect_uri(request: Any, client: ClientMixin) -> str:
        """Return the redirect URI, compared as it stands (RFC 9700 §2.1).

        Authlib's error repeats the URI, which may have any character.
        """
        uri: str | None = request.payload.redirect_uri
        uri = uri or client.get_default_redirect_uri()
        if not uri or not client.check_redirect_uri(uri):
            raise InvalidRequestError(
                "The redirect URI is not one that this client is registered with."
            )
        return uri

    @staticmethod
    def validate_no_multiple_request_parameter(request: Any) -> None:
        """What came twice was left out when the request was read; here it is told."""

    def validate_authorization_request(self) -> str:
        redirect_uri: str = super().validate_authorization_request()
        if self.request.fault is not None:
            raise InvalidRequestError(self.request.fault, redirect_uri=redirect_uri)
        try:
            # Within TAPAUTH_SCOPES too, which the client's own record may exceed.
            self.request.scope = self.server.allowed_scope(
                self.request.client, self.request.payload.scope
            )
            self.server.allowed_audience(self.request)
        except OAuth2Error as error:
            error.redirect_uri = redirect_uri
            raise
        return redirect_uri

    def create_authorization_response(self, redirect_uri: str, grant_user: Any) -> Any:
        try:
            return super().create_authorization_response(redirect_uri, grant_user)
        except UniformClientError:
            # Deleted meanwhile; its own code is none of RFC 6749 §4.2.2.1.
            raise UnauthorizedClientError(redirect_uri=redirect_uri) from None
        except OAuth2Error as error:
            error.redirect_uri = redirect_uri  # Authlib answers some by itself
            raise
