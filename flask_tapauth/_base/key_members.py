"""Check the members of a JWK before OpenSSL imports the key.

An import is slow: OpenSSL tests the primes of a private RSA key. A long modulus or
exponent makes each verification slow.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any, Final

PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""The private members of all types of keys (RFC 7518 §6)."""

MAX_KEYS: Final = 100
"""The most keys in a set."""

_MAX_LENGTH: Final = 2048  # characters of a member; an RSA modulus has 1366 at most
_LEAST_BITS: Final = {"RSA": 2048, "oct": 256}
_MOST_BITS: Final = 8192
_MEASURED: Final = {"RSA": "n", "oct": "k"}
_P25519: Final = 2**255 - 19
_Y_OF_ORDER_8: Final = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
    "little",
)
# OpenSSL accepts keys with these y, though anybody can forge their signatures.
_WEAK_Y: Final = (0, 1, _P25519 - 1, _Y_OF_ORDER_8, _P25519 - _Y_OF_ORDER_8)
_BASE64URL: Final = re.compile(r"[A-Za-z0-9_-]*={0,2}")


def has_private_member(members: object) -> bool:
    return isinstance(members, Mapping) and not PRIVATE.isdisjoint(members)


def check_operations(members: Mapping[str, Any]) -> None:
    """Check that a key may be used for signatures (RFC 7517 §4.2, §4.3)."""
    fitting = ("verify", "sign") if has_private_member(members) else ("verify",)
    operations = members.get("key_ops", fitting)
    named = operations if isinstance(operations, (list, tuple)) else ()
    if members.get("use", "sig") != "sig" or not any(op in fitting for op in named):
        raise ValueError("is not for signatures")


def check_strength(kind: str, parts: Mapping[str, Any]) -> None:
    """Refuse a key that is weak, or slow to import or use.

    :param parts: the members to import.
    :raises ValueError: the message continues a sentence that begins with the key.
    """
    if any(isinstance(v, str) and len(v) > _MAX_LENGTH for v in parts.values()):
        raise ValueError("has a member that is too long")
    if kind == "OKP":
        # The highest bit is the sign of x.
        y = int.from_bytes(_decode(parts.get("x")), "little") & (2**255 - 1)
        if y % _P25519 in _WEAK_Y:
            raise ValueError("is of small order: anybody could sign with it")
    if kind not in _MEASURED:
        return
    octets = _decode(parts.get(_MEASURED[kind]))
    # A modulus is a number, whose leading zeros do not count.
    bits = len(octets) * 8 if kind == "oct" else int.from_bytes(octets).bit_length()
    if bits < _LEAST_BITS[kind]:
        raise ValueError(f"has less than {_LEAST_BITS[kind]} bits")
    if bits > _MOST_BITS:
        raise ValueError(f"has more than {_MOST_BITS} bits")
    if kind == "RSA":
        if octets[-1] % 2 == 0:
            raise ValueError("has an even modulus, which is no product of two primes")
        exponent = int.from_bytes(_decode(parts.get("e")))
        if not 3 <= exponent < 2**32 or exponent % 2 == 0:
            raise ValueError("has an exponent that is not odd, or not from 3 to 2**32")


def _decode(encoded: object) -> bytes:
    # Python's decoder would skip characters that are not in the alphabet.
    if not isinstance(encoded, str) or not _BASE64URL.fullmatch(encoded):
        raise ValueError("is damaged")
    bare = encoded.rstrip("=")
    try:
        octets = base64.urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except ValueError:
        raise ValueError("is damaged") from None
    # Otherwise spare bits after the last byte would give one key several spellings.
    if base64.urlsafe_b64encode(octets).rstrip(b"=").decode() != bare:
        raise ValueError("is damaged")
    return octets
