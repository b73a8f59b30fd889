"""A key's size is checked before its import, which can take OpenSSL half a minute."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from joserfc import jwk

from flask_tapauth._base.key_reading import read_client_keys, read_key_set
from flask_tapauth._base.keys import ALGORITHMS

from .signers import b64url, key_set, signer

RSA = signer("RS256").public


def rsa_key_of(bits: int, lead: bytes = b"", **more: Any) -> dict[str, Any]:
    """Return a public RSA key whose modulus is an odd number of so many bits."""
    number = (1 << (bits - 1)) | 1
    return {**RSA, "n": b64url(lead + number.to_bytes((bits + 7) // 8)), **more}


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
@pytest.mark.parametrize("kind", ["RSA", "EC", "oct", "of the future"])
@pytest.mark.parametrize("skips", [True, False])
def test_no_key_of_a_set_with_a_private_key_is_imported(
    monkeypatch: pytest.MonkeyPatch, member: str, kind: str, skips: bool
) -> None:
    """OpenSSL tested the primes of a published private key for 22 seconds."""
    imported: list[Any] = []
    monkeypatch.setattr(jwk, "import_key", imported.append)
    keys = [RSA, {"kty": kind, "use": "enc", member: "AQAB"}]

    with pytest.raises(ValueError, match="private"):
        read_client_keys({"keys": keys}, skips=skips)

    assert imported == []


def test_a_huge_private_key_is_refused_at_once() -> None:
    """A key of 10 kB stopped a server for 22 seconds."""
    number = b64url(b"\xff" * 4000)
    parts = dict.fromkeys(("n", "d", "p", "q", "dp", "dq", "qi"), number)
    key = {"kty": "RSA", "e": "AQAB", "alg": "RS256", **parts}
    began = time.monotonic()

    with pytest.raises(ValueError, match="private"):
        read_client_keys({"keys": [key]})
    with pytest.raises(ValueError, match="too long"):
        read_key_set({"keys": [key]}, ALGORITHMS)

    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("key", "fault"),
    [
        (rsa_key_of(8200), "more than 8192"),
        (rsa_key_of(20_000), "too long"),
        (rsa_key_of(1024), "less than 2048"),
        (rsa_key_of(1024, lead=b"\0" * 200), "less than 2048"),
        ({**RSA, "n": "A" * 400}, "less than 2048"),
        ({**RSA, "n": "!" * 400 + "AQAB"}, "damaged"),
        ({**RSA, "n": RSA["n"] + "=" * 400}, "damaged"),
        ({**RSA, "n": " " + RSA["n"]}, "damaged"),
        ({**RSA, "n": "A" * 401}, "damaged"),
        ({**RSA, "n": None}, "damaged"),
        ({**RSA, "e": b64url(b"\xff" * 256)}, "exponent"),
        ({**RSA, "e": "AQ"}, "exponent"),
        ({**RSA, "e": "Ag"}, "exponent"),
        ({**RSA, "e": "AQ" * 900}, "exponent"),
        ({**RSA, "e": None}, "damaged"),
    ],
)
def test_the_size_of_an_rsa_key_is_that_of_its_modulus(
    key: dict[str, Any], fault: str
) -> None:
    """Leading zeros and invalid letters counted as bits, so a weak key was accepted.

    A long modulus or exponent makes each check of a signature slow.
    """
    with pytest.raises(ValueError, match=fault):
        read_client_keys({"keys": [key]})


@pytest.mark.parametrize("bits", [2048, 4096])
def test_an_even_modulus_is_refused(bits: int) -> None:
    """A power of two was accepted as a modulus, and anybody can factor that."""
    number = b64url((1 << (bits - 1)).to_bytes(bits // 8))

    with pytest.raises(ValueError, match="even modulus"):
        read_client_keys({"keys": [{**RSA, "n": number}]})


# Points of order 1, 2, 4 and 8, and their encodings with y above 2^255 - 20.
SMALL_ORDER = [
    "01" + "00" * 31,
    "ec" + "ff" * 30 + "7f",
    "00" * 32,
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "ed" + "ff" * 30 + "7f",
    "ee" + "ff" * 30 + "7f",
]


@pytest.mark.parametrize("point", SMALL_ORDER)
@pytest.mark.parametrize("sign", [0, 128])
def test_an_ed25519_key_of_small_order_is_refused(point: str, sign: int) -> None:
    """RFC 8032 §5.1.7: anybody could sign for such a key, without a private key."""
    octets = bytearray.fromhex(point)
    octets[31] |= sign

    with pytest.raises(ValueError, match="small order"):
        read_client_keys(
            {"keys": [{**signer("EdDSA").public, "x": b64url(bytes(octets))}]}
        )


@pytest.mark.parametrize(
    "operations", [["encrypt"], ["sign"], [], "verify", None, [{}]]
)
def test_a_key_for_other_operations_is_refused(operations: Any) -> None:
    """RFC 7517 §4.3: the `key_ops` of a public key for signatures include `verify`."""
    key = {**signer().public, "key_ops": operations}

    with pytest.raises(ValueError, match="not for signatures"):
        read_client_keys({"keys": [key]})


def test_the_operations_of_signing_keys_are_accepted() -> None:
    """RFC 7517 §4.3: the private key signs, the public one verifies."""
    key = signer()

    assert read_client_keys({"keys": [{**key.public, "key_ops": ["verify"]}]}).keys
    for operations in (["sign"], ["verify"], ["sign", "verify"]):
        private = {**key.private, "key_ops": operations}
        assert read_key_set({"keys": [private]}, ALGORITHMS).keys


@pytest.mark.parametrize("key", [rsa_key_of(8192), rsa_key_of(2048, lead=b"\0")])
def test_a_long_key_and_a_leading_zero_are_accepted(key: dict[str, Any]) -> None:
    """RFC 7518 §6.3.1.1: some implementations add a leading zero byte."""
    assert read_client_keys({"keys": [key]}).keys


@pytest.mark.parametrize(
    "members",
    [
        {"k": "c2hvcnQ", "n": "A" * 400},
        {"k": "c2hvcnQ" + "=" * 60},
        {"k": base64.b64encode(b"\xff" * 32).decode()},
        {"n": "A" * 400},
    ],
)
def test_the_size_of_a_shared_secret_is_that_of_its_bytes(
    members: dict[str, str],
) -> None:
    """A short `k` was accepted as 256 bits because a long `n` was next to it."""
    with pytest.raises(ValueError, match=r"less than 256|damaged"):
        read_key_set({"keys": [{"kty": "oct", **members}]}, ALGORITHMS)


def test_a_set_of_more_than_100_keys_is_refused() -> None:
    """Each key of a set must be imported, which takes time."""
    keys = key_set(*[signer("ES256", f"k{number}") for number in range(101)])

    with pytest.raises(ValueError, match="more than 100"):
        read_client_keys(keys, skips=True)
