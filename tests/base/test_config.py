"""The settings: which values are read, and which stop `init_app`."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from flask_tapauth import ConfigError
from flask_tapauth._base.config import Config


def test_the_defaults_are_those_of_the_docs() -> None:
    """A changed default would change every app that relies on it."""
    assert Config.from_mapping({"SECRET_KEY": "x"}) == Config(
        url_prefix="/oauth",
        issuer=None,
        scopes=None,
        grant_types=(
            "client_credentials",
            "authorization_code",
            "implicit",
            "refresh_token",
        ),
        access_token_expires_in=3600,
        refresh_token_expires_in=1_209_600,
        token_format="opaque",
        token_locations=("bearer", "header", "body", "query"),
        login_view=None,
        require_https=True,
    )


@pytest.mark.parametrize(
    ("setting", "value", "read"),
    [
        ("URL_PREFIX", "/auth/v1", "/auth/v1"),
        ("ISSUER", "https://api.example.com/tenant", "https://api.example.com/tenant"),
        ("SCOPES", {"orders:read": "Read orders"}, {"orders:read": "Read orders"}),
        ("SCOPES", None, None),
        ("GRANT_TYPES", ["implicit"], ("implicit",)),
        ("ACCESS_TOKEN_EXPIRES_IN", 60, 60),
        ("ACCESS_TOKEN_EXPIRES_IN", timedelta(minutes=5), 300),
        ("REFRESH_TOKEN_EXPIRES_IN", timedelta(days=1), 86_400),
        ("REFRESH_GRACE", 0, 0),
        ("REFRESH_GRACE", 60, 60),
        ("REFRESH_GRACE", timedelta(seconds=5), 5),
        ("TOKEN_LOCATIONS", {"query", "bearer"}, ("bearer", "query")),
        ("LOGIN_VIEW", "auth.login", "auth.login"),
        ("REQUIRE_HTTPS", False, False),
    ],
)
def test_a_setting_is_read(setting: str, value: object, read: object) -> None:
    """Durations are seconds or a timedelta; lists may be any collection."""
    config = Config.from_mapping({f"TAPAUTH_{setting}": value})

    assert getattr(config, setting.lower()) == read


@pytest.mark.parametrize(
    ("setting", "value", "allowed"),
    [
        ("URL_PREFIX", "oauth", "a path such as '/oauth'"),
        ("REFRESH_GRACE", 61, "from 0 to 60 whole seconds"),
        ("REFRESH_GRACE", 86_400, "from 0 to 60 whole seconds"),
        ("REFRESH_GRACE", timedelta(minutes=2), "from 0 to 60 whole seconds"),
        ("REFRESH_GRACE", -1, "from 0 to 60 whole seconds"),
        ("REFRESH_GRACE", True, "from 0 to 60 whole seconds"),
        ("URL_PREFIX", "/oauth/", "without a slash at its end"),
        ("URL_PREFIX", None, "a path"),
        ("ISSUER", "api.example.com", "a URL"),
        ("ISSUER", "https://api.example.com?x", "without query"),
        ("SCOPES", ["orders:read"], "a dict of scope to description"),
        ("SCOPES", {"two words": "x"}, "a scope is one word"),
        ("SCOPES", {"orders:réad": "x"}, "a dict of scope to description"),
        ("SCOPES", {"orders:read": 1}, "a dict of scope to description"),
        ("GRANT_TYPES", ["password"], "client_credentials"),
        ("GRANT_TYPES", "implicit", "some of"),
        ("GRANT_TYPES", [], "some of"),
        ("ACCESS_TOKEN_EXPIRES_IN", 0, "a positive number of whole seconds"),
        ("ACCESS_TOKEN_EXPIRES_IN", -1, "a positive number of whole seconds"),
        ("ACCESS_TOKEN_EXPIRES_IN", 1.5, "a positive number of whole seconds"),
        ("ACCESS_TOKEN_EXPIRES_IN", "3600", "a positive number of whole seconds"),
        ("ACCESS_TOKEN_EXPIRES_IN", True, "a positive number of whole seconds"),
        ("ACCESS_TOKEN_EXPIRES_IN", float("nan"), "a positive number of whole seconds"),
        ("ACCESS_TOKEN_EXPIRES_IN", float("inf"), "a positive number of whole seconds"),
        ("REFRESH_TOKEN_EXPIRES_IN", None, "a timedelta"),
        ("TOKEN_FORMAT", "saml", "opaque"),
        ("TOKEN_LOCATIONS", ["cookie"], "bearer"),
        ("TOKEN_LOCATIONS", [["bearer"]], "bearer"),
        ("LOGIN_VIEW", 3, "the name of an endpoint"),
        ("REQUIRE_HTTPS", "False", "True or False"),
        ("REQUIRE_HTTPS", 1, "True or False"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    setting: str, value: Any, allowed: str
) -> None:
    """The error must say which setting to change, and to what."""
    with pytest.raises(ConfigError) as raised:
        Config.from_mapping({f"TAPAUTH_{setting}": value})

    message = str(raised.value)
    assert message.startswith(f"TAPAUTH_{setting}: got {value!r}")
    assert allowed in message


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("CACHE", "redis://:hun/hunter2@127.0.0.1/0"),
        ("CACHE", "redis://:hunter2@127.0.0.1:port/0"),
        ("CACHE", "amqp://127.0.0.1/?password=hunter2"),
        ("CACHE", {"CACHE_REDIS_PASSWORD": "hunter2"}),
        ("ISSUER", "https://ann:hunter2@api.example"),
    ],
)
def test_a_secret_in_the_wrong_place_is_not_shown(setting: str, value: Any) -> None:
    """The error of a wrong setting goes into the log, so it must show no secret."""
    with pytest.raises(ConfigError, match=f"TAPAUTH_{setting}") as raised:
        Config.from_mapping({f"TAPAUTH_{setting}": value})

    assert "hunter2" not in str(raised.value)


def test_only_existing_settings_are_suggested() -> None:
    """A suggestion that does not exist would only cause the next error."""
    with pytest.raises(ConfigError) as raised:
        Config.from_mapping({"TAPAUTH_SIGNING_KEYS": "x"})

    assert "did you mean TAPAUTH_SIGNING_KEYS" not in str(raised.value)


@pytest.mark.parametrize("setting", ["TAPAUTH_ISUER", "TAPAUTH_issuer"])
def test_an_unknown_setting_names_the_nearest(setting: str) -> None:
    """A misspelt setting would silently leave the default in place."""
    fault = re.escape(f"{setting}: no such setting; did you mean TAPAUTH_ISSUER?")

    with pytest.raises(ConfigError, match=fault):
        Config.from_mapping({setting: "https://x"})


def test_an_unknown_setting_without_a_near_match_lists_all() -> None:
    """The reader needs the whole list then."""
    with pytest.raises(ConfigError, match=r"TAPAUTH_URL_PREFIX.*TAPAUTH_REQUIRE_HTTPS"):
        Config.from_mapping({"TAPAUTH_ZZZ": 1})


def test_all_wrong_settings_are_named_at_once() -> None:
    """Otherwise each start would show one more error."""
    with pytest.raises(ConfigError, match=r"TAPAUTH_ISSUER.*; TAPAUTH_REQUIRE_HTTPS"):
        Config.from_mapping({"TAPAUTH_ISSUER": 1, "TAPAUTH_REQUIRE_HTTPS": "no"})


def test_the_hosts_own_values_are_not_changed() -> None:
    """A list or dict of the host's config must not be changed or shared."""
    scopes = {"orders:read": "Read orders"}
    config = Config.from_mapping({"TAPAUTH_SCOPES": scopes})
    scopes["orders:write"] = "Write orders"

    assert config.scopes == {"orders:read": "Read orders"}
