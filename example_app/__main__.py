"""Prepare the database, and start the example under gunicorn."""

from __future__ import annotations

import os
import secrets
import sys

from . import create_app, serving
from .models import db
from .welcome import welcome


def main() -> None:
    if not serving.PORT.isascii() or not serving.PORT.isdigit():
        sys.exit(f"PORT is {serving.PORT!r}, but it must be a number")
    # All workers need the same key, and each worker makes the app.
    os.environ.setdefault("SECRET_KEY", secrets.token_hex())
    app = create_app()
    with app.app_context():
        welcome(serving.HOST, int(serving.PORT))
        db.engine.dispose()
    sys.stdout.flush()
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:example_app.serving"]
    # Replaces this process, so that a signal to it ends gunicorn.
    os.execv(sys.executable, [*gunicorn, *sys.argv[1:], "example_app:create_app()"])  # noqa: S606


main()
