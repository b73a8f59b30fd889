"""The checks of the settings."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from flask_tapauth import TapAuth
from flask_tapauth._base.keys import generate_key

from ...conftest import MakeApp
from .conftest import GOOD, examine

ES256, HS256 = generate_key("ES256"), generate_key("HS256")
JWT = {"TAPAUTH_TOKEN_FORMAT": "jwt", "TAPAUTH_JWT_KEYS": {"keys": [ES256]}}
PLACES = "TAPAUTH_TOKEN_LOCATIONS"


@pytest.mark.parametrize(
    ("check", "settings", "level", "says"),
    [
        ("issuer", {}, "ok", "https://orders.example."),
        ("issuer", {"TAPAUTH_ISSUER": None}, "warning", "Host header"),
        ("issuer", {"TAPAUTH_ISSUER": "https://[::1]:8"}, "warning", "this machine"),
        ("secret_key", {}, "ok", "32 characters"),
        ("secret_key", {"SECRET_KEY": None}, "error", "token_hex"),
        ("secret_key", {"SECRET_KEY": "dev"}, "error", "fewer than 16"),
        ("secret_key", {"SECRET_KEY_FALLBACKS": ["dev"]}, "error", "FALLBACKS"),
        ("secret_key", {"SECRET_KEY_FALLBACKS": [None]}, "error", "FALLBACKS"),
        (
            "secret_key",
            {"SECRET_KEY": None, "TAPAUTH_GRANT_TYPES": ["client_credentials"]},
            "ok",
            "no grant here needs one",
        ),
        ("https", {}, "ok", "--url"),
        ("https", {"TAPAUTH_REQUIRE_HTTPS": False}, "error", "in the clear"),
        ("https", {"TAPAUTH_ISSUER": "http://o.example"}, "error", "plain HTTP"),
        ("https", {"TAPAUTH_ISSUER": "http://127.0.0.1:8"}, "ok", "refused"),
        ("token_locations", {}, "warning", "into their logs"),
        ("token_locations", {PLACES: ["bearer"]}, "ok", "from bearer."),
        ("token_locations", {PLACES: ["bearer", "header"]}, "ok", "--url"),
        ("rate_limit", {}, "warning", "as fast as they can"),
        ("keys", {}, "ok", "opaque"),
        ("keys", JWT, "ok", f"{ES256['kid']} signs with ES256; 0 other"),
        ("keys", {**JWT, "TAPAUTH_TOKEN_FORMAT": "opaque"}, "warning", "is opaque"),
        (
            "keys",
            {**JWT, "TAPAUTH_JWT_KEYS": {"keys": [ES256, HS256]}},
            "warning",
            f"{HS256['kid']} is for HS256",
        ),
        (
            "keys",
            {**JWT, "TAPAUTH_JWT_CHECK_REVOCATION": False},
            "warning",
            "until it expires",
        ),
    ],
)
def test_a_setting_is_judged(
    make_app: MakeApp, check: str, settings: dict[str, Any], level: str, says: str
) -> None:
    """how-to/running/doctor: what each check looks at."""
    found = examine(make_app(**{**GOOD, **settings}))[check]

    assert (found.level, says in found.message) == (level, True), found


def test_pages_need_a_secret_key(make_app: MakeApp, tapauth: TapAuth) -> None:
    """Without one each page fails, though no grant here needs one."""
    settings = {"SECRET_KEY": None, "TAPAUTH_GRANT_TYPES": ["client_credentials"]}
    app = make_app(**{**GOOD, **settings})
    app.register_blueprint(tapauth.pages, name="access", url_prefix="/account")

    found = examine(app)["secret_key"]

    assert (found.level, "tapauth.pages" in found.message) == ("error", True), found


@pytest.mark.parametrize(
    ("settings", "level", "says"),
    [
        ({"RATELIMIT_STORAGE_URI": "redis://127.0.0.1"}, "ok", "20 per minute."),
        ({}, "warning", "in memory"),
        ({"RATELIMIT_ENABLED": False}, "warning", "RATELIMIT_ENABLED"),
    ],
)
def test_a_limit_is_judged_with_its_limiter(
    make_app: MakeApp, settings: dict[str, Any], level: str, says: str
) -> None:
    """A limit that each process counts by itself is several times what was meant."""
    app = make_app(**GOOD, **settings, TAPAUTH_RATE_LIMIT="20 per minute")
    in_memory = "RATELIMIT_STORAGE_URI" not in settings
    with_default = {"storage_uri": "memory://"} if in_memory else {}
    Limiter(get_remote_address, app=app, **with_default)  # type: ignore[arg-type]

    found = examine(app)["rate_limit"]

    assert (found.level, says in found.message) == (level, True), found


def test_a_limit_without_a_limiter_is_an_error(app: Flask, make_app: MakeApp) -> None:
    """A ConfigError no later than the first request."""
    found = examine(make_app(**GOOD, TAPAUTH_RATE_LIMIT="20 per minute"))["rate_limit"]

    assert (found.level, "no Flask-Limiter" in found.message) == ("error", True)


def test_no_key_is_shown(make_app: MakeApp) -> None:
    """No secret in any finding: people paste them into tickets."""
    keys = {"keys": [ES256, HS256]}
    app = make_app(**{**GOOD, **JWT, "SECRET_KEY": "dev", "TAPAUTH_JWT_KEYS": keys})
    text = str(examine(app))

    assert not any(each in text for each in ("'dev'", ES256["d"], HS256["k"]))
