"""A client proves who it is by a JWT that it signs (RFC 7523): ``private_key_jwt``."""

from __future__ import annotations

import functools
import time
from typing import Any, Final

from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidRequestError,
    OAuth2Request,
)
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc.errors import JoseError

from . import _secrets
from ._client_auth import Query, check_alive
from ._identity import endpoint_url, issuer
from ._keys import CLIENT_ALGORITHMS, MALFORMED, KeySet, read_key_set
from ._registration import is_client_id
from ._state import get_state
from .errors import UniformClientError
from .models import ClientMixin

MAX_LIFETIME: Final = 3600
"""Seconds ahead at which an assertion may expire: for so long it is remembered."""

_MAX_JTI: Final = 255
_read = functools.lru_cache(maxsize=256)(read_key_set)


class ClientAssertion(JWTBearerClientAssertion):
    """Authlib's, with this app's clients, one answer to all failures, and assertions
    that are accepted once by all processes of the app together."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __call__(self, query: Query, request: OAuth2Request) -> ClientMixin | None:
        named = request.form.get("client_id")
        try:
            if super().__call__(query, request) is None:
                return None
            _, claims = self.extract_assertion(request.form["client_assertion"])
        except InvalidClientError:
            raise UniformClientError("wrong assertion", named) from None
        # As it is now that the assertion is noted down, if it still is.
        client = query(claims["sub"])
        if client is None:
            raise UniformClientError("unknown client", named)
        if named not in (None, client.client_id):
            raise InvalidRequestError("The request names two clients.")
        return check_alive(client)

    def authenticate_client(self, client: ClientMixin) -> ClientMixin:
        return client  # whose method is looked at when it is read again

    def extract_assertion(self, assertion: str) -> tuple[Any, Any]:
        """Return header and claims, nothing of which is proven yet."""
        # Authlib's own lets through, or falls over, what is no JWT of a client's.
        try:
            header, claims = super().extract_assertion(assertion)
            if isinstance(header, dict) and is_client_id(claims["sub"]):
                return header, claims
        except (JoseError, *MALFORMED):
            pass
        raise InvalidClientError

    def resolve_client_public_key(self, client: ClientMixin) -> Any:
        """Return what finds the client's keys, by the name of the one that signed."""
        if client.jwks is not None:
            keys = _read(client.jwks, CLIENT_ALGORITHMS)
            return lambda kid: keys
        if client.jwks_uri is not None:
            return functools.partial(get_state().remote_keys.get, client.jwks_uri)
        return lambda kid: None

    def process_assertion_claims(self, assertion: str, resolve_key: Any) -> Any:
        header, _ = self.extract_assertion(assertion)
        keys: KeySet | None = resolve_key(header.get("kid"))
        verified = None if keys is None else keys.verify(assertion)
        if verified is None:
            raise InvalidClientError
        self.verify_claims(verified.claims)
        return verified.claims

    def verify_claims(self, claims: Any) -> None:
        audience = claims.get("aud")
        ours = self.get_audiences()
        # One that is for others too, others could use here (RFC 7523 §3).
        for each in audience if isinstance(audience, list) else [audience]:
            if each not in ours:
                raise InvalidClientError
        # Said again here: joserfc's older versions let some of this through.
        for name in ("exp", "iat", "nbf"):
            if name in claims and not _is_moment(claims[name]):
                raise InvalidClientError
        now, expires_at = time.time(), claims.get("exp", 0)
        if not now - self.leeway < expires_at <= now + MAX_LIFETIME + self.leeway:
            raise InvalidClientError
        super().verify_claims(claims)

    def get_audiences(self) -> list[str]:
        return [issuer(), endpoint_url("issue_token")]

    def validate_jti(self, claims: Any, jti: object) -> bool:
        """Tell whether this is the first assertion of this name from this client."""
        if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI:
            return False
        digest = _secrets.digest(f"{claims['sub']}\0{jti}")
        until = int(claims["exp"]) + self.leeway + 1
        return get_state().store.assertions.insert(digest, until)


def _is_moment(value: object) -> bool:
    """Tell whether a value is a NumericDate (RFC 7519 §2) that can be reckoned with."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and -(2**53) < value < 2**53  # type: ignore[operator]
