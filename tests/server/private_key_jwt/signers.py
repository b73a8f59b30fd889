"""Key pairs of clients, and the JWTs that clients sign with them."""

from __future__ import annotations

import base64
import functools
import itertools
import json
import time
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils
from joserfc import jwk

from flask_tapauth import RegisteredClient

ISSUER = "http://localhost"
TOKEN_ENDPOINT = "http://localhost/oauth/token"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ("ES256", "ES384", "EdDSA", "Ed25519", "PS256", "RS256")

_jtis = itertools.count()
_HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}


@dataclass(frozen=True)
class Signer:
    """A client's key pair. It signs any bytes, with `cryptography` alone."""

    algorithm: str
    material: Any
    kid: str | None = "k1"

    @property
    def public(self) -> dict[str, Any]:
        return self._as_jwk(private=False)

    @property
    def private(self) -> dict[str, Any]:
        return self._as_jwk(private=True)

    def sign(self, claims: Any, **header: Any) -> str:
        """Return a JWT. A header parameter whose value is None is left out."""
        named = {"alg": self.algorithm, "kid": self.kid, **header}
        return self.sign_raw(
            json.dumps({k: v for k, v in named.items() if v is not None}).encode(),
            json.dumps(claims).encode(),
        )

    def sign_raw(self, header: bytes, payload: bytes) -> str:
        """Return a JWS whose header and payload are these bytes."""
        signed = f"{b64url(header)}.{b64url(payload)}"
        return f"{signed}.{b64url(self._signature(signed.encode()))}"

    def _signature(self, data: bytes) -> bytes:
        key, family = self.material.private_key, self.algorithm[:2]
        signature: bytes
        if family == "Ed":
            signature = key.sign(data)
            return signature
        sha = _HASHES[self.algorithm[2:]]
        if family == "ES":
            size = key.key_size // 8
            pair = utils.decode_dss_signature(key.sign(data, ec.ECDSA(sha)))
            return b"".join(number.to_bytes(size, "big") for number in pair)
        if family == "PS":
            salted = padding.PSS(padding.MGF1(sha), sha.digest_size)
            signature = key.sign(data, salted, sha)
        else:
            signature = key.sign(data, padding.PKCS1v15(), sha)
        return signature

    def _as_jwk(self, *, private: bool) -> dict[str, Any]:
        members: dict[str, Any] = self.material.as_dict(private=private)
        members.pop("kid", None)
        return members if self.kid is None else {**members, "kid": self.kid}


@functools.cache
def signer(algorithm: str = "ES256", kid: str | None = "k1", number: int = 1) -> Signer:
    """Return a key pair, and the same one for the same arguments.

    :param number: tells apart key pairs whose algorithm and name are the same.
    """
    material: Any
    match algorithm:
        case "ES256":
            material = jwk.ECKey.generate_key("P-256")
        case "ES384":
            material = jwk.ECKey.generate_key("P-384")
        case "PS256" | "RS256":
            material = jwk.RSAKey.generate_key(2048)
        case _:
            material = jwk.OKPKey.generate_key("Ed25519")
    return Signer(algorithm, material, kid)


def key_set(*signers: Signer) -> dict[str, Any]:
    """Return the JWK set (RFC 7517 §5) of the public keys."""
    return {"keys": [each.public for each in signers]}


def claims_for(client: RegisteredClient, **changes: Any) -> dict[str, Any]:
    """Return the claims of a valid assertion (RFC 7523 §3), with changes.

    A claim whose value is None is left out.
    """
    claims = {
        "iss": client.client_id,
        "sub": client.client_id,
        "aud": ISSUER,
        "exp": int(time.time()) + 60,
        "jti": f"jti-{next(_jtis)}",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def proof(assertion: str) -> dict[str, str]:
    """Return the parameters that carry an assertion (RFC 7523 §2.2)."""
    return {"client_assertion_type": JWT_BEARER, "client_assertion": assertion}


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
