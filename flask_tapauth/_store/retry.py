"""Retry a transaction once, if the database undid it and asks for that."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from ..errors import TemporarilyUnavailableError

P = ParamSpec("P")
R = TypeVar("R")
Self = TypeVar("Self")

_SQLSTATES = ("40001", "40P01")  # serialization failure, deadlock
_MARIADB_ERRORS = (1213, 1020)  # deadlock, the row has changed since it was read


class RetryableError(TemporarilyUnavailableError):
    """The database undid one of our transactions, and a retry may succeed."""


def is_retryable(error: Exception) -> bool:
    """Tell whether the same transaction may succeed if it is run again."""
    reason = getattr(error, "orig", None)
    state = getattr(reason, "sqlstate", None) or getattr(reason, "pgcode", None)
    code = next(iter(getattr(reason, "args", ())), None)
    return state in _SQLSTATES or code in _MARIADB_ERRORS


def retry_once(
    method: Callable[Concatenate[Self, P], R],
) -> Callable[Concatenate[Self, P], R]:
    """Decorate a store's method to run a second time after a `RetryableError`.

    The method must be a whole transaction, so that its first run leaves nothing behind.
    """

    @functools.wraps(method)
    def run(self: Self, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except RetryableError:
            return method(self, *args, **kwargs)

    return run
