"""How secrets are generated, recognised, stored and compared."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from urllib.parse import quote_plus

import pytest
from werkzeug.security import check_password_hash

from flask_tapauth._base import parameters as _parameters
from flask_tapauth._base import secrets as _secrets
from flask_tapauth._base.secrets import (
    Kind,
    SecretChecker,
    generate,
    hash_secret,
    is_generated,
)

KINDS: list[tuple[Kind, str]] = [
    ("access_token", "tapat_"),
    ("refresh_token", "taprt_"),
    ("client_secret", "tapcs_"),
]


@pytest.mark.parametrize(("kind", "prefix"), KINDS)
def test_a_generated_secret_shows_its_kind(kind: Kind, prefix: str) -> None:
    """A secret scanner finds a leaked secret by its prefix and checksum."""
    secret = generate(kind)

    assert re.fullmatch(prefix + "[A-Za-z0-9_-]{43}[0-9a-f]{8}", secret)
    assert is_generated(kind, secret)
    assert generate(kind) != secret


@pytest.mark.parametrize(("kind", "_prefix"), KINDS)
def test_a_changed_secret_is_not_recognised(kind: Kind, _prefix: str) -> None:
    """Random tokens must be refused without a look-up in the database."""
    secret = generate(kind)
    [other, *_] = [k for k, _ in KINDS if k != kind]

    assert not is_generated(other, secret)
    assert not is_generated(kind, secret[:-1])
    assert not is_generated(kind, secret + "0")
    for index in range(len(secret)):
        changed = "0" if secret[index] != "0" else "1"
        assert not is_generated(kind, secret[:index] + changed + secret[index + 1 :])
    for odd in ("é", "\0", " "):
        assert not is_generated(kind, secret[:-1] + odd)


def test_a_generated_secret_is_stored_as_a_digest() -> None:
    """With 256 random bits, SHA-256 is enough, and fast."""
    stored = hash_secret(generate("client_secret"))

    assert re.fullmatch(r"sha256\$[0-9a-f]{64}", stored)


@pytest.mark.parametrize("secret", ["chosen", "sécret-ü-鍵", "tapcs_like", "x" * 4_096])
def test_a_chosen_secret_is_stretched(secret: str) -> None:
    """A stolen database must not reveal a secret that a person chose."""
    stored = hash_secret(secret)

    assert stored.startswith("scrypt:")
    assert len(stored) <= 255  # what the column takes
    assert stored != hash_secret(secret)
    assert SecretChecker().find_match([secret], [stored])
    assert not SecretChecker().find_match([secret + "x"], [stored])


def test_a_secret_matches_any_that_is_stored() -> None:
    """Programs must keep working while the new secret is rolled out."""
    chosen, generated = "chosen", generate("client_secret")
    stored = [hash_secret(generated), hash_secret(chosen)]

    assert SecretChecker().find_match([chosen], stored)
    assert SecretChecker().find_match([generated], stored)
    assert not SecretChecker().find_match(["other"], stored)
    assert not SecretChecker().find_match([generate("client_secret")], stored)


def test_nothing_matches_where_nothing_is_stored() -> None:
    """A client that does not exist must not get in."""
    assert not SecretChecker().find_match(["chosen"], [])
    assert not SecretChecker().find_match([generate("client_secret")], [])
    assert not SecretChecker().find_match([], [hash_secret("chosen")])


@pytest.fixture
def stretched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The stored hashes that a slow hash was computed for."""
    done: list[str] = []

    def check(stored: str, secret: str) -> bool:
        done.append(stored)
        return check_password_hash(stored, secret)

    monkeypatch.setattr(_secrets, "check_password_hash", check)
    return done


@pytest.mark.parametrize("stored", [[], ["scrypt"], ["sha256"]], ids=str)
def test_the_time_of_a_check_does_not_show_what_is_stored(
    stretched: list[str], stored: list[str]
) -> None:
    """An attacker must not learn from the time whether a client exists.

    Counted, not timed: one slow hash for a chosen secret, none for a generated one,
    whatever is stored.
    """
    hashes = {
        "scrypt": hash_secret("a"),
        "sha256": hash_secret(generate("client_secret")),
    }
    checker = SecretChecker()

    checker.find_match(["guess"], [hashes[name] for name in stored])
    assert [value.partition("$")[0] for value in stretched] == ["scrypt:32768:8:1"]
    checker.find_match([generate("client_secret")], [hashes[name] for name in stored])
    assert len(stretched) == 1


@pytest.mark.parametrize(
    "sent", ["100%", "a+b", "%2525252525", "%zz", "%E9", "s%C3%A9", "%41+%2B%2541"]
)
def test_a_secret_with_a_percent_sign_costs_one_slow_hash(
    stretched: list[str], sent: str
) -> None:
    """It can be read in two ways, and cost two slow hashes."""
    readings = _parameters.parse_basic(base64.b64encode(f"x:{sent}".encode()).decode())

    assert not SecretChecker().find_match(readings[1], [])
    assert len(stretched) == 1


@pytest.mark.parametrize(
    "secret",
    ["100% of it", "a+b c", "%41%2541", "s\u00e9cret %E9"],
)
@pytest.mark.parametrize("encode", [quote_plus, str])
def test_a_secret_may_be_sent_encoded_or_plain(
    secret: str, encode: Callable[[str], str]
) -> None:
    """RFC 6749 §2.3.1: Basic credentials are encoded, which many clients forget."""
    pair = base64.b64encode(f"x:{encode(secret)}".encode()).decode()
    checker = SecretChecker()

    assert checker.find_match(_parameters.parse_basic(pair)[1], [hash_secret(secret)])
    assert checker.find_match([secret], [hash_secret(secret)])


def test_a_right_secret_is_stretched_once(stretched: list[str]) -> None:
    """A client with a chosen secret got only 13 tokens per second."""
    checker, stored = SecretChecker(), hash_secret("chosen")

    answers = [checker.find_match(["chosen"], [stored]) for _ in range(3)]

    assert (answers, len(stretched)) == ([stored] * 3, 1)


def test_a_wrong_secret_is_stretched_each_time(stretched: list[str]) -> None:
    """Guesses must be slow even after the client has sent the right secret."""
    checker, stored = SecretChecker(), hash_secret("chosen")
    checker.find_match(["chosen"], [stored])

    answers = [checker.find_match(["guess"], [stored]) for _ in range(3)]

    assert (answers, len(stretched)) == ([None] * 3, 4)


def test_a_remembered_secret_is_refused_after_a_rotation() -> None:
    """What was remembered counts only for the hash that is stored."""
    checker, stored = SecretChecker(), hash_secret("chosen")
    assert checker.find_match(["chosen"], [stored])

    assert not checker.find_match(["chosen"], [hash_secret("another")])
    assert not checker.find_match(["chosen"], [hash_secret(generate("client_secret"))])
    assert not checker.find_match(["chosen"], [])


def test_no_secret_is_remembered_as_text() -> None:
    """A memory dump of the process must not contain secrets."""
    checker = SecretChecker()
    checker.find_match(["chosen"], [hash_secret("chosen")])

    assert "chosen" not in repr(vars(checker))
