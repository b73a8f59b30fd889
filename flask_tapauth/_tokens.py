"""What an access token is to the code that meets it, and how one is made."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749 import TokenMixin as AuthlibTokenMixin
from authlib.oauth2.rfc6750 import BearerTokenGenerator

from . import _secrets
from ._columns import has_passed
from ._config import Config
from ._scopes import join_scopes, parse_scopes
from .models import ClientMixin


@dataclass(frozen=True, slots=True)
class AccessToken(AuthlibTokenMixin):
    """What a token speaks for; the token itself is not in here.

    :param client_id: the client it was issued to.
    :param user_id: the resource owner; None for a machine's token.
    :param scopes: what it opens.
    :param issued_at: seconds since the epoch.
    :param expires_at: seconds since the epoch; from then on it opens nothing.
    :param audience: the resources it is for (RFC 8707); empty for this app alone.
    """

    client_id: str
    user_id: str | None
    scopes: tuple[str, ...]
    issued_at: int
    expires_at: int
    audience: tuple[str, ...] = ()
    is_withdrawn: bool = field(default=False, repr=False)
    _find_client: Callable[[str], ClientMixin | None] = field(
        default=lambda _: None, repr=False, compare=False
    )
    _load_user: Callable[[str], Any] = field(
        default=lambda _: None, repr=False, compare=False
    )

    def __bool__(self) -> bool:
        # Said for type checkers: `if current_token:` asks whether there is a token.
        return True

    @property
    def client(self) -> ClientMixin | None:
        """The client's record, read when asked for; None where it is gone."""
        return self._find_client(self.client_id)

    @property
    def user(self) -> Any:
        """What the host's user loader makes of `user_id`; None for a machine's token.

        A user is never inferred from a client id.
        """
        return None if self.user_id is None else self._load_user(self.user_id)

    def check_client(self, client: ClientMixin) -> bool:
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        return join_scopes(self.scopes)

    def get_expires_in(self) -> int:
        return self.expires_at - self.issued_at

    def is_expired(self) -> bool:
        return has_passed(self.expires_at)

    def is_revoked(self) -> bool:
        """Whether it was revoked, or its client disabled or past its date."""
        return self.is_withdrawn

    def get_client(self) -> ClientMixin | None:
        return self.client

    def get_user(self) -> Any:
        return self.user


def subject(client_id: str, user_id: str | None) -> dict[str, str]:
    """Return the claims that say whom a token speaks for (RFC 9068 §2.2, §5): of a
    machine's it is the client, which may have the same id as a user."""
    if user_id is None:
        return {"sub": client_id, "sub_type": "client"}
    return {"sub": user_id, "sub_type": "user"}


@dataclass(frozen=True, slots=True)
class Grant:
    """What was granted, beside what Authlib hands to a generator.

    :param user_id: the resource owner; None where there is none.
    :param user: the host's user, for its claims.
    :param audience: the resources a token is to be for; empty for this app alone.
    :param ends_at: seconds since the epoch; no token lives longer.
    """

    user_id: str | None = None
    user: Any = None
    audience: tuple[str, ...] = ()
    ends_at: int | None = None


class TokenResponse(dict[str, Any]):
    """The answer of RFC 6749 §5.1, hiding its tokens from Authlib's debug log."""

    digest: bytes
    """Under which the access token is stored."""
    grant: Grant
    issued_at: int

    def __repr__(self) -> str:
        shown = {k: v for k, v in self.items() if not k.endswith("_token")}
        return f"<TokenResponse {shown}>"


class TokenGenerator(BearerTokenGenerator):
    """Makes random tokens that mean something in the database alone."""

    def __init__(self, config: Config) -> None:
        # Authlib would call generators of ours with less than they need to know.
        BearerTokenGenerator.__init__(self, access_token_generator=None)
        self._config = config

    def generate(
        self,
        grant_type: str,
        client: ClientMixin,
        user: Any = None,
        scope: str | None = None,
        expires_in: int | None = None,
        include_refresh_token: bool = True,
        *,
        grant: Grant | None = None,
        is_bare: bool = False,
    ) -> TokenResponse:
        """Make the tokens of one answer; storing them is the issuer's.

        :param scope: None, or empty, for everything the client is registered with.
        :param expires_in: seconds the access token lives; the client's or the app's
            setting where None.
        :param is_bare: give no scope at all.
        :raises InvalidScopeError: more was asked for than the client may have.
        """
        grant = grant or Grant(user=user)
        now = int(time.time())
        allowed = "" if is_bare else self.get_allowed_scope(client, scope)
        refreshes = include_refresh_token and self._refreshes(grant_type, client)
        if refreshes and grant.ends_at is None:
            ends_at: int | None = now + self._config.refresh_token_expires_in
        else:
            ends_at = grant.ends_at
        lives = expires_in or client.access_token_expires_in
        expires_at = now + (lives or self._config.access_token_expires_in)
        if ends_at is not None:
            expires_at = min(expires_at, ends_at)
        grant = replace(grant, ends_at=ends_at)
        access_token, digest = self.make_access_token(
            client, parse_scopes(allowed), grant, now, expires_at
        )
        token = TokenResponse(
            access_token=access_token,
            token_type="Bearer",  # noqa: S106 - a name, no secret
            expires_in=expires_at - now,
            scope=allowed,  # Authlib leaves an empty one out
        )
        if refreshes:
            token["refresh_token"] = _secrets.generate("refresh_token")
        token.digest = digest
        token.grant = grant
        token.issued_at = now
        return token

    def make_access_token(
        self,
        client: ClientMixin,
        scopes: tuple[str, ...],
        grant: Grant,
        issued_at: int,
        expires_at: int,
    ) -> tuple[str, bytes]:
        """Return an access token, and the digest under which it is stored."""
        token = _secrets.generate("access_token")
        return token, _secrets.digest(token)

    def get_allowed_scope(self, client: ClientMixin, scope: str | None) -> str:
        """Return the scope that a request gets, within ``TAPAUTH_SCOPES``.

        :raises InvalidScopeError: more was asked for than the client may have.
        """
        allowed: str = super().get_allowed_scope(client, scope)
        if self._config.scopes is None:
            return allowed
        scopes = parse_scopes(allowed)
        known = [s for s in scopes if s in self._config.scopes]
        if scope and len(known) < len(scopes):
            raise InvalidScopeError
        return join_scopes(known)

    def _refreshes(self, grant_type: str, client: ClientMixin) -> bool:
        return (
            grant_type not in ("", "implicit")  # by hand, or RFC 6749 §4.2.2
            and "refresh_token" in self._config.grant_types
            and client.check_grant_type("refresh_token")
        )
