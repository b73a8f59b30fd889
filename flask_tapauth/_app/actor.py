"""Who is acting now, for the events of ``TAPAUTH_AUDIT``."""

from __future__ import annotations

import getpass
from typing import Final

import click
from flask import has_request_context, request

from .._base.shown import shown
from ..errors import ConfigError
from .app_state import get_app_state
from .routes import COOKIELESS

MAX_ADDRESS: Final = 64
"""Characters of an address; the longest of IPv6, with its zone, has fewer."""


def find_actor() -> tuple[str | None, str | None]:
    """Return the actor and the network address of who is acting.

    The actor is the id of the signed-in user, or ``cli:`` and the name of the account
    that runs a command. It is None for a request of an OAuth client itself, whose
    endpoints read no cookies. The address is what ProxyFix leaves.
    """
    if has_request_context():
        return _signed_in_user(), _address()
    if click.get_current_context(silent=True) is None:
        return None, None
    return f"cli:{_account()}", None


def _signed_in_user() -> str | None:
    if request.endpoint in COOKIELESS:
        return None
    people = get_app_state().people
    try:
        user = people.current()
        return None if user is None else people.id_of(user)
    except ConfigError:
        return None  # the host has no users, or did not say who is signed in


def _address() -> str | None:
    """Return the caller's address. Where ProxyFix trusts a header that no proxy wrote,
    it is any text, and a database would refuse the event and its act."""
    address = request.remote_addr
    return None if address is None else shown(address)[:MAX_ADDRESS]


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"  # an account without a name, as in some containers
