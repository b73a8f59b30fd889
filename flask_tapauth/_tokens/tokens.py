"""``tapauth.tokens``: issue, list, revoke, explain and purge tokens."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import Final, get_args

from .._base.ids import HasClientId, check_user_id
from .._base.list_arguments import check_choice, check_limit, check_period
from .._base.moments import has_passed
from .._store import Store
from .._store.purge import Expired
from ..errors import RegistrationError
from ..models import ClientMixin
from .explanation import Explanation, explain
from .issuer import Issuer
from .listing import HANDLE_LENGTH, ListedToken, TokenState, list_tokens
from .reader import TokenReader
from .revoker import Revoker
from .token import TokenResponse

MAX_BATCH: Final = 10_000
"""The largest batch to delete: a statement has one parameter for each row, and
databases limit their number."""

_HANDLE: Final = re.compile(f"[0-9a-f]{{{HANDLE_LENGTH}}}")


class Tokens:
    """The tokens of the current app.

    A method that changes something commits ``db.session``.

    :param get_client: returns the record of a client, or raises `UnknownClientError`.
    :param is_in_audience: tells whether a token of this audience is for this app.
    :param grace: how many seconds after its use a refresh token may be used again.
    """

    def __init__(
        self,
        store: Store,
        get_client: Callable[..., ClientMixin],
        reader: TokenReader,
        issuer: Issuer,
        revoker: Revoker,
        is_in_audience: Callable[[tuple[str, ...]], bool],
        grace: int,
    ) -> None:
        self._store = store
        self._get_client = get_client
        self._reader = reader
        self._issuer = issuer
        self._revoker = revoker
        self._is_in_audience = is_in_audience
        self._grace = grace

    def issue(
        self,
        client: str | HasClientId,
        *,
        scopes: str | Iterable[str] | None = None,
        user_id: str | int | None = None,
        expires_in: int | timedelta | None = None,
        resource: str | None = None,
    ) -> TokenResponse:
        """Issue a token without a request.

        :param client: the client, or its id. If it is registered for the refresh token
            grant, it gets a refresh token too.
        :param scopes: the scopes of the token; None is all scopes of the client.
        :param user_id: the resource owner's id; None for a token without a user.
        :param expires_in: lifetime of the access token, in seconds or as a timedelta;
            None as at the token endpoint.
        :param resource: the resource that the token is for (RFC 8707); None is this
            app.
        :returns: the response of the token endpoint, as a dict.
        :raises UnknownClientError: there is no such client.
        :raises RegistrationError: the client may not have such a token.
        """
        if scopes is not None and not isinstance(scopes, str):
            scopes = tuple(scopes)  # it is read twice, and may be an iterator

        def check(record: ClientMixin) -> None:
            self._issuer.check(record, scopes, user_id, expires_in, resource)

        record = self._get_client(client, check)
        return self._issuer.issue(record, scopes, user_id, expires_in, resource)

    def list(
        self,
        *,
        client: str | HasClientId | None = None,
        user_id: str | int | None = None,
        state: TokenState = "active",
        limit: int = 100,
    ) -> Sequence[ListedToken]:
        """Return the newest access tokens and refresh tokens, without the tokens.

        :param client: only tokens of this client.
        :param user_id: only tokens of this user.
        :param state: only tokens in this state; ``used`` is an exchanged refresh token.
        :param limit: at most this many.
        :raises UnknownClientError: there is no such client.
        :raises RegistrationError: an argument is wrong.
        """
        check_choice("state", state, get_args(TokenState))
        check_limit(limit)
        record, user_id = self._owner(client, user_id)
        return list_tokens(self._store, record, user_id, state, limit, self._grace)

    def revoke(self, token: str) -> int:
        """Revoke an access token or a refresh token.

        The whole family of a refresh token is revoked.

        :param token: the token, or its handle from :meth:`list`.
        :returns: 1 if it was active, or 0.
        :raises RegistrationError: several tokens have this handle.
        """
        if _HANDLE.fullmatch(token):
            return self._revoke_by_handle(token)
        found = self._reader.find_any(token)
        if found is None or has_passed(found.expires_at):
            return 0
        client = self._get_client(found.client_id)
        return self._revoker.revoke(token, found, client, "admin")

    def revoke_all(
        self,
        *,
        client: str | HasClientId | None = None,
        user_id: str | int | None = None,
        everything: bool = False,
    ) -> int:
        """Revoke the tokens of a client, of a user, or of both.

        :param client: the client, or its id.
        :param user_id: the resource owner's id.
        :param everything: revoke all tokens of this app's database.
        :returns: how many were active; a token family counts as one.
        :raises UnknownClientError: there is no such client.
        :raises RegistrationError: it is not said which tokens to revoke.
        """
        if everything != (client is None and user_id is None):
            raise RegistrationError("name a client, a user or both, or everything")
        record, user_id = self._owner(client, user_id)
        return self._revoker.revoke_all(record, user_id, "admin")

    def explain(self, token: str) -> Explanation:
        """Say whether this app accepts a token, and why not."""
        return explain(token, self._reader, self._is_in_audience, self._grace)

    def purge(self, *, older_than: int | timedelta = 0, batch_size: int = 1000) -> int:
        """Delete expired tokens in batches, and clients that are the URL of a document
        and were not used for 90 days.

        A used refresh token stays until its token family has expired, because its
        second use reveals a theft.

        :param older_than: keep tokens that expired less than this time ago, in seconds
            or as a timedelta.
        :param batch_size: rows to delete in one transaction.
        :returns: the number of access tokens, families of refresh tokens, assertions,
            authorization codes and unused document clients that were deleted.
        :raises RegistrationError: an argument is out of range.
        """
        return sum(self.purge_by_kind(older_than, batch_size))

    def purge_by_kind(
        self,
        older_than: int | timedelta,
        batch_size: int,
        progress: Callable[[int], object] = lambda deleted: None,
    ) -> Expired:
        """Do as :meth:`purge`, and return the number of rows of each kind.

        :param progress: called after each batch with the number of rows deleted.
        """
        if type(batch_size) is not int or not 1 <= batch_size <= MAX_BATCH:
            raise RegistrationError(
                f"{batch_size!r} is no whole number from 1 to {MAX_BATCH}", "batch_size"
            )
        total = Expired(0, 0, 0, 0, 0)
        for deleted in self._store.purge.delete(self._before(older_than), batch_size):
            progress(sum(deleted))
            total = Expired(*map(sum, zip(total, deleted, strict=True)))
        return total

    def count_expired(self, older_than: int | timedelta) -> int:
        """Count the rows that :meth:`purge` would delete."""
        return sum(self._store.purge.count(self._before(older_than)))

    def _owner(
        self, client: str | HasClientId | None, user_id: str | int | None
    ) -> tuple[ClientMixin | None, str | None]:
        user_id = None if user_id is None else check_user_id(user_id)
        return None if client is None else self._get_client(client), user_id

    def _revoke_by_handle(self, handle: str) -> int:
        start = bytes.fromhex(handle)
        access = self._store.tokens.find_by_handle(start)
        refresh = self._store.refresh_tokens.find_by_handle(start)
        if len(access) + len(refresh) > 1:
            raise RegistrationError(
                f"several tokens have the handle {handle!r}; revoke by the token "
                "itself, or by its client or user",
                "token",
            )
        for token in refresh:
            if has_passed(token.expires_at):
                return 0
            client = self._get_client(token.client_id)
            return self._revoker.revoke_family(
                token.family_id, token.user_id, client, "admin"
            )
        for digest, stored in access:
            if has_passed(stored.expires_at):
                return 0
            client = self._get_client(stored.client_id)
            return self._revoker.revoke_digest(digest, client, stored.user_id, "admin")
        return 0

    @staticmethod
    def _before(older_than: int | timedelta) -> int:
        return int(time.time()) - (check_period("older_than", older_than) or 0)
