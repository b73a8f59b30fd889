"""The endpoints beside the token endpoint: Authlib's, for our tokens."""

from __future__ import annotations

import time
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc7009 import RevocationEndpoint as AuthlibRevocationEndpoint

from . import _secrets, signals
from ._state import get_state
from ._store.tokens import StoredToken
from .models import ClientMixin

_METHODS = ("client_secret_basic", "client_secret_post", "none")


class RevocationEndpoint(AuthlibRevocationEndpoint):
    """A client takes one of its tokens back (RFC 7009)."""

    CLIENT_AUTH_METHODS = _METHODS

    def check_params(self, request: OAuth2Request, client: ClientMixin) -> None:
        # A hint only speeds a search up (§2.1), and ours needs none.
        if "token" not in request.form:
            raise InvalidRequestError("The token is missing.")

    def query_token(self, token: str, hint: str | None) -> StoredToken | None:
        if not _secrets.is_generated("access_token", token):
            return None
        return get_state().store.tokens.find(_secrets.digest(token))

    def revoke_token(self, token: StoredToken, request: OAuth2Request) -> None:
        state = get_state()
        digest = _secrets.digest(request.form["token"])
        count = state.store.tokens.revoke_one(digest, int(time.time()))
        if count:
            signals.token_revoked.send(state.app, client=request.client, count=count)


ENDPOINTS: tuple[Any, ...] = (RevocationEndpoint,)
