"""Start the example under gunicorn, its database ready."""

from __future__ import annotations

import os
import secrets
import sys

from . import create_app, serving
from .models import db
from .welcome import welcome


def main() -> None:
    if not serving.PORT.isascii() or not serving.PORT.isdigit():
        sys.exit(f"PORT is {serving.PORT!r}, and has to be a number")
    # Shared by the workers, who each make the app.
    os.environ.setdefault("SECRET_KEY", secrets.token_hex())
    app = create_app()
    with app.app_context():
        welcome(serving.HOST, int(serving.PORT))
        db.engine.dispose()
    sys.stdout.flush()
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "python:example_app.serving"]
    # In this process's place, so that whoever started it can end it.
    os.execv(sys.executable, [*gunicorn, *sys.argv[1:], "example_app:create_app()"])  # noqa: S606


main()
