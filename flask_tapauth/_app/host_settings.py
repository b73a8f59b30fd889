"""The settings of Flask and of other extensions that we follow.

They are read at each use, as Flask and the extensions do; ours are read once.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app


def is_limiter_on(app: Flask) -> bool:
    return bool(app.config.get("RATELIMIT_ENABLED", True))


def former_secret_keys() -> list[Any]:
    return list(current_app.config.get("SECRET_KEY_FALLBACKS") or ())


def is_next_in_session() -> bool:
    """Tell whether Flask-Login's login view looks for ``next`` in the session."""
    return bool(current_app.config.get("USE_SESSION_FOR_NEXT"))
