"""The ``flask tapauth`` group: errors become one line and an exit code."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import click
from flask.cli import AppGroup

from ..errors import (
    ImportRefusedError,
    NotPublishedError,
    RegistrationError,
    TemporarilyUnavailableError,
    UnknownClientError,
)
from .output import printable

_HELP: Any = getattr(click.exceptions, "NoArgsIsHelpError", ())
"""What Click 8.2 raises when a group is called without a command, to show its help."""


class _WrongInput(click.ClickException):
    """An error of one line; Click's own usage errors have four."""

    exit_code = 2

    def __init__(self, message: str) -> None:
        super().__init__(printable(message))  # the input in it may have line breaks


class _Command(click.Command):
    """A command that reports a wrong argument by the name of its option."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ImportRefusedError:
            raise
        except RegistrationError as error:
            for param in self.params:
                if param.name == error.argument:
                    raise _WrongInput(f"{_name_of(param)}: {error.reason}") from None
            raise _WrongInput(str(error)) from None


class _Group(AppGroup):
    """A group that exits with 2 for wrong input and with 1 for other errors."""

    command_class = _Command

    def group(  # type: ignore[override]
        self, *args: Any, **kwargs: Any
    ) -> Callable[[Callable[..., Any]], click.Group]:
        return super().group(*args, **{"cls": _Group, **kwargs})

    def invoke(self, ctx: click.Context) -> Any:
        # Without a handler, Python prints the store's warnings to stderr, beside the
        # error line below.
        logging.getLogger("flask_tapauth._store").addHandler(logging.NullHandler())
        try:
            return super().invoke(ctx)
        except click.MissingParameter as error:
            raise _WrongInput(
                f"{_name_of(error.param)}: missing; add it to the command"
            ) from None
        except click.BadParameter as error:
            raise _WrongInput(f"{_name_of(error.param)}: {error.message}") from None
        except click.UsageError as error:
            if isinstance(error, _HELP):
                raise
            raise _WrongInput(error.format_message()) from None
        except UnknownClientError as error:
            raise click.ClickException(str(error)) from None
        except NotPublishedError:
            raise click.ClickException(
                "it is done, but other processes could not be told (TAPAUTH_CACHE); "
                "repeat the command when Redis can be reached"
            ) from None
        except TemporarilyUnavailableError:
            raise click.ClickException(
                "the database cannot be used: check that it is running and that the "
                "tables exist (run your migrations, or db.create_all())"
            ) from None


def _name_of(param: click.Parameter | None) -> str:
    """Return the name that people type for an option, or see for an argument."""
    if isinstance(param, click.Option):
        return max(param.opts, key=len)
    return "input" if param is None else param.human_readable_name


commands = _Group(
    "tapauth", help="Manage the clients and tokens of this app's OAuth server."
)
