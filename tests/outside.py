"""Ask an app as a program outside of the test would."""

from __future__ import annotations

from contextvars import Context
from inspect import signature
from typing import Any

from click.testing import CliRunner, Result
from flask import Flask, has_app_context
from flask.testing import FlaskClient


class ProgramClient(FlaskClient):
    """Sends requests as another program would: it shares no context with the test.

    pytest-flask pushes a context of the app around each test. A request under it would
    share the session of the test, which sees what nobody has committed.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        end_transaction(self.application)
        kwargs.setdefault(
            "buffered", True
        )  # or a stream would run outside of that context
        return Context().run(super().open, *args, **kwargs)


def end_transaction(app: Flask) -> None:
    """End the transaction of the test's session, so that it sees later commits."""
    if has_app_context():
        app.extensions["sqlalchemy"].session.rollback()


def run_command(app: Flask, *arguments: str) -> Result:
    """Run ``flask tapauth …`` in the app; stdout and stderr are apart."""
    # Click before 8.2 mixes the two by default.
    apart = (
        {"mix_stderr": False} if "mix_stderr" in signature(CliRunner).parameters else {}
    )
    runner = app.test_cli_runner(**apart)
    end_transaction(app)
    return Context().run(runner.invoke, args=["tapauth", *arguments])
