"""Keys and key sets (RFC 7517): generate keys, sign and verify JWTs, with joserfc."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc import jwk, jws, jwt
from joserfc.errors import (
    InvalidKeyIdError,
    JoseError,
    UnsupportedAlgorithmError,
)
from joserfc.jws import JWSRegistry

ALGORITHMS: Final = ("ES256", "EdDSA", "RS256", "HS256")
"""Algorithms that can sign access tokens (RFC 7518 §3.1, RFC 8037 §3.1)."""

CLIENT_ALGORITHMS: Final = ("ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256")
"""Algorithms that clients can sign their assertions with."""

# joserfc raises these for headers and members of unexpected types.
MALFORMED: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RecursionError,
)


class _Registry(JWSRegistry):
    """Allows exactly the algorithms it was given.

    joserfc's own warns of the name EdDSA at every use (RFC 9864), but most verifiers
    know no other name.
    """

    # joserfc's own limits refuse a certificate chain in the header (RFC 7515 §4.1.6),
    # and signatures of long RSA keys.
    max_header_length = 48 * 1024
    max_signature_length = 2048

    def get_alg(self, name: str) -> Any:
        if name not in (self.allowed or ()):
            raise UnsupportedAlgorithmError("This algorithm is not allowed.")
        return self.algorithms[name]


@dataclass(frozen=True, slots=True)
class Key:
    """A key, its id, and the algorithms that it can be used with."""

    kid: str
    algorithms: tuple[str, ...]
    material: Any = field(repr=False)

    @property
    def is_private(self) -> bool:
        return bool(self.material.is_private)

    @property
    def is_shared(self) -> bool:
        """Whether the key is symmetric: everybody who verifies can also sign."""
        return isinstance(self.material, jwk.OctKey)

    def as_dict(self, *, private: bool) -> dict[str, Any]:
        """Return the key as a JWK, with or without its private part."""
        members: dict[str, Any] = self.material.as_dict(private=private)
        members.update(kid=self.kid, use="sig")
        if len(self.algorithms) == 1:
            members["alg"] = self.algorithms[0]
        return members


class KeySet:
    """One or more keys: the first signs, and all verify."""

    def __init__(self, keys: Iterable[Key]) -> None:
        self.keys: tuple[Key, ...] = tuple(keys)
        self._by_kid = {key.kid: key for key in self.keys}
        allowed = dict.fromkeys(name for key in self.keys for name in key.algorithms)
        # Unknown members of a header are to be ignored (RFC 7515 §4).
        self._registry = _Registry(algorithms=list(allowed), strict_check_header=False)

    def __repr__(self) -> str:
        return f"<KeySet {[key.kid for key in self.keys]}>"

    def public(self) -> list[dict[str, Any]]:
        """Return the public keys, without symmetric keys."""
        return [key.as_dict(private=False) for key in self.keys if not key.is_shared]

    def sign(self, typ: str, claims: Mapping[str, Any]) -> str:
        """Return a JWT signed with the first key."""
        key = self.keys[0]
        header = {"alg": key.algorithms[0], "typ": typ, "kid": key.kid}
        return jwt.encode(header, dict(claims), key.material, registry=self._registry)

    def verify(self, token: str) -> jwt.Token | None:
        """Return header and claims of a JWT that one of the keys signed.

        :returns: None if no key signed it, or if its algorithm is not one of the key's.
        """
        try:
            return jwt.decode(token, self._key_for, registry=self._registry)
        except (JoseError, *MALFORMED):
            return None

    def knows(self, kid: object) -> bool:
        """Tell whether a token with this `kid`, or without one, may verify."""
        if kid is None:
            return len(self.keys) == 1
        return isinstance(kid, str) and kid in self._by_kid

    def _key_for(self, token: Any) -> Any:
        header = token.headers()
        kid = header.get("kid")
        key = self._by_kid.get(kid) if isinstance(kid, str) else None
        if kid is None and len(self.keys) == 1:
            key = self.keys[0]
        # Otherwise an RSA public key could be used as an HMAC secret (RFC 8725 §3.1).
        if key is None or header.get("alg") not in key.algorithms:
            raise InvalidKeyIdError
        return key.material


_READER: Final = _Registry(strict_check_header=False)


def read_unproven(token: str) -> tuple[Any, Any]:
    """Return header and claims of a JWT without verifying its signature.

    :raises JoseError: it is not a JWT; the errors in ``MALFORMED`` mean the same.
    """
    parts = jws.extract_compact(token.encode(), registry=_READER)
    return parts.headers(), json.loads(parts.payload)


def generate_key(algorithm: str) -> dict[str, Any]:
    """Return a new private key, as a JWK."""
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
        return generate_key(algorithm)  # commands would take the kid for an option
    return Key(kid, (algorithm,), material).as_dict(private=True)
