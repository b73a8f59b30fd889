"""Generate, hash and compare secrets and tokens."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import zlib
from collections.abc import Collection, Iterable
from typing import Final, Literal
from urllib.parse import unquote_plus

from cachetools import TTLCache
from werkzeug.security import check_password_hash, generate_password_hash

_PREFIXES: Final = {
    "access_token": "tapat_",
    "refresh_token": "taprt_",
    "client_secret": "tapcs_",
    "authorization_code": "tapac_",
}
Kind = Literal["access_token", "refresh_token", "client_secret", "authorization_code"]

_BODY_LENGTH: Final = 43  # 256 bits as unpadded URL-safe base64
_CHECKSUM_LENGTH: Final = 8
_LENGTH: Final = len("tapat_") + _BODY_LENGTH + _CHECKSUM_LENGTH
_FAST: Final = "sha256$"
_SLOW_METHOD: Final = "scrypt:32768:8:1"
# No password matches this hash. It is checked for unknown clients, to take the time.
_SLOW_NOTHING: Final = f"{_SLOW_METHOD}${'0' * 16}${'0' * 128}"
_KNOWN_SECRETS: Final = 1024
_KNOWN_SECONDS: Final = 300
_MOST_ENCODINGS: Final = 8
"""The most rounds of percent-decoding: an attacker could encode a thousand times."""


def generate(kind: Kind) -> str:
    """Return a new secret: a prefix for secret scanners, 256 random bits, checksum."""
    value = _PREFIXES[kind] + secrets.token_urlsafe(32)
    return value + _checksum(value)


def generate_client_id() -> str:
    return secrets.token_hex(12)


def is_generated(kind: Kind, value: str) -> bool:
    """Tell whether `value` may come from :func:`generate`, by its form alone."""
    return (
        len(value) == _LENGTH
        and value.startswith(_PREFIXES[kind])
        and value.isascii()
        and value[-_CHECKSUM_LENGTH:] == _checksum(value[:-_CHECKSUM_LENGTH])
    )


def looks_generated(value: str) -> bool:
    """Tell whether `value` begins like one of our secrets or tokens."""
    return value.startswith((*_PREFIXES.values(), "eyJ"))  # a JWT's header


def digest(value: str) -> bytes:
    """Return the 32 bytes that are stored of a generated secret."""
    return hashlib.sha256(value.encode(errors="surrogatepass")).digest()


def hash_secret(secret: str) -> str:
    """Return what is stored of a client secret.

    A generated secret is random enough for a plain digest; a secret that somebody chose
    needs a slow password hash.
    """
    if is_generated("client_secret", secret):
        return _FAST + digest(secret).hex()
    return generate_password_hash(_plain(secret), method=_SLOW_METHOD)


class SecretChecker:
    """Compares the secrets that clients send with the stored hashes.

    Hashing a chosen secret takes a tenth of a second. A correct one is remembered for
    some minutes, by a digest of the secret, its stored hash and a random key.
    """

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._right: TTLCache[bytes, bool] = TTLCache(_KNOWN_SECRETS, _KNOWN_SECONDS)
        self._lock = threading.Lock()

    def find_match(
        self, presented: Iterable[str], stored: Collection[str]
    ) -> str | None:
        """Return the stored value that one of the presented secrets matches, or None.

        The time for a wrong secret does not depend on what is stored, so that callers
        cannot learn which clients exist.

        :param presented: the readings of the secret that the caller sent.
        :param stored: the client's hashes, at most one of a chosen secret; empty for an
            unknown client.
        """
        found = None
        chosen = []
        for secret in presented:
            if not is_generated("client_secret", secret):
                chosen.append(secret)
                continue
            fast = _FAST + digest(secret).hex()
            for value in stored:
                if hmac.compare_digest(fast.encode(), value.encode()):
                    found = value
        if chosen:
            # One is enough: all readings of a secret have the same plain form.
            slow = [value for value in stored if not value.startswith(_FAST)]
            right = slow[0] if slow else _SLOW_NOTHING
            if self._is_right(_plain(chosen[0]), right):
                found = right
        return found

    def _is_right(self, secret: str, stored: str) -> bool:
        known = hmac.digest(self._key, f"{stored} {secret}".encode(), "sha256")
        with self._lock:
            if known in self._right:
                return True
        if not check_password_hash(stored, secret):
            return False
        with self._lock:
            self._right[known] = True
        return True


def _plain(secret: str) -> str:
    """Return a chosen secret without any percent-encoding.

    Some clients encode it (RFC 6749 §2.3.1) and some do not. Hashing both readings
    would take twice the time.
    """
    for _ in range(_MOST_ENCODINGS):
        try:
            secret = unquote_plus(secret, errors="strict")
        except UnicodeDecodeError:
            break
    return secret


def _checksum(value: str) -> str:
    return f"{zlib.crc32(value.encode()):08x}"
