"""The targets: an app, its settings and data, and the requests it gets."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from joserfc import jwk

from flask_tapauth._base import secrets as _secrets

Settings = Mapping[str, str]
Seeded = Mapping[str, Any]


@dataclass(frozen=True)
class Data:
    """A database that the `seed` of an app fills.

    :param rows: the number of tokens; None means that of the run.
    """

    name: str
    app: str
    settings: Settings = field(default_factory=dict)
    rows: int | None = None


@dataclass(frozen=True)
class Target:
    """A server, and the requests that it gets in turn.

    :param requests: makes the requests from what the seed returned.
    :param status: the status that every answer must have.
    """

    name: str
    app: str
    requests: Callable[[Seeded], list[bytes]]
    data: Data | None = None
    settings: Settings = field(default_factory=dict)
    status: int = 200
    needs_redis: bool = False


def get(token: str, path: str = "/orders") -> bytes:
    """Return a request for the protected view, or for another path."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Bearer {token}\r\n\r\n"
    ).encode()


def _valid(seeded: Seeded) -> list[bytes]:
    return [get(seeded.get("token", "none"))]


def _each(seeded: Seeded) -> list[bytes]:
    return [get(token) for token in seeded["tokens"]]


def _unknown(_: Seeded) -> list[bytes]:
    return [get(_secrets.generate("access_token")) for _ in range(1000)]


def _false_checksum(seeded: Seeded) -> list[bytes]:
    token = seeded["token"]
    return [get(token[:-1] + ("0" if token[-1] != "0" else "1"))]


def _refused(_: Seeded) -> list[bytes]:
    return [get("any", "/refused")]


def _malformed(_: Seeded) -> list[bytes]:
    return [get("malformed")]


def _issue(path: str, client: str | None = None) -> Callable[[Seeded], list[bytes]]:
    def requests(seeded: Seeded) -> list[bytes]:
        seeded = seeded if client is None else seeded[client]
        body = urlencode(
            {
                "grant_type": "client_credentials",
                "client_id": seeded["client_id"],
                "client_secret": seeded["client_secret"],
                "scope": "orders:read",
            }
        )
        return [
            (
                f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}"
            ).encode()
        ]

    return requests


def _key(algorithm: str) -> dict[str, Any]:
    key: Any
    if algorithm == "HS256":
        key = jwk.OctKey.generate_key(256, {"alg": algorithm})
    else:
        key = jwk.RSAKey.generate_key(2048, {"alg": algorithm})
    made: dict[str, Any] = key.as_dict(private=True)
    return made


# More than the 10,000 that ours remembers, which it forgets all at once: by the time
# that a token comes again it is unknown again.
_DISTINCT: Final = 12_000


def _jwt(algorithm: str) -> tuple[Target, Target, Target]:
    """Return Flask-JWT-Extended; ours, of a token seen before; and of ever new ones."""
    key = _key(algorithm)
    their_settings = {"BENCH_KEY": json.dumps(key)}
    theirs = Target(
        f"Flask-JWT-Extended {algorithm}",
        "jwt_extended",
        _valid,
        Data(f"jwt_extended_{algorithm}", "jwt_extended", their_settings),
        their_settings,
    )
    settings = {
        "BENCH_TAPAUTH_TOKEN_FORMAT": "jwt",
        "BENCH_TAPAUTH_JWT_ALGORITHM": algorithm,
        "BENCH_TAPAUTH_JWT_KEYS": json.dumps({"keys": [key]}),
        "BENCH_TAPAUTH_JWT_CHECK_REVOCATION": "false",
        "BENCH_TAPAUTH_ISSUER": "http://127.0.0.1",
    }
    data = Data(f"ours_{algorithm}", "ours_jwt", settings, _DISTINCT)
    seen = Target(f"ours, {algorithm} seen before", "ours_jwt", _valid, data, settings)
    new = Target(f"ours, {algorithm} never seen", "ours_jwt", _each, data, settings)
    return theirs, seen, new


BARE = Target("bare Flask", "bare", _valid)
BARE_REFUSAL = Target("bare Flask, abort(401)", "bare", _refused, status=401)

OURS_DATA = Data("ours", "ours")
OURS = Target("ours, opaque", "ours", _valid, OURS_DATA)
_REMEMBERING = {"BENCH_TAPAUTH_CACHE": '"database"'}
OURS_CACHED = Target("ours, remembered", "ours", _valid, OURS_DATA, _REMEMBERING)
OURS_CACHED_REDIS = Target(
    "ours, remembered, by Redis", "ours", _valid, OURS_DATA, needs_redis=True
)
FLOOR = Target("floor, one SELECT", "floor", _valid, OURS_DATA)
UNKNOWN = Target("ours, unknown token", "ours", _unknown, OURS_DATA, status=401)
MALFORMED = Target("ours, malformed token", "ours", _malformed, OURS_DATA, status=401)
FALSE_CHECKSUM = Target(
    "ours, false checksum", "ours", _false_checksum, OURS_DATA, status=401
)

_AUTHLIB = Data("authlib", "authlib_wired")
AUTHLIB = Target("Authlib by hand", "authlib_wired", _valid, _AUTHLIB)

_FASTEST = {"BENCH_FASTEST": "1"}
_TOOLKIT = Data("toolkit", "toolkit")
_TOOLKIT_FASTEST = Data("toolkit_fastest", "toolkit", _FASTEST)
TOOLKIT = Target("django-oauth-toolkit", "toolkit", _valid, _TOOLKIT)
TOOLKIT_FASTEST = Target(
    "django-oauth-toolkit, fastest", "toolkit", _valid, _TOOLKIT_FASTEST, _FASTEST
)

JWT_HS256, OURS_HS256_SEEN, OURS_HS256 = _jwt("HS256")
JWT_RS256, OURS_RS256_SEEN, OURS_RS256 = _jwt("RS256")

_PATH = "/oauth/token"
OURS_ISSUING = Target("ours, issuing", "ours", _issue(_PATH), OURS_DATA)
OURS_ISSUING_CHOSEN = Target(
    "ours, issuing for a chosen secret", "ours", _issue(_PATH, "chosen"), OURS_DATA
)
AUTHLIB_ISSUING = Target(
    "Authlib by hand, issuing", "authlib_wired", _issue(_PATH), _AUTHLIB
)
TOOLKIT_ISSUING = Target(
    "django-oauth-toolkit, issuing", "toolkit", _issue("/o/token/"), _TOOLKIT
)
TOOLKIT_FASTEST_ISSUING = Target(
    "django-oauth-toolkit, issuing, fastest",
    "toolkit",
    _issue("/o/token/"),
    _TOOLKIT_FASTEST,
    _FASTEST,
)
