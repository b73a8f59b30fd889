"""Ask the running server whether the headers with a token reach the guard."""

from __future__ import annotations

import http.client
import queue
import threading
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.parse import SplitResult, quote

from werkzeug.datastructures import WWWAuthenticate

from ..._base.shown import shown
from ..._base.transport import is_loopback
from ..._resource.guarded_routes import GuardedRoute

Outcome = Literal["arrived", "dropped", "insecure", "unclear"]

_JUNK: Final = "flask-tapauth-doctor"
"""A token that no app has issued: it opens nothing, and is refused without a query."""

_REQUESTS: Final = {
    "Authorization": f"Bearer {_JUNK}",
    "access_token": _JUNK,
    "Access-Token": _JUNK,
}
_HEADERS_OF: Final = {
    "bearer": ("Authorization",),
    "header": ("access_token", "Access-Token"),
}
_SECONDS: Final = 10.0
"""How long all answers together may take, the look-up of the name included."""

_MAX_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Answers:
    """Which headers arrived at the server.

    :param view: the endpoint that was asked; None if there is none to ask.
    :param outcomes: by the name of the header.
    :param statuses: the status codes of the answers, by the name of the header.
    :param fault: why the server could not be asked.
    """

    url: SplitResult
    view: str | None = None
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    fault: str | None = None

    @property
    def is_over_http(self) -> bool:
        """Whether the requests went over a network without TLS."""
        return self.url.scheme == "http" and not is_loopback(self.url.netloc)


def ask(
    url: SplitResult, routes: list[GuardedRoute], locations: tuple[str, ...]
) -> Answers:
    """Send an invalid token to a guarded view, once in each header that it reads.

    :param url: where the app is mounted.
    :param locations: the value of ``TAPAUTH_TOKEN_LOCATIONS``.
    """
    for route in routes:
        where = route.locations or locations
        headers = [name for each in where for name in _HEADERS_OF.get(each, ())]
        if headers and _can_be_asked(route):
            break
    else:
        return Answers(url)
    answers = Answers(url, str(route.rule.endpoint))
    path = url.path.rstrip("/") + quote(route.rule.rule)
    done: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            for name in headers:
                status, outcome = _ask_once(url, path, name)
                answers.statuses[name], answers.outcomes[name] = status, outcome
        except Exception as error:  # whatever happens, the doctor is told
            done.put(error)
        else:
            done.put(None)

    # A server that sends a byte now and then would never reach a socket's timeout.
    threading.Thread(target=run, name="tapauth-doctor", daemon=True).start()
    try:
        error = done.get(timeout=_SECONDS)
    except queue.Empty:
        error = TimeoutError(f"it took longer than {_SECONDS:g} seconds")
    if error is None:
        return answers
    return Answers(url, answers.view, fault=f"{type(error).__name__}: {shown(error)}")


def _can_be_asked(route: GuardedRoute) -> bool:
    rule = route.rule
    return (
        route.guard == "required"
        and not route.is_ours
        and "GET" in route.methods
        and not rule.arguments
        and not rule.websocket  # it answers no plain GET
        and not (rule.subdomain or rule.host)
    )


def _ask_once(url: SplitResult, path: str, header: str) -> tuple[int, Outcome]:
    # Straight to this address: no proxy of the environment, and no redirect.
    kinds = {
        "http": http.client.HTTPConnection,
        "https": http.client.HTTPSConnection,
    }
    connection = kinds[url.scheme](url.hostname or "", url.port, timeout=_SECONDS)
    try:
        connection.request("GET", path, headers={header: _REQUESTS[header]})
        response = connection.getresponse()
        body = response.read(_MAX_BYTES)
        return response.status, _outcome(response, body)
    finally:
        connection.close()


def _outcome(response: http.client.HTTPResponse, body: bytes) -> Outcome:
    if response.status == 400 and b"TAPAUTH_REQUIRE_HTTPS" in body:
        return "insecure"
    challenges = map(
        WWWAuthenticate.from_header, response.headers.get_all("WWW-Authenticate", ())
    )
    for challenge in challenges:
        if response.status == 401 and challenge and challenge.type == "bearer":
            # RFC 6750 §3.1: no error if the request had no token.
            error = challenge.get("error")
            return "dropped" if error is None else "arrived"
    return "unclear"
