"""Check that the values of a client fit together, for new and changed clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._base.moments import has_passed
from .._base.redirect_uris import is_private_use
from ..errors import RegistrationError

DEPENDENT_COLUMNS = (
    "grant_types",
    "redirect_uris",
    "is_resource_server",
    "resource_uri",
    "keeps_refresh_token",
)
"""The columns that :func:`check_consistency` compares."""

_REDIRECTING = ("implicit", "authorization_code")
"""Grant types that redirect users back to the client (RFC 6749 §3.1.2.2)."""


def check_consistency(columns: Mapping[str, Any], *, is_public: bool) -> None:
    """Check that a client could use what it is registered for.

    :param columns: the client's values as they would be stored.
    """
    grant_types = columns["grant_types"]
    if is_public and "client_credentials" in grant_types:
        raise RegistrationError(
            "a public client cannot use client_credentials, which is the default "
            "(RFC 6749 §4.4); give it another grant type, such as authorization_code",
            "grant_types",
        )
    for grant_type in _REDIRECTING:
        if grant_type in grant_types and not columns["redirect_uris"]:
            raise RegistrationError(
                f"the {grant_type} grant needs a redirect URI; give one",
                "redirect_uris",
            )
    for uri in columns["redirect_uris"]:
        if "implicit" in grant_types and is_private_use(uri):
            # Any application may have the same scheme, and would get the token. A code
            # is useless without its verifier.
            raise RegistrationError(
                f"redirect URI {uri!r} is for the authorization_code grant alone "
                "(RFC 8252 §8.2); leave out the implicit grant, or this URI",
                "redirect_uris",
            )
    if is_public and columns["is_resource_server"]:
        raise RegistrationError(
            "a public client cannot introspect tokens, because it cannot authenticate "
            "(RFC 7662 §2.1); give it a secret or keys",
            "resource_server",
        )
    if columns["resource_uri"] is not None and not columns["is_resource_server"]:
        raise RegistrationError(
            "only a resource server has a resource; make the client a resource server",
            "resource",
        )
    if columns["keeps_refresh_token"] and (
        is_public or "refresh_token" not in grant_types
    ):
        raise RegistrationError(
            "only a client with a secret or keys and the refresh_token grant can keep "
            "its refresh token (RFC 9700 §4.14.2)",
            "keep_refresh_token",
        )


def check_one_key_source(jwks: object, jwks_uri: object) -> None:
    """:raises RegistrationError: both are given, which RFC 7591 §2 forbids."""
    if jwks is not None and jwks_uri is not None:
        raise RegistrationError(
            "give the client's keys or the URL of its keys, not both", "jwks_uri"
        )


def check_not_expired(secret_expires_at: int | None) -> None:
    """:raises RegistrationError: the secret would have expired already."""
    if has_passed(secret_expires_at):
        raise RegistrationError(
            "this date is in the past, so the secret would never work; give a later "
            "date",
            "secret_expires_at",
        )
