"""Read an access token that somebody sent: what does it speak for?"""

from __future__ import annotations

from . import _secrets
from ._jwt import JWTReader
from ._people import People
from ._store import Store
from ._store.refresh_tokens import StoredRefreshToken
from ._tokens import AccessToken


class TokenReader:
    """Reads the access tokens of one app.

    :param jwt: reads signed tokens; None where tokens are opaque. Opaque tokens from
        before a change of ``TAPAUTH_TOKEN_FORMAT`` live on beside signed ones.
    :param check_revocation: look signed tokens up too.
    """

    def __init__(
        self,
        store: Store,
        people: People,
        jwt: JWTReader | None,
        check_revocation: bool,
    ) -> None:
        self._store = store
        self._people = people
        self._jwt = jwt
        self._check_revocation = check_revocation

    def read(self, token: str) -> AccessToken | None:
        """Return what a token speaks for; None for junk, which costs no query."""
        if self._jwt is None or _is_opaque(token):
            return self.find(token)
        read = self._jwt.read(token)
        if read is None:
            return None
        said, digest = read
        if self._check_revocation:
            found = self._find(digest)
            # Whom a token is for, it says itself (RFC 9068 §4).
            return found if found and found.audience == said.audience else None
        return said

    def find(self, token: str) -> AccessToken | None:
        """Return what a token speaks for, as the database knows it."""
        digest = self.digest_of(token)
        return None if digest is None else self._find(digest)

    def find_refresh_token(self, token: str) -> StoredRefreshToken | None:
        """Return what a refresh token speaks for; junk costs no query."""
        if not _secrets.is_generated("refresh_token", token):
            return None
        return self._store.refresh_tokens.find(_secrets.digest(token))

    def find_any(self, token: str) -> AccessToken | StoredRefreshToken | None:
        """Find a token of either kind, whatever its sender took it for."""
        return self.find_refresh_token(token) or self.find(token)

    def digest_of(self, token: str) -> bytes | None:
        """Return the digest under which a token is stored, if it is one of ours."""
        if _is_opaque(token):
            return _secrets.digest(token)
        read = None if self._jwt is None else self._jwt.read(token)
        return None if read is None else read[1]

    def _find(self, digest: bytes) -> AccessToken | None:
        stored = self._store.tokens.find(digest)
        if stored is None:
            return None
        return AccessToken(
            client_id=stored.client_id,
            user_id=stored.user_id,
            scopes=stored.scopes,
            issued_at=stored.issued_at,
            expires_at=stored.expires_at,
            audience=stored.audience,
            is_withdrawn=stored.is_withdrawn(),
            _find_client=self._store.clients.find,
            _load_user=self._people.load,
        )


def _is_opaque(token: str) -> bool:
    return _secrets.is_generated("access_token", token)
