"""What the rest of the package knows of a token, a grant and a token response."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import TokenMixin as AuthlibTokenMixin

from .._base.moments import has_passed
from .._base.scopes import join_scopes
from ..models import ClientMixin


@dataclass(frozen=True, slots=True)
class AccessToken(AuthlibTokenMixin):
    """What an access token stands for, without the token itself.

    :param client_id: the client it was issued to.
    :param user_id: the resource owner; None if the client acts for itself.
    :param scopes: the scopes that it grants.
    :param issued_at: seconds since the epoch.
    :param expires_at: seconds since the epoch.
    :param audience: the resources it is for (RFC 8707); empty for this app only.
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
        # `if current_token:` tests whether the request has a token. Without this
        # method, type checkers say that the test is always true.
        return True

    @property
    def client(self) -> ClientMixin | None:
        """The client, read from the database at each access; None if it was deleted."""
        return self._find_client(self.client_id)

    @property
    def user(self) -> Any:
        """The user that the host's user loader returns for `user_id`.

        None if the client acts for itself: a client id is never used as a user id.
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
        """Tell whether it is revoked, or its client is disabled or expired."""
        return self.is_withdrawn

    def get_client(self) -> ClientMixin | None:
        return self.client

    def get_user(self) -> Any:
        return self.user


def subject(client_id: str, user_id: str | None) -> dict[str, str]:
    """Return the claims that name a token's subject: the user, or else the client.

    A user and a client may have the same id (RFC 9068 §5); `sub_type` tells which.
    """
    if user_id is None:
        return {"sub": client_id, "sub_type": "client"}
    return {"sub": user_id, "sub_type": "user"}


@dataclass(frozen=True, slots=True)
class Grant:
    """What was granted, apart from what Authlib passes to a generator.

    :param user: the host's user, for the host's ``claims_loader``.
    :param ends_at: the latest time that a token may expire, in seconds since the epoch.
    """

    user_id: str | None = None
    user: Any = None
    audience: tuple[str, ...] = ()
    ends_at: int | None = None


class TokenResponse(dict[str, Any]):
    """The token response (RFC 6749 §5.1).

    Authlib writes its `repr` to the debug log, so that hides the tokens.
    """

    digest: bytes
    """The digest that is stored of the access token."""
    grant: Grant
    issued_at: int

    def __repr__(self) -> str:
        shown = {k: v for k, v in self.items() if not k.endswith("_token")}
        return f"<TokenResponse {shown}>"
