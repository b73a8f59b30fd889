"""The paths of our endpoints, by the names of their view functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

Route = tuple[str, str, Callable[..., Any]]
"""Method, rule and view."""

PAGES: Final = "tapauth_pages"
"""The blueprint of the pages, whose host may register it under another name."""

PATHS: Final = {
    "issue_token": "/token",
    "revoke_token": "/revoke",
    "introspect_token": "/introspect",
    "authorize": "/authorize",
    "decide": "/authorize",
    "public_keys": "/jwks.json",
    "stylesheet": "/style.css",
}
"""Below ``TAPAUTH_URL_PREFIX``."""

PUBLIC: Final = frozenset(
    f"tapauth.{view}"
    for view in (
        "issue_token",
        "revoke_token",
        "public_keys",
        "describe_server",
        "describe_resource",
    )
)
"""The endpoints that scripts of all origins may call: they read no cookies."""

COOKIELESS: Final = (
    "tapauth.issue_token",
    "tapauth.revoke_token",
    "tapauth.introspect_token",
)
"""The endpoints where an OAuth client acts for itself: a cookie that comes along is not
who acts."""
