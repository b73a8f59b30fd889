"""What an access token is to the code that meets it, and how one is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError
from authlib.oauth2.rfc6749 import TokenMixin as AuthlibTokenMixin
from authlib.oauth2.rfc6750 import BearerTokenGenerator

from . import _secrets
from ._config import Config
from ._scopes import join_scopes, parse_scopes
from .models import ClientMixin, has_passed


@dataclass(frozen=True, slots=True)
class AccessToken(AuthlibTokenMixin):
    """What a token speaks for; the token itself is not in here.

    :param client_id: the client it was issued to.
    :param user_id: the resource owner; None for a machine's token.
    :param scopes: what it opens.
    :param issued_at: seconds since the epoch.
    :param expires_at: seconds since the epoch; from then on it opens nothing.
    """

    client_id: str
    user_id: str | None
    scopes: tuple[str, ...]
    issued_at: int
    expires_at: int
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


class TokenResponse(dict[str, Any]):
    """The answer of RFC 6749 §5.1, hiding its tokens from Authlib's debug log."""

    def __repr__(self) -> str:
        shown = {k: v for k, v in self.items() if not k.endswith("_token")}
        return f"<TokenResponse {shown}>"


class OpaqueTokenGenerator(BearerTokenGenerator):
    """Makes random tokens that mean something in the database alone."""

    def __init__(self, config: Config) -> None:
        super().__init__(
            access_token_generator=_generate_access_token,
            expires_generator=self._lifetime,
        )
        self._config = config

    def generate(self, *args: Any, **kwargs: Any) -> TokenResponse:
        token = super().generate(*args, **kwargs)
        # Authlib leaves an empty scope out; what a token opens is always said.
        return TokenResponse(
            access_token=token["access_token"],
            token_type=token["token_type"],
            expires_in=token["expires_in"],
            scope=token.get("scope", ""),
        )

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

    def _lifetime(self, client: ClientMixin, grant_type: str) -> int:
        return client.access_token_expires_in or self._config.access_token_expires_in


def _generate_access_token(**_: object) -> str:
    return _secrets.generate("access_token")
