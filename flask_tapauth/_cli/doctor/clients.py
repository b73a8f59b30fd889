"""Checks of the registered clients."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from ... import signals
from .remarks import MOST_NAMES, Remark, Subject, names

_EXPIRING: Final = timedelta(days=14)
_UNUSED: Final = timedelta(days=90)


def expiring_secrets(subject: Subject) -> Iterator[Remark]:
    """Name the clients, and send the signal ``secret_expiring`` for each."""
    state = subject.state
    found = state.clients.list(state="active", expiring=_EXPIRING)
    for client in found:
        try:
            signals.secret_expiring.send(state.app, client=client)
        except Exception as error:  # of the host's receiver, whose mail server is away
            yield Remark(
                "error",
                f"A receiver of the signal secret_expiring failed for the client "
                f"{client.client_id}: {type(error).__name__}.",
            )
            break
    if found:
        yield Remark(
            "warning",
            f"The secrets of these clients expire within {_EXPIRING.days} days: "
            f"{names([client.client_id for client in found])}. Give them new ones "
            "with flask tapauth clients rotate-secret.",
        )
    else:
        yield Remark("ok", f"No secret expires within {_EXPIRING.days} days.")


def unused_clients(subject: Subject) -> Iterator[Remark]:
    found = subject.state.clients.list(
        state="active", unused=_UNUSED, limit=MOST_NAMES + 1
    )
    if found:
        yield Remark(
            "warning",
            f"These clients were not used for {_UNUSED.days} days: "
            f"{names([client.client_id for client in found])}. Disable those that "
            "nobody needs with flask tapauth clients disable.",
        )
    else:
        yield Remark("ok", f"Each active client was used within {_UNUSED.days} days.")
