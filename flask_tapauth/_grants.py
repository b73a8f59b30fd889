"""The grants: Authlib's, with what this server lets through."""

from __future__ import annotations

from authlib.oauth2.rfc6749.grants import (
    ClientCredentialsGrant as AuthlibClientCredentialsGrant,
)


class ClientCredentialsGrant(AuthlibClientCredentialsGrant):
    """A client asks on its own behalf (RFC 6749 §4.4)."""

    # Public clients are let in as far as to be told that the grant is not theirs.
    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post", "none")


GRANTS = {grant.GRANT_TYPE: grant for grant in (ClientCredentialsGrant,)}
"""The grants of this package, by the name that requests and settings use."""
