"""``flask tapauth``, and what goes wrong in it."""

from __future__ import annotations

import logging
from typing import Any

import click
from flask.cli import AppGroup

from ..errors import (
    RegistrationError,
    TemporarilyUnavailableError,
    UnknownClientError,
)


class _WrongInput(click.ClickException):
    """Click's own usage errors say it in four lines."""

    exit_code = 2


class _Group(AppGroup):
    """Turns what can go wrong into one line: 2 for wrong input, 1 for the rest."""

    def invoke(self, ctx: click.Context) -> Any:
        # What it says is what is said below; no handler is there to say it better.
        logging.getLogger("flask_tapauth._store").addHandler(logging.NullHandler())
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            message = error.format_message()
            if "\n" in message:
                raise  # a command group's help, asked for by giving no command
            raise _WrongInput(message) from None
        except RegistrationError as error:
            raise _WrongInput(str(error)) from None
        except UnknownClientError as error:
            raise click.ClickException(str(error)) from None
        except TemporarilyUnavailableError:
            raise click.ClickException(
                "the database cannot be used: is it up, and are the tables there "
                "(your migrations, or db.create_all())?"
            ) from None


commands = _Group("tapauth", help="Clients and tokens of this app's OAuth server.")
