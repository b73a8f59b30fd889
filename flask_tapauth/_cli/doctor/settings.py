"""Checks of the settings, which need no database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from ..._app.host_settings import counts_in_memory, is_limiter_on, secret_keys
from ..._app.routes import PAGES
from ..._base.transport import is_loopback
from .remarks import Remark, Subject

_MIN_SECRET_KEY: Final = 16
_WITH_CONSENT: Final = frozenset(("implicit", "authorization_code"))


def issuer(subject: Subject) -> Iterator[Remark]:
    issuer = subject.state.config.issuer
    if issuer is None:
        yield Remark(
            "warning",
            "TAPAUTH_ISSUER is not set, so the issuer comes from the Host header of "
            "each caller. Set it to the public https URL of this app.",
        )
    elif is_loopback(urlsplit(issuer).netloc):
        yield Remark(
            "warning",
            f"TAPAUTH_ISSUER is {issuer}, which only this machine can reach. "
            "Set it to the public https URL of this app.",
        )
    else:
        yield Remark("ok", f"TAPAUTH_ISSUER is {issuer}.")


def secret_key(subject: Subject) -> Iterator[Remark]:
    keys = secret_keys()
    state = subject.state
    has_consent = not _WITH_CONSENT.isdisjoint(state.config.grant_types)
    has_pages = any(each.name == PAGES for each in state.app.blueprints.values())
    make_one = "Make one with python -c 'import secrets; print(secrets.token_hex())'."
    if not keys and has_consent:
        yield Remark(
            "error",
            f"SECRET_KEY is not set, so no user can answer a consent page. {make_one}",
        )
    elif not keys and has_pages:
        yield Remark(
            "error",
            f"SECRET_KEY is not set, so the pages of tapauth.pages fail. {make_one}",
        )
    elif not keys:
        yield Remark("ok", "SECRET_KEY is not set, and no grant here needs one.")
    elif any(not key or len(key) < _MIN_SECRET_KEY for key in keys):
        yield Remark(
            "error",
            f"SECRET_KEY, or one of SECRET_KEY_FALLBACKS, has fewer than "
            f"{_MIN_SECRET_KEY} characters. Somebody who guesses it can forge "
            f"sessions. {make_one}",
        )
    else:
        yield Remark("ok", f"SECRET_KEY has {len(keys[0])} characters.")


def rate_limit(subject: Subject) -> Iterator[Remark]:
    app, limit = subject.state.app, subject.state.config.rate_limit
    if limit is None:
        yield Remark(
            "warning",
            "TAPAUTH_RATE_LIMIT is not set, so callers may try client secrets as fast "
            "as they can. Set it, with Flask-Limiter on the app, or limit the "
            "endpoints in the proxy.",
        )
    elif not is_limiter_on(app):
        yield Remark(
            "warning",
            f"TAPAUTH_RATE_LIMIT is {limit}, but RATELIMIT_ENABLED is off, so nothing "
            "is limited. Switch it on.",
        )
    elif not app.extensions.get("limiter"):
        yield Remark(
            "error",
            f"TAPAUTH_RATE_LIMIT is {limit}, but the app has no Flask-Limiter, so each "
            "request fails. Initialise one, or leave the setting out.",
        )
    elif counts_in_memory(app):
        yield Remark(
            "warning",
            f"TAPAUTH_RATE_LIMIT is {limit} for each process: Flask-Limiter counts in "
            "memory. Give it a shared storage, such as a Redis.",
        )
    else:
        yield Remark("ok", f"TAPAUTH_RATE_LIMIT is {limit}.")


def keys(subject: Subject) -> Iterator[Remark]:
    config = subject.state.config
    used = subject.state.keys.list()
    if not used:
        yield Remark("ok", "Access tokens are opaque and need no signing key.")
        return
    if config.signing_keys is None:
        yield Remark(
            "warning",
            "TAPAUTH_JWT_KEYS is set, but TAPAUTH_TOKEN_FORMAT is opaque, so nothing "
            "is signed. Set the format to jwt, or take the private keys out.",
        )
    for key in used:
        if key.alg == "HS256":
            yield Remark(
                "warning",
                f"The key {key.kid} is for HS256: a service that verifies tokens with "
                "it can also issue them. Generate a key for ES256 and promote it.",
            )
    if not config.jwt_check_revocation:
        yield Remark(
            "warning",
            "TAPAUTH_JWT_CHECK_REVOCATION is off, so a revoked token opens views "
            "until it expires. Keep the lifetime of tokens short, or switch it on.",
        )
    first, others = used[0], len(used) - 1
    yield Remark(
        "ok",
        f"The key {first.kid} signs with {first.alg}; {others} other keys verify. "
        "A JWK has no date: note in a calendar when to rotate it.",
    )
