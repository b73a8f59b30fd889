"""``flask tapauth users``."""

from __future__ import annotations

import click

from .._app.app_state import get_app_state
from .._base.ids import check_user_id
from .group import commands
from .options import as_json_option, yes_option
from .output import confirm, print_values


@commands.group("users")
def users() -> None:
    """Forget users whose accounts you delete."""


@users.command()
@click.argument("user_id", metavar="USER_ID")
@yes_option
@as_json_option
def forget(user_id: str, is_sure: bool, as_json: bool) -> None:
    """End a user's tokens and grants, and delete the consents.

    Run it when you delete an account: your app may give the same id to somebody else.

    \b
    Examples:
      flask tapauth users forget 7
    """
    check_user_id(user_id)
    confirm(
        f"End all tokens of user {user_id!r}, and forget what they allowed?", is_sure
    )
    forgotten = get_app_state().tokens.forget(user_id)
    print_values({"user_id": user_id, **forgotten._asdict()}, as_json)
