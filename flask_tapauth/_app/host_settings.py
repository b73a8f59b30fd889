"""The settings of Flask and of other extensions that we follow.

They are read at each use, as Flask and the extensions do; ours are read once.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app


def is_limiter_on(app: Flask) -> bool:
    return bool(app.config.get("RATELIMIT_ENABLED", True))


def counts_in_memory(app: Flask) -> bool:
    """Tell whether a Flask-Limiter counts in each process by itself."""
    from limits.storage import MemoryStorage  # Flask-Limiter is there, so this is too

    return any(
        isinstance(limiter.storage, MemoryStorage)
        for limiter in app.extensions.get("limiter", ())
    )


def secret_keys() -> list[str | bytes]:
    """Return ``SECRET_KEY`` and the former keys; none if it is not set."""
    key = current_app.secret_key
    return [key, *former_secret_keys()] if key else []


def former_secret_keys() -> list[Any]:
    return list(current_app.config.get("SECRET_KEY_FALLBACKS") or ())


def is_next_in_session() -> bool:
    """Tell whether Flask-Login's login view looks for ``next`` in the session."""
    return bool(current_app.config.get("USE_SESSION_FOR_NEXT"))
