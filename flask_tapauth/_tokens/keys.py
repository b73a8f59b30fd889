"""``tapauth.keys``: generate, list and rotate the keys that sign access tokens."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from .._base.keys import ALGORITHMS, KeySet, generate_key
from ..errors import RegistrationError
from .key_files import edit_key_file, find_key

KeyFile = str | PathLike[str]


class SigningKey(NamedTuple):
    """A key of ``TAPAUTH_JWT_KEYS``, without its private part.

    :param use: ``signs`` for the first key, ``verifies`` for the others.
    """

    kid: str
    alg: str
    kty: str
    use: str


class Keys:
    """The signing keys of the current app, and the files that hold them.

    An app reads its keys when it starts. Restart every process after a change.
    """

    def __init__(self, keys: KeySet | None) -> None:
        self._keys = keys

    def generate(
        self, alg: str = "ES256", *, append: KeyFile | None = None
    ) -> dict[str, Any]:
        """Generate a private key.

        :param alg: the algorithm that it signs with: ES256, EdDSA, RS256 or HS256.
        :param append: a file whose key set gets the key as its last; it is created if
            it is missing.
        :returns: the key as a JWK, its private part included.
        :raises RegistrationError: an argument is wrong, or the file cannot be written.
        """
        if alg not in ALGORITHMS:
            raise RegistrationError(
                f"there is no {alg!r}; there are {', '.join(ALGORITHMS)}", "alg"
            )
        key = generate_key(alg)
        if append is not None:
            with edit_key_file(Path(append), create=True) as members:
                members.append(key)
        return key

    def list(self) -> Sequence[SigningKey]:
        """Return the keys that this app uses. The first one signs."""
        return [
            SigningKey(
                kid=key.kid,
                alg=key.algorithms[0],
                kty=key.as_dict(private=False)["kty"],
                use="verifies" if number else "signs",
            )
            for number, key in enumerate(self._keys.keys if self._keys else ())
        ]

    def promote(self, kid: str, file: KeyFile) -> None:
        """Move a key to the head of a file, so that it signs.

        :raises RegistrationError: the file has no such private key, or cannot be
            written.
        """
        with edit_key_file(Path(file)) as members:
            key = find_key(kid, members)
            if "d" not in key and "k" not in key:
                raise RegistrationError(
                    "this is a public key, which cannot sign; name a private key", "kid"
                )
            members.remove(key)
            members.insert(0, key)

    def remove(self, kid: str, file: KeyFile) -> None:
        """Remove a key from a file. The tokens that it signed are refused then.

        :raises RegistrationError: the file has no such key, the key is the one that
            signs, or the file cannot be written.
        """
        with edit_key_file(Path(file)) as members:
            key = find_key(kid, members)
            if key is members[0]:
                raise RegistrationError(
                    "this is the key that signs; promote another key first", "kid"
                )
            members.remove(key)
