"""The settings of signed tokens, and the errors when one is missing or wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from flask_tapauth import ConfigError, TapAuth

from ...conftest import MakeApp, bearer
from .conftest import ALGORITHMS, GIVEN, make_key, public, signing

KEY = make_key()


def fault(make_app: MakeApp, **settings: Any) -> str:
    with pytest.raises(ConfigError) as raised:
        make_app(**settings)
    return str(raised.value)


@pytest.mark.parametrize("lacking", ["TAPAUTH_ISSUER", "TAPAUTH_JWT_KEYS"])
@pytest.mark.parametrize("how", ["left out", "None"])
def test_a_missing_setting_of_signed_tokens_is_named(
    make_app: MakeApp, lacking: str, how: str
) -> None:
    """The error names the setting and the values allowed."""
    settings = signing(KEY)
    settings.pop(lacking)
    if how == "None":
        settings[lacking] = None

    message = fault(make_app, **settings)

    assert f"{lacking}: got None, expected " in message
    assert message.count(": got ") == 1  # the only problem


def test_all_missing_settings_are_named_at_once(make_app: MakeApp) -> None:
    """Otherwise a deployment fails once for each setting."""
    message = fault(make_app, TAPAUTH_TOKEN_FORMAT="jwt")

    assert "TAPAUTH_ISSUER" in message
    assert "TAPAUTH_JWT_KEYS" in message


@pytest.mark.parametrize("first", ALGORITHMS)
@pytest.mark.parametrize("said", ALGORITHMS)
def test_the_algorithm_is_that_of_the_first_key(
    make_app: MakeApp, first: str, said: str
) -> None:
    """RFC 7517 §4.1, §4.4: a key has one type and one algorithm."""
    keys = [make_key(first), *(make_key(name, name) for name in ALGORITHMS)]
    settings = signing(*keys, TAPAUTH_JWT_ALGORITHM=said)

    if first == said:
        make_app(**settings)
    else:
        assert f"TAPAUTH_JWT_ALGORITHM: got {said!r}, expected {first!r}" in fault(
            make_app, **settings
        )


@pytest.mark.parametrize("algorithm", ["none", "ES384", "PS256", "es256", "", None])
def test_an_unsupported_algorithm_is_refused(
    make_app: MakeApp, algorithm: str | None
) -> None:
    """ES256, EdDSA, RS256 and HS256 are supported."""
    message = fault(make_app, **signing(KEY, TAPAUTH_JWT_ALGORITHM=algorithm))

    assert f"TAPAUTH_JWT_ALGORITHM: got {algorithm!r}, expected one of " in message
    assert all(name in message for name in ALGORITHMS)


@pytest.mark.parametrize("given", GIVEN)
def test_the_keys_may_be_given_in_several_ways(
    make_app: MakeApp, tapauth: TapAuth, tmp_path: Path, given: str
) -> None:
    """A JWK set as a dict, as JSON, or as the path of a file."""
    value = GIVEN[given](json.dumps({"keys": [KEY]}), tmp_path)
    app = make_app(**signing(KEY, TAPAUTH_JWT_KEYS=value))
    with app.app_context():
        token = tapauth.tokens.issue(tapauth.clients.create("A"))["access_token"]

    answer = app.test_client().get("/whoami", headers=bearer(token))

    assert answer.status_code == 200


def test_the_hosts_own_dict_is_not_changed(make_app: MakeApp) -> None:
    """The host may use it for something else."""
    keys = {"keys": [make_key()]}

    make_app(**signing(KEY, TAPAUTH_JWT_KEYS=keys))

    assert keys == {"keys": [KEY]}


def test_a_file_that_is_no_text_is_refused(make_app: MakeApp, tmp_path: Path) -> None:
    """The error says what is wrong with the file."""
    file = tmp_path / "keys.p12"
    file.write_bytes(b"\xff\xfe\x00")

    message = fault(make_app, **signing(KEY, TAPAUTH_JWT_KEYS=file))

    assert "TAPAUTH_JWT_KEYS: got keys (the file cannot be read: " in message


def test_a_missing_key_file_is_answered_with_how_to_make_it(
    make_app: MakeApp, tmp_path: Path
) -> None:
    """docs/how-to/clients/jwt.md: with the setting, `keys generate` cannot start."""
    message = fault(make_app, **signing(KEY, TAPAUTH_JWT_KEYS=tmp_path / "keys.json"))

    assert "`flask tapauth keys generate --append FILE` before you set" in message


def test_a_refused_setting_leaves_the_app_as_it_was(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """A failed start must not leave routes behind."""
    app = Flask("host")
    app.config.update(signing(public(KEY)))

    with pytest.raises(ConfigError):
        tapauth.init_app(app)

    assert "tapauth" not in app.extensions
    assert "tapauth" not in app.blueprints


def test_keys_may_be_set_before_the_format_is(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """TAPAUTH_TOKEN_FORMAT decides; it is opaque by default."""
    app = make_app(TAPAUTH_JWT_KEYS={"keys": [KEY]})
    with app.app_context():
        token = tapauth.tokens.issue(tapauth.clients.create("A"))["access_token"]

    assert token.startswith("tapat_")
