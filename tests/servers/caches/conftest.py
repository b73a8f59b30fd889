"""Shared caches in front of the app, and tokens to send through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from ...ports import HOST
from .. import host
from ..conftest import Serve, Start, Stored
from ..programs import find
from ..rows import Nginx, Setup

_CACHING = Nginx(
    http="proxy_cache_path cache keys_zone=answers:1m;",
    location="proxy_cache answers; proxy_cache_valid any 1m;",
)
_BYPASS = "proxy_cache_bypass $http_authorization; proxy_no_cache $http_authorization;"

NGINX = {
    "nginx": Setup("gunicorn", nginx=_CACHING),
    "nginx with bypass": Setup(
        "gunicorn", nginx=replace(_CACHING, location=f"{_CACHING.location} {_BYPASS}")
    ),
}
"""nginx that keeps each answer for a minute unless a header of the answer forbids it.

    Unlike RFC 9111 §3.5 asks, nginx ignores `Authorization` by default.
    """


@pytest.fixture(scope="package")
def varnish(serve: Serve, start: Start) -> int:
    """Varnish with its default rules."""
    backend = serve(Setup("gunicorn"))

    def command(directory: Path, port: int) -> list[str]:
        where = ["-a", f"{HOST}:{port}", "-b", f"{HOST}:{backend}", "-T", "none"]
        # No jail: the jail needs a user that not every machine has.
        process = ["-F", "-j", "none", "-n", str(directory / "varnish")]
        return [find("varnishd"), *process, *where, "-p", "vsl_space=1m"]

    return start(command)


@pytest.fixture(params=["Varnish", "nginx"])
def cache(request: pytest.FixtureRequest, serve: Serve) -> int:
    if request.param in NGINX:
        return serve(NGINX[request.param])
    port: int = request.getfixturevalue("varnish")
    return port


@pytest.fixture(scope="package")
def issue_token(stored: Stored) -> Iterator[Callable[[], str]]:
    """Issue tokens, each to a new client."""
    with host.create_app(stored.database_url).app_context():
        yield lambda: host.tapauth.tokens.issue(host.tapauth.clients.create("Another"))[
            "access_token"
        ]
        host.db.session.remove()
        host.db.engine.dispose()


@pytest.fixture
def query(numbers: Iterator[int]) -> str:
    """A query that no other test uses, so that no cache has an answer for it yet."""
    return f"n={next(numbers)}"


@pytest.fixture(scope="package")
def numbers() -> Iterator[int]:
    return count()
