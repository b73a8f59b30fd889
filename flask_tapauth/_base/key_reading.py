"""Read JWK sets (RFC 7517), and refuse keys that cannot be used.

A wrong key is a :class:`ValueError` whose message shows nothing of the key.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from types import NoneType
from typing import Any, Final

from joserfc import jwk
from joserfc.errors import JoseError

from .key_members import (
    MAX_KEYS,
    check_operations,
    check_strength,
    has_private_member,
)
from .keys import CLIENT_ALGORITHMS, MALFORMED, Key, KeySet

_FITTING: Final[Mapping[tuple[str, str | None], tuple[str, ...]]] = {
    ("EC", "P-256"): ("ES256",),
    ("EC", "P-384"): ("ES384",),
    ("OKP", "Ed25519"): ("EdDSA", "Ed25519"),
    ("RSA", None): ("RS256", "PS256"),
    ("oct", None): ("HS256",),
}
_PARTS: Final = {
    "EC": ("kty", "crv", "x", "y", "d"),
    "OKP": ("kty", "crv", "x", "d"),
    "RSA": ("kty", "n", "e", "d", "p", "q", "dp", "dq", "qi"),
    "oct": ("kty", "k"),
}
_KID: Final = re.compile(r"[ !#-\[\]-~]{1,200}")  # JSON does not escape these


class NoUsableKeyError(ValueError):
    """The input is JSON, but no key in it can be used."""


def read_client_keys(value: Any, *, skips: bool = False) -> KeySet:
    """Read the public keys of a client, like :func:`read_key_set`."""
    return read_key_set(value, CLIENT_ALGORITHMS, skips=skips, takes_private=False)


def read_key_set(
    value: Any,
    algorithms: Collection[str],
    *,
    skips: bool = False,
    takes_private: bool = True,
) -> KeySet:
    """Read a JWK set.

    :param value: a dict, or JSON.
    :param algorithms: each key must be for one of these algorithms.
    :param skips: ignore keys that cannot be used, such as encryption keys (RFC 7517
        §5); for key sets that clients publish.
    :raises NoUsableKeyError: it is not a JWK set, or no key in it can be used.
    :raises ValueError: it is not JSON, or a key in it cannot be used.
    """
    if isinstance(value, (str, bytes)):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("it is not JSON") from None
    keys = value.get("keys") if isinstance(value, Mapping) else None
    if not isinstance(keys, list) or not keys:
        raise NoUsableKeyError("it is not a JWK set with keys in it")
    if len(keys) > MAX_KEYS:
        raise NoUsableKeyError(f"it has more than {MAX_KEYS} keys")
    if not takes_private and any(map(has_private_member, keys)):
        raise NoUsableKeyError(
            "it has a private key, which is the client's alone; give the public part"
        )
    read: list[Key] = []
    for number, members in enumerate(keys, 1):
        try:
            read.append(_read_key(number, members, algorithms))
        except ValueError:
            if not skips:
                raise
    if not read:
        raise NoUsableKeyError("no key in it is of use here")
    if len({key.kid for key in read}) < len(read):
        raise NoUsableKeyError("two keys have the same kid")
    return KeySet(read)


def _read_key(number: int, members: Any, algorithms: Collection[str]) -> Key:
    fault = f"key {number}"
    if not isinstance(members, Mapping):
        raise ValueError(f"{fault} is not a JWK")
    kind, curve = members.get("kty"), members.get("crv")
    if not isinstance(kind, str) or not isinstance(curve, (str, NoneType)):
        raise ValueError(f"{fault} is damaged")
    fitting = [name for name in _FITTING.get((kind, curve), ()) if name in algorithms]
    if "alg" in members:
        fitting = [name for name in fitting if name == members["alg"]]
    if not fitting:
        raise ValueError(f"{fault} is for none of {', '.join(algorithms)}")
    # Other members are dropped: they would be published with the key.
    parts = {name: members[name] for name in _PARTS[kind] if name in members}
    try:
        check_operations(members)
        check_strength(kind, parts)
    except ValueError as error:
        raise ValueError(f"{fault} {error}") from None
    kid = members.get("kid")
    if kid is not None and not (isinstance(kid, str) and _KID.fullmatch(kid)):
        raise ValueError(
            f"{fault} has a kid that is not 1 to 200 ASCII characters without quotes "
            "and backslashes"
        )
    try:
        material: Any = jwk.import_key(parts)
        material.get_op_key("verify")  # joserfc checks a key only here
        kid = kid or material.thumbprint()
    except (JoseError, *MALFORMED):
        raise ValueError(f"{fault} is damaged") from None
    return Key(kid, tuple(fitting), material)
