"""``tapauth.events``: list and delete what ``TAPAUTH_AUDIT`` keeps."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta

from .._base.ids import HasClientId, check_user_id, client_id_of
from .._base.list_arguments import check_limit, check_period, check_words
from .._base.moments import to_timestamp
from .._store.events import Event, EventStore
from ..errors import RegistrationError


class Events:
    """The events of the current app.

    :param is_kept: whether ``TAPAUTH_AUDIT`` is set.
    """

    def __init__(self, store: EventStore, is_kept: bool) -> None:
        self._store = store
        self._is_kept = is_kept

    def list(
        self,
        *,
        since: datetime | None = None,
        client: str | HasClientId | None = None,
        user_id: str | int | None = None,
        action: str | None = None,
        reason: str | None = None,
        limit: int = 100,
    ) -> Sequence[Event]:
        """Return the newest events, the newest first.

        :param since: only events from this time on; in UTC unless it has a time zone.
        :param client: only events of this client, which may be deleted.
        :param user_id: only events of this resource owner.
        :param action: only acts of this name, which is the name of a signal.
        :param reason: only events with this reason.
        :param limit: at most this many.
        :raises RegistrationError: ``TAPAUTH_AUDIT`` is not set, or an argument is
            wrong.
        """
        self._check()
        check_limit(limit)
        client_id = None if client is None else client_id_of(client)
        return self._store.list(
            since=self._moment(since),
            client_id=check_words("client", client_id),
            user_id=None if user_id is None else check_user_id(user_id),
            action=check_words("action", action),
            reason=check_words("reason", reason),
            limit=limit,
        )

    def purge(self, older_than: int | timedelta) -> int:
        """Delete events in batches, and commit ``db.session``.

        :param older_than: the age up to which events are kept, in seconds or as a
            timedelta.
        :returns: how many were deleted.
        :raises RegistrationError: `older_than` is out of range.
        """
        before = int(time.time()) - (check_period("older_than", older_than) or 0)
        total = 0
        while deleted := self._store.delete(before):
            total += deleted
        return total

    @staticmethod
    def _moment(since: datetime | None) -> int | None:
        try:
            return None if since is None else to_timestamp(since)
        except ValueError as error:
            raise RegistrationError(str(error), "since") from None

    def _check(self) -> None:
        if not self._is_kept:
            raise RegistrationError(
                "no events are kept: set TAPAUTH_AUDIT to True and restart the app"
            )
