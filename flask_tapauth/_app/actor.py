"""Who is acting now, for the events of ``TAPAUTH_AUDIT``."""

from __future__ import annotations

import getpass

import click
from flask import has_request_context, request

from ..errors import ConfigError
from .app_state import get_app_state
from .routes import COOKIELESS


def find_actor() -> tuple[str | None, str | None]:
    """Return the actor and the network address of who is acting.

    The actor is the id of the signed-in user, or ``cli:`` and the name of the account
    that runs a command. It is None for a request of an OAuth client itself, whose
    endpoints read no cookies. The address is what ProxyFix leaves.
    """
    if has_request_context():
        return _signed_in_user(), request.remote_addr
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


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return "unknown"  # an account without a name, as in some containers
