"""Keys that cannot be used are refused, and the error shows no part of them."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwk

from flask_tapauth import ConfigError

from ...conftest import MakeApp
from .conftest import GIVEN, PRIVATE, Key, make_key, public, signing

KEY = make_key()


def short_rsa() -> Key:
    private: Any = jwk.RSAKey.generate_key(1024)
    members: Key = private.as_dict(private=True)
    return members


DAMAGED: dict[str, Callable[[], list[Any]]] = {
    "public key first": lambda: [public(KEY)],
    "no keys": lambda: [],
    "no JWK": lambda: [KEY["d"]],
    "unknown kind": lambda: [{**KEY, "kty": "XX"}],
    "no kind": lambda: [{"d": KEY["d"]}],
    "another curve": lambda: [{**KEY, "crv": "P-521"}],
    "curve that is a list": lambda: [{**KEY, "crv": ["P-256"]}],
    "another algorithm": lambda: [{**KEY, "alg": "ES512"}],
    "for encryption": lambda: [{**KEY, "use": "enc"}],
    "same kid twice": lambda: [KEY, KEY],
    "no text as kid": lambda: [{**KEY, "kid": 5}],
    "empty kid": lambda: [{**KEY, "kid": ""}],
    "long kid": lambda: [{**KEY, "kid": "k" * 201}],
    "private part cut off": lambda: [{**KEY, "d": KEY["d"][:-1] + "!"}],
    "private part of another": lambda: [{**KEY, "d": make_key(kid="another")["d"]}],
    "private part is a number": lambda: [{**KEY, "d": 5}],
    "no public part": lambda: [{**KEY, "x": None}],
    "short secret": lambda: [{"kty": "oct", "k": make_key("HS256")["k"][:42]}],
    "secret is no text": lambda: [{"kty": "oct", "k": 5}],
    "second is damaged": lambda: [KEY, {**make_key(kid="second"), "y": "AA"}],
}


@pytest.mark.parametrize("given", GIVEN)
@pytest.mark.parametrize("damage", DAMAGED)
def test_unusable_keys_are_refused_and_not_shown(
    make_app: MakeApp, tmp_path: Path, given: str, damage: str
) -> None:
    """Neither the message nor the traceback contains key material."""
    keys = DAMAGED[damage]()
    value = GIVEN[given](json.dumps({"keys": keys}), tmp_path)

    assert_not_shown(make_app, value, keys)


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_a_short_rsa_key_is_refused(make_app: MakeApp) -> None:
    """RFC 7518 §3.3: 2048 bits at least."""
    key = {**short_rsa(), "alg": "RS256"}

    assert_not_shown(make_app, {"keys": [key]}, [key])


PEM = jwk.import_key(make_key("RS256")).as_pem(private=True).decode()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "value",
    [
        PEM,
        PEM.encode(),
        PEM.replace("\n", "\\n"),
        Path(PEM),
        KEY,
        json.dumps(KEY),
        json.dumps([KEY]),
        json.dumps(KEY["d"]),
        json.dumps({"keys": [KEY]})[:-1],
        json.dumps({"keys": KEY}),
        {"keys": {"first": KEY}},
        {"keys": json.dumps([KEY])},
        [KEY],
        (KEY,),
        {KEY["d"]},
        KEY["d"],
        KEY["d"].encode(),
        f"/run/secrets/{KEY['d']}",
        f"{KEY['d']}\0",
        5,
        "",
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_value_that_is_no_key_set_is_refused_and_not_shown(
    make_app: MakeApp, value: Any
) -> None:
    """It may be a key in the wrong format."""
    assert_not_shown(make_app, value, [KEY, {"PEM": PEM}])


def assert_not_shown(make_app: MakeApp, value: Any, keys: list[Any]) -> None:
    with pytest.raises(ConfigError) as raised:
        make_app(**signing(KEY, TAPAUTH_JWT_KEYS=value))
    message = str(raised.value)
    assert message.startswith("TAPAUTH_JWT_KEYS: got ")
    assert "\n" not in message
    told = "".join(traceback.format_exception(raised.value))
    for secret in secrets_of(keys):
        assert secret not in told
        assert secret[:16] not in told


def secrets_of(keys: list[Any]) -> list[str]:
    """Return all values of a key that are long enough to be secret."""
    found = [key for key in keys if isinstance(key, str)]
    for key in (key for key in keys if isinstance(key, dict)):
        found += [key[name] for name in PRIVATE if isinstance(key.get(name), str)]
        found += [line for line in key.get("PEM", "").split("\n") if "--" not in line]
    return [secret for secret in found if len(secret) > 16]


def test_the_app_in_a_traceback_shows_no_key(make_app: MakeApp) -> None:
    """Error pages print the `repr` of local variables."""
    app = make_app(**signing(KEY, make_key("HS256", "shared")))

    shown = repr(app.extensions["tapauth"])

    assert KEY["d"] not in shown
    assert make_key("HS256", "shared")["k"] not in shown
