"""How secrets look, and what recognises them."""

from __future__ import annotations

import re

import pytest

from flask_tapauth._secrets import (
    Kind,
    generate,
    hash_secret,
    is_generated,
    secret_matches,
)

KINDS: list[tuple[Kind, str]] = [
    ("access_token", "tapat_"),
    ("refresh_token", "taprt_"),
    ("client_secret", "tapcs_"),
]


@pytest.mark.parametrize(("kind", "prefix"), KINDS)
def test_a_generated_secret_shows_its_kind(kind: Kind, prefix: str) -> None:
    """The contract: a prefix for scanners, 256 random bits, a checksum."""
    secret = generate(kind)

    assert re.fullmatch(prefix + "[A-Za-z0-9_-]{43}[0-9a-f]{8}", secret)
    assert is_generated(kind, secret)
    assert generate(kind) != secret


@pytest.mark.parametrize(("kind", "_prefix"), KINDS)
def test_whatever_differs_is_not_generated(kind: Kind, _prefix: str) -> None:
    """The contract: junk is refused without a query."""
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
    """The contract: with 256 random bits, SHA-256 is enough."""
    stored = hash_secret(generate("client_secret"))

    assert re.fullmatch(r"sha256\$[0-9a-f]{64}", stored)


@pytest.mark.parametrize("secret", ["chosen", "sécret-ü-鍵", "tapcs_like", "x" * 4_096])
def test_a_chosen_secret_is_stretched(secret: str) -> None:
    """The contract: werkzeug's password hash, salted anew each time."""
    stored = hash_secret(secret)

    assert stored.startswith("scrypt:")
    assert len(stored) <= 255  # what the column takes
    assert stored != hash_secret(secret)
    assert secret_matches([secret], [stored])
    assert not secret_matches([secret + "x"], [stored])


def test_a_secret_matches_any_that_is_stored() -> None:
    """The contract: two secrets open while one of them is in its grace time."""
    chosen, generated = "chosen", generate("client_secret")
    stored = [hash_secret(generated), hash_secret(chosen)]

    assert secret_matches([chosen], stored)
    assert secret_matches([generated], stored)
    assert secret_matches(["other", chosen], stored)
    assert not secret_matches(["other"], stored)
    assert not secret_matches([generate("client_secret")], stored)


def test_nothing_matches_where_nothing_is_stored() -> None:
    """The contract: an unknown client takes the same path, and fails."""
    assert not secret_matches(["chosen"], [])
    assert not secret_matches([generate("client_secret")], [])
    assert not secret_matches([], [hash_secret("chosen")])


@pytest.mark.parametrize("stored", [[], ["scrypt"], ["sha256"]], ids=str)
def test_the_work_depends_on_what_was_sent_alone(
    monkeypatch: pytest.MonkeyPatch, stored: list[str]
) -> None:
    """The contract: about the same time for an unknown client and a wrong secret.

    Counted, not timed: one slow hash for a chosen secret, none for a generated one,
    whatever is stored.
    """
    from flask_tapauth import _secrets

    hashes = {
        "scrypt": hash_secret("a"),
        "sha256": hash_secret(generate("client_secret")),
    }
    checked: list[str] = []

    def check(stored_hash: str, secret: str) -> bool:
        checked.append(stored_hash)
        return False

    monkeypatch.setattr(_secrets, "check_password_hash", check)

    secret_matches(["guess"], [hashes[name] for name in stored])
    assert [value.partition("$")[0] for value in checked] == ["scrypt:32768:8:1"]
    secret_matches([generate("client_secret")], [hashes[name] for name in stored])
    assert len(checked) == 1
