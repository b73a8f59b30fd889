"""Access tokens that say by themselves what they open (RFC 9068)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any, Final

from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from authlib.oauth2.rfc9068.claims import JWTAccessTokenClaims
from joserfc.errors import JoseError

from . import _secrets
from ._config import Config
from ._hooks import Hooks
from ._keys import MALFORMED, KeySet
from ._scopes import join_scopes, parse_scopes
from ._tokens import AccessToken, Grant, TokenGenerator, subject
from .models import ClientMixin

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
"""What every token says. `sub_type` is ours: ``user`` or ``client``, for a user and a
client may have the same id (RFC 9068 §5)."""

_TYP: Final = "at+jwt"
_LEEWAY: Final = 60
_REMEMBERED: Final = 10_000


class JWTGenerator(TokenGenerator, JWTBearerTokenGenerator):
    """Makes signed tokens.

    Authlib's own names no key in the header, cannot sign by EdDSA, and knows neither
    resources nor a client's own lifetime.

    :param issuer: the app's issuer identifier.
    :param resource: the app's identifier as a resource, for tokens that name no other.
    """

    def __init__(
        self, config: Config, keys: KeySet, issuer: str, resource: str, hooks: Hooks
    ) -> None:
        super().__init__(config)
        self.issuer = issuer
        self._keys = keys
        self._resource = resource
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
        audience = grant.audience or (self._resource,)
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
        return self._keys.sign(_TYP, claims), _secrets.digest(jti)


class JWTReader:
    """Reads what a :class:`JWTGenerator` of the same app has signed.

    :param find_client: for :attr:`AccessToken.client`.
    :param load_user: for :attr:`AccessToken.user`.
    """

    def __init__(
        self,
        keys: KeySet,
        issuer: str,
        resource: str,
        find_client: Callable[[str], ClientMixin | None],
        load_user: Callable[[str], Any],
    ) -> None:
        self._keys = keys
        self._issuer = issuer
        self._resource = resource
        self._find_client = find_client
        self._load_user = load_user
        # What was verified once need not be again: the keys of a process do not change.
        self._read: dict[bytes, tuple[AccessToken, bytes]] = {}
        self._required: dict[str, Any] = {
            name: {"essential": True, "allow_blank": name == "scope"} for name in CLAIMS
        }
        self._required["iss"]["value"] = issuer

    def read(self, token: str) -> tuple[AccessToken, bytes] | None:
        """Return what a token says, and the digest under which it is stored.

        :returns: None where it is not ours, was changed, or is past its time.
        """
        known = _secrets.digest(token)
        read = self._read.get(known)
        if read is None:
            read = self._verify(token)
            if read is None:
                return None
            if len(self._read) >= _REMEMBERED:
                self._read.clear()
            self._read[known] = read
        return None if read[0].is_expired() else read

    def _verify(self, token: str) -> tuple[AccessToken, bytes] | None:
        verified = self._keys.verify(token)
        if verified is None or not isinstance(verified.claims, dict):
            return None
        if str(verified.header.get("typ")).lower() not in (_TYP, f"application/{_TYP}"):
            return None  # some other JWT that the same key signed (RFC 9068 §4)
        claims = JWTAccessTokenClaims(verified.claims, verified.header, self._required)
        try:
            # Clocks of several hosts differ; expiry is looked at for itself.
            claims.validate(leeway=_LEEWAY)
            return self._access_token(claims), _secrets.digest(claims["jti"])
        except (JoseError, *MALFORMED):
            return None

    def _access_token(self, claims: JWTAccessTokenClaims) -> AccessToken:
        # Said again here: joserfc's older versions let some of this through.
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
            audience=() if audience == (self._resource,) else audience,
            _find_client=self._find_client,
            _load_user=self._load_user,
        )


def make_format(
    config: Config,
    hooks: Hooks,
    find_client: Callable[[str], ClientMixin | None],
    load_user: Callable[[str], Any],
) -> tuple[TokenGenerator, JWTReader | None]:
    """Return what makes tokens of ``TAPAUTH_TOKEN_FORMAT``, and what reads signed
    ones, if these are."""
    keys, issuer = config.signing_keys, config.issuer
    if keys is None or issuer is None:
        return TokenGenerator(config), None
    resource = config.resources[0] if config.resources else issuer
    return (
        JWTGenerator(config, keys, issuer, resource, hooks),
        JWTReader(keys, issuer, resource, find_client, load_user),
    )
