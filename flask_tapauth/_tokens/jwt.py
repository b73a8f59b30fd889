"""Generate and read signed access tokens (RFC 9068)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final

from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oauth2.rfc9068.claims import JWTAccessTokenClaims
from joserfc.errors import JoseError

from .._base import secrets as _secrets
from .._base.config import Config
from .._base.hooks import Hooks
from .._base.keys import MALFORMED, KeySet
from .._base.parameters import MAX_LONG
from .._base.scopes import join_scopes, parse_scopes
from ..errors import ConfigError
from ..models import ClientMixin
from .generator import TokenGenerator
from .token import AccessToken, Grant, subject

CLAIMS: Final = (
    "iss",
    "sub",
    "sub_type",
    "aud",
    "client_id",
    "scope",
    "iat",
    "exp",
    "jti",
)
"""The claims of every token. `sub_type` is our own: see :func:`~.token.subject`."""

_TYP: Final = "at+jwt"
_LEEWAY_SECONDS: Final = 60
"""How far the clock of the machine that issued a token may be ahead of ours."""
_MAX_VERIFIED: Final = 10_000


class JWTGenerator(TokenGenerator, JWTBearerTokenGenerator):
    """Generates signed tokens.

    Authlib's generator writes no `kid`, cannot sign with EdDSA, and knows neither
    resources (RFC 8707) nor the lifetime that a client is registered with.
    """

    def __init__(self, config: Config, keys: KeySet, issuer: str, hooks: Hooks) -> None:
        super().__init__(config)
        self.issuer = issuer
        self._keys = keys
        self._hooks = hooks

    def make_access_token(
        self,
        client: ClientMixin,
        scopes: tuple[str, ...],
        grant: Grant,
        issued_at: int,
        expires_at: int,
    ) -> tuple[str, bytes]:
        jti = secrets.token_urlsafe(32)
        audience = grant.audience
        claims = {
            **self._hooks.claims(client, grant.user, scopes),
            "iss": self.issuer,
            **subject(client.client_id, grant.user_id),
            "aud": audience[0] if len(audience) == 1 else list(audience),
            "client_id": client.client_id,
            "scope": join_scopes(scopes),
            "iat": issued_at,
            "exp": expires_at,
            "jti": jti,
        }
        token = self._keys.sign(_TYP, claims)
        if len(token) > MAX_LONG:
            # Our endpoints refuse longer parameters, so it could not be revoked.
            raise ConfigError(
                f"TapAuth: a token would have {len(token)} characters; at most "
                f"{MAX_LONG} are allowed. Have claims_loader return less"
            )
        return token, _secrets.digest(jti)


class JWTReader:
    """Reads the tokens that a :class:`JWTGenerator` of the same app has signed."""

    def __init__(
        self,
        keys: KeySet,
        issuer: str,
        find_client: Callable[[str], ClientMixin | None],
        load_user: Callable[[str], Any],
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._find_client = find_client
        self._load_user = load_user
        # Tokens with a good signature, by their digest. A process never changes its
        # keys, so each token is verified once.
        self._verified: dict[bytes, tuple[AccessToken, bytes]] = {}
        self._required: dict[str, Any] = {
            name: {"essential": True, "allow_blank": name == "scope"} for name in CLAIMS
        }
        self._required["iss"]["value"] = issuer

    def read(self, token: str) -> tuple[AccessToken, bytes] | None:
        """Return what a token stands for, and the digest that is stored of it.

        :returns: None if it is not ours, was tampered with, or has expired.
        """
        key = _secrets.digest(token)
        read = self._verified.get(key)
        if read is None:
            read = self._verify(token)
            if read is None:
                return None
            if len(self._verified) >= _MAX_VERIFIED:
                self._verified.clear()
            self._verified[key] = read
        return None if read[0].is_expired() else read

    def fault(self, token: str) -> str | None:
        """Return ``expired`` for a token that `read` refused for that, or None."""
        # Not verified again: a caller could have a forged token verified twice.
        read = self._verified.get(_secrets.digest(token))
        return None if read is None else read[0].fault()

    def _verify(self, token: str) -> tuple[AccessToken, bytes] | None:
        verified = self._keys.verify(token)
        if verified is None or not isinstance(verified.claims, dict):
            return None
        if str(verified.header.get("typ")).lower() not in (_TYP, f"application/{_TYP}"):
            return None  # another kind of JWT, signed with the same key (RFC 9068 §4)
        claims = JWTAccessTokenClaims(verified.claims, verified.header, self._required)
        try:
            # The leeway is for `iat` and `nbf`; `read` checks `exp` without it.
            claims.validate(leeway=_LEEWAY_SECONDS)
            return self._access_token(claims), _secrets.digest(claims["jti"])
        except (JoseError, *MALFORMED):
            return None

    def _access_token(self, claims: JWTAccessTokenClaims) -> AccessToken:
        # Old versions of joserfc do not check all of this.
        audience = claims["aud"]
        audience = (audience,) if isinstance(audience, str) else tuple(audience)
        texts = (claims["client_id"], claims["sub"], *audience)
        moments = (claims["iat"], claims["exp"])
        if not (
            claims["iss"] == self._issuer
            and isinstance(claims["aud"], (str, list))
            and all(isinstance(text, str) for text in texts)
            and all(type(moment) is int for moment in moments)
        ):
            raise TypeError
        return AccessToken(
            client_id=claims["client_id"],
            user_id={"user": claims["sub"], "client": None}[claims["sub_type"]],
            scopes=parse_scopes(claims["scope"]),
            issued_at=claims["iat"],
            expires_at=claims["exp"],
            audience=audience,
            _find_client=self._find_client,
            _load_user=self._load_user,
        )


def make_format(
    config: Config,
    hooks: Hooks,
    find_client: Callable[[str], ClientMixin | None],
    load_user: Callable[[str], Any],
) -> tuple[TokenGenerator, JWTReader | None]:
    """Return the generator for ``TAPAUTH_TOKEN_FORMAT``, and the reader of signed
    tokens, which is None if tokens are opaque."""
    keys, issuer = config.signing_keys, config.issuer
    if keys is None or issuer is None:
        return TokenGenerator(config), None
    return (
        JWTGenerator(config, keys, issuer, hooks),
        JWTReader(keys, issuer, find_client, load_user),
    )
