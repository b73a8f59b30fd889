"""Authenticate a client by a JWT that it signed (RFC 7523): ``private_key_jwt``."""

from __future__ import annotations

import functools
import logging
import time
from typing import Any, Final

from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidRequestError,
    OAuth2Request,
)
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc.errors import JoseError

from .._app.app_state import get_app_state
from .._app.identity import endpoint_url, issuer
from .._base import secrets as _secrets
from .._base.key_reading import read_client_keys
from .._base.keys import CLIENT_ALGORITHMS, MALFORMED, KeySet, read_unproven
from .._clients.credentials import is_client_id
from ..errors import UniformClientError
from ..models import ClientMixin
from .client_auth import Query, check_alive

log = logging.getLogger(__name__)

MAX_LIFETIME: Final = 3600
"""Seconds from now at which an assertion may expire at the latest, because an accepted
assertion is remembered until it expires."""

_MAX_JTI: Final = 255
_read = functools.lru_cache(maxsize=256)(read_client_keys)


class ClientAssertion(JWTBearerClientAssertion):
    """Authlib's client assertion. All processes of an app together accept one once.

    Claims are checked before the signature. Otherwise anybody could make the app fetch
    keys and verify signatures.
    """

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self) -> None:
        # Authlib would remember the assertion before it has verified the signature.
        super().__init__(validate_jti=False)

    def __call__(self, query: Query, request: OAuth2Request) -> ClientMixin | None:
        named = request.form.get("client_id")
        client_ids: list[str] = []

        def find_alive(client_id: str) -> ClientMixin | None:
            client_ids.append(client_id)
            client = query(client_id)
            return None if client is None else check_alive(client)

        try:
            if super().__call__(find_alive, request) is None:
                return None
        except InvalidClientError:
            raise UniformClientError("assertion", named) from None
        # Read again: the client may have been changed or deleted in the meantime.
        client = query(client_ids[0])
        if client is None:
            raise UniformClientError("unknown_client", named)
        if named not in (None, client.client_id):
            raise InvalidRequestError("The request names two clients.")
        return check_alive(client)

    def authenticate_client(self, client: ClientMixin) -> ClientMixin:
        return client  # `__call__` checks the client after it has read it again

    def extract_assertion(self, assertion: str) -> tuple[Any, Any]:
        """Return header and claims after all checks but that of the signature."""
        # Authlib's method accepts, or fails with a 500 at, some malformed assertions.
        try:
            header, claims = read_unproven(assertion)
            if (
                isinstance(header, dict)
                and header.get("alg") in CLIENT_ALGORITHMS
                and isinstance(claims, dict)
                and is_client_id(claims["sub"])
            ):
                self.verify_claims(claims)
                return header, claims
        except (JoseError, *MALFORMED):
            pass
        raise InvalidClientError

    def resolve_client_public_key(self, client: ClientMixin) -> Any:
        """Return a function that finds the client's keys by a key id."""
        client = get_app_state().document_clients.with_current_keys(client)
        if client.jwks is not None:
            try:
                keys = _read(client.jwks)
            except ValueError:  # stored by the host itself, or by an older version
                raise InvalidClientError from None
            return lambda kid: keys
        if client.jwks_uri is not None:
            return functools.partial(get_app_state().remote_keys.get, client.jwks_uri)
        return lambda kid: None

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> Any:
        header, _ = self.extract_assertion(assertion)
        keys: KeySet | None = resolve_key(header.get("kid"))
        verified = None if keys is None else keys.verify(assertion)
        if verified is None:
            raise InvalidClientError
        # Last, so that only assertions that the client has signed are remembered.
        if not self.validate_jti(verified.claims, verified.claims["jti"]):
            raise InvalidClientError
        return verified.claims

    def verify_claims(self, claims: Any) -> None:
        audience = claims.get("aud")
        ours = self.get_audiences()
        # Another server named in it could use the assertion here (RFC 7523 §3).
        for each in audience if isinstance(audience, list) else [audience]:
            if each not in ours:
                raise InvalidClientError
        # Checked here because older versions of joserfc accept some wrong values.
        for name in ("exp", "iat", "nbf"):
            if name in claims and not _is_numeric_date(claims[name]):
                raise InvalidClientError
        now, expires_at = time.time(), claims.get("exp", 0)
        if not now - self.leeway < expires_at <= now + MAX_LIFETIME + self.leeway:
            raise InvalidClientError
        jti = claims.get("jti")
        if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI:
            raise InvalidClientError
        super().verify_claims(claims)

    def get_audiences(self) -> list[str]:
        """Return the names of this server, by its settings alone.

        In the ``Host`` header, a caller could name the server that an assertion was
        made for.
        """
        if get_app_state().config.issuer is None:
            log.error(
                "A client assertion was refused because TAPAUTH_ISSUER is not set. Set "
                "it to the URL of this server, which assertions name as their audience."
            )
            raise InvalidClientError
        return [issuer(), endpoint_url("issue_token")]

    def validate_jti(self, claims: Any, jti: object) -> bool:
        """Remember this ``jti``, and tell whether the client uses it the first time."""
        digest = _secrets.digest(f"{claims['sub']}\0{jti}")
        until = int(claims["exp"]) + self.leeway + 1
        return get_app_state().store.assertions.insert(digest, until)


def _is_numeric_date(value: object) -> bool:
    """Tell whether a value is a NumericDate (RFC 7519 §2) of a usable size."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and -(2**53) < value < 2**53  # type: ignore[operator]
