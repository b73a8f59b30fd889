"""The settings of Flask and of other extensions that we follow.

Unlike ours, which `Config` has read, they are read each time, as their owners do.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app


def is_limiter_on(app: Flask) -> bool:
    """Tell whether Flask-Limiter counts; switched off, it does not put itself on the
    app."""
    return bool(app.config.get("RATELIMIT_ENABLED", True))


def former_secret_keys() -> list[Any]:
    """Return the keys that Flask signed sessions with before the present one."""
    return list(current_app.config.get("SECRET_KEY_FALLBACKS") or ())


def is_next_in_session() -> bool:
    """Tell whether Flask-Login's login view looks for ``next`` in the session."""
    return bool(current_app.config.get("USE_SESSION_FOR_NEXT"))
