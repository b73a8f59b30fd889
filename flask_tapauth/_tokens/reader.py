"""Find out what a token that was sent to us stands for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._base import secrets as _secrets
from .._store import Store
from .._store.refresh_tokens import StoredRefreshToken
from .._store.tokens import StoredToken
from .jwt import JWTReader
from .token import AccessToken

LookUp = Callable[[bytes], StoredToken | None]


class TokenReader:
    """Reads the tokens of one app.

    :param load_user: returns the host's user with an id, for ``current_token.user``.
    :param jwt: reads signed tokens; None if the app issues opaque tokens. Opaque tokens
        stay valid after a change of ``TAPAUTH_TOKEN_FORMAT``.
    :param check_revocation: look signed tokens up in the database, too.
    """

    def __init__(
        self,
        store: Store,
        load_user: Callable[[str], Any],
        jwt: JWTReader | None,
        check_revocation: bool,
    ) -> None:
        self._store = store
        self._load_user = load_user
        self._jwt = jwt
        self._check_revocation = check_revocation

    def read(self, token: str) -> AccessToken | None:
        """Return the access token of a request to a view.

        A malformed token costs no query.
        """
        tokens = self._store.tokens
        return self._read(token, tokens.find, self._check_revocation)

    def find(self, token: str) -> AccessToken | None:
        """Return an access token as it is stored in the database."""
        return self._read(token, self._store.tokens.find_uncached, must_look_up=True)

    def _read(
        self, token: str, look_up: LookUp, must_look_up: bool
    ) -> AccessToken | None:
        if _is_opaque(token):
            return self._from_stored(look_up(_secrets.digest(token)))
        read = None if self._jwt is None else self._jwt.read(token)
        if read is None:
            return None
        signed, digest = read
        if not must_look_up:
            return signed
        found = self._from_stored(look_up(digest))
        # Our key may have signed a `jti` that we stored for another audience.
        return found if found and found.audience == signed.audience else None

    def find_refresh_token(self, token: str) -> StoredRefreshToken | None:
        if not _secrets.is_generated("refresh_token", token):
            return None
        return self._store.refresh_tokens.find(_secrets.digest(token))

    def find_any(self, token: str) -> AccessToken | StoredRefreshToken | None:
        """Find a refresh token or an access token, without a ``token_type_hint``."""
        return self.find_refresh_token(token) or self.find(token)

    def judge(self, token: str) -> AccessToken | StoredRefreshToken | None:
        """Find a token as a view or the token endpoint would, without the cache.

        :returns: a signed token without a look-up, if views check it so.
        """
        look_up = self._store.tokens.find_uncached
        return self.find_refresh_token(token) or self._read(
            token, look_up, self._check_revocation
        )

    def why_unknown(self, token: str) -> str:
        """Return why :meth:`judge` and :meth:`read` know no such token."""
        if self._jwt is not None:
            if (fault := self._jwt.fault(token)) is not None:
                return fault
            if token.count(".") == 2:
                return "unknown"  # its key may have been removed
        is_ours = _is_opaque(token) or _secrets.is_generated("refresh_token", token)
        return "unknown" if is_ours else "malformed"

    def digest_of(self, token: str) -> bytes | None:
        """Return the digest that is stored of a token; None if it is not ours."""
        if _is_opaque(token):
            return _secrets.digest(token)
        read = None if self._jwt is None else self._jwt.read(token)
        return None if read is None else read[1]

    def _from_stored(self, stored: StoredToken | None) -> AccessToken | None:
        if stored is None:
            return None
        return AccessToken(
            client_id=stored.client_id,
            user_id=stored.user_id,
            scopes=stored.scopes,
            issued_at=stored.issued_at,
            expires_at=stored.expires_at,
            audience=stored.audience,
            withdrawn=stored.withdrawn(),
            allowed_networks=stored.allowed_networks,
            _note_use=lambda: self._store.client_use.note_use(
                stored.client_id, stored.client_last_used_at
            ),
            _find_client=self._store.clients.find,
            _load_user=self._load_user,
        )


def _is_opaque(token: str) -> bool:
    return _secrets.is_generated("access_token", token)
