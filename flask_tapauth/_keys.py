"""Signing keys: read, make and use JWK sets (RFC 7517), on joserfc.

What is wrong with a key is a :class:`ValueError` whose message shows nothing of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Final

from joserfc import jwk, jwt
from joserfc.errors import (
    InvalidKeyIdError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jws import JWSRegistry

ALGORITHMS: Final = ("ES256", "EdDSA", "RS256", "HS256")
"""What access tokens can be signed with (RFC 7518 §3.1, RFC 8037 §3.1)."""

CLIENT_ALGORITHMS: Final = ("ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256")
"""What clients can sign their assertions with."""

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
_KID: Final = re.compile(r"[ !#-\[\]-~]{1,200}")  # as it stands, within joserfc's limit
# What joserfc lets out over headers and members that are of no kind it expects.
MALFORMED: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
)
_LEAST_BITS: Final = {"RSA": 2048, "oct": 256}


class _Registry(JWSRegistry):
    """Takes the algorithms it was given, and no others.

    joserfc warns of the name EdDSA at every use (RFC 9864); verifiers that are about
    know no other.
    """

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError("This algorithm is not allowed.")
        return self.algorithms[name]


@dataclass(frozen=True, slots=True)
class Key:
    """A key, its name, and the algorithms that it is good for."""

    kid: str
    algorithms: tuple[str, ...]
    material: Any = field(repr=False)

    @property
    def is_private(self) -> bool:
        return bool(self.material.is_private)

    @property
    def is_shared(self) -> bool:
        """Whether who verifies can sign too."""
        return isinstance(self.material, jwk.OctKey)

    def as_dict(self, *, private: bool) -> dict[str, Any]:
        """Return the key as a JWK, with its private part or without."""
        members: dict[str, Any] = self.material.as_dict(private=private)
        members.update(kid=self.kid, use="sig")
        if len(self.algorithms) == 1:
            members["alg"] = self.algorithms[0]
        return members


class KeySet:
    """Keys of which the first signs, and all verify.

    :param keys: at least one.
    """

    def __init__(self, keys: Iterable[Key]) -> None:
        self.keys = tuple(keys)
        self._by_kid = {key.kid: key for key in self.keys}
        allowed = dict.fromkeys(name for key in self.keys for name in key.algorithms)
        # Unknown members of a header are to be ignored (RFC 7515 §4).
        self._registry = _Registry(algorithms=list(allowed), strict_check_header=False)

    def __repr__(self) -> str:
        return f"<KeySet {[key.kid for key in self.keys]}>"

    def public(self) -> list[dict[str, Any]]:
        """Return the public keys, for whoever verifies; shared secrets are not."""
        return [key.as_dict(private=False) for key in self.keys if not key.is_shared]

    def sign(self, typ: str, claims: Mapping[str, Any]) -> str:
        """Return a JWT that the first key has signed."""
        key = self.keys[0]
        header = {"alg": key.algorithms[0], "typ": typ, "kid": key.kid}
        return jwt.encode(header, dict(claims), key.material, registry=self._registry)

    def verify(self, token: str) -> jwt.Token | None:
        """Return header and claims of a JWT that one of the keys has signed.

        :returns: None where none has, or not with an algorithm of that key's.
        """
        try:
            return jwt.decode(token, self._key_for, registry=self._registry)
        except (JoseError, *MALFORMED):
            return None

    def knows(self, kid: object) -> bool:
        """Tell whether a token that names this key, or none, may be of the set."""
        if kid is None:
            return len(self.keys) == 1
        return isinstance(kid, str) and kid in self._by_kid

    def _key_for(self, token: Any) -> Any:
        header = token.headers()
        kid = header.get("kid")
        key = self._by_kid.get(kid) if isinstance(kid, str) else None
        if kid is None and len(self.keys) == 1:
            key = self.keys[0]
        # One key, one algorithm: a public key is no HMAC secret (RFC 8725 §3.1).
        if key is None or header.get("alg") not in key.algorithms:
            raise InvalidKeyIdError
        return key.material


def read_key_set(
    value: Any, algorithms: Collection[str], *, skips: bool = False
) -> KeySet:
    """Read a JWK set.

    :param value: a dict, or JSON.
    :param algorithms: those of which each key must be good for one.
    :param skips: pass keys by that are of no use here (RFC 7517 §5), such as those for
        encryption; for sets that others publish.
    :raises ValueError: it is none, is empty, or a key in it is of no use here.
    """
    if isinstance(value, (str, bytes)):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("it is not JSON") from None
    keys = value.get("keys") if isinstance(value, Mapping) else None
    if not isinstance(keys, list) or not keys:
        raise ValueError("it is no JWK set with keys in it")
    read: list[Key] = []
    for number, members in enumerate(keys, 1):
        try:
            read.append(_read_key(number, members, algorithms))
        except ValueError:
            if not skips:
                raise
    if not read:
        raise ValueError("no key in it is of use here")
    if len({key.kid for key in read}) < len(read):
        raise ValueError("two keys have the same kid")
    return KeySet(read)


def _read_key(number: int, members: Any, algorithms: Collection[str]) -> Key:
    fault = f"key {number}"
    if not isinstance(members, Mapping):
        raise ValueError(f"{fault} is no JWK")
    kind, curve = members.get("kty"), members.get("crv")
    if not isinstance(kind, str) or not isinstance(curve, (str, NoneType)):
        raise ValueError(f"{fault} is damaged")
    fitting = [name for name in _FITTING.get((kind, curve), ()) if name in algorithms]
    if "alg" in members:
        fitting = [name for name in fitting if name == members["alg"]]
    if not fitting:
        raise ValueError(f"{fault} is for none of {', '.join(algorithms)}")
    if members.get("use", "sig") != "sig":
        raise ValueError(f"{fault} is not for signatures")
    if _bits(members) < _LEAST_BITS.get(kind, 0):
        raise ValueError(f"{fault} has less than {_LEAST_BITS[kind]} bits")
    kid = members.get("kid")
    if kid is not None and not (isinstance(kid, str) and _KID.fullmatch(kid)):
        raise ValueError(f"{fault} has a kid that is no plain text of 1 to 200 letters")
    try:
        # The key alone: what else is there is not ours to publish, or to go by.
        parts = {name: members[name] for name in _PARTS[kind] if name in members}
        material: Any = jwk.import_key(parts)
        material.get_op_key("verify")  # joserfc looks into a key as late as here
        kid = kid or material.thumbprint()
    except (JoseError, *MALFORMED):
        raise ValueError(f"{fault} is damaged") from None
    return Key(kid, tuple(fitting), material)


def _bits(members: Mapping[str, Any]) -> int:
    encoded = members.get("n") or members.get("k")
    return len(encoded.rstrip("=")) * 6 if isinstance(encoded, str) else 0


def generate_key(algorithm: str) -> dict[str, Any]:
    """Return a new private key, as a JWK.

    :param algorithm: one of ``ALGORITHMS``.
    """
    material: Any
    if algorithm == "ES256":
        material = jwk.ECKey.generate_key("P-256")
    elif algorithm == "EdDSA":
        material = jwk.OKPKey.generate_key("Ed25519")
    elif algorithm == "RS256":
        material = jwk.RSAKey.generate_key(2048)
    else:
        material = jwk.OctKey.generate_key(256)
    kid = material.thumbprint()
    if kid.startswith("-"):
        return generate_key(algorithm)  # the command line would take it for an option
    return Key(kid, (algorithm,), material).as_dict(private=True)
