"""Issue tokens: the one way into the token table, from a request or from code."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from authlib.oauth2.rfc6749 import InvalidScopeError

from . import _secrets, signals
from ._config import Config
from ._registration import check_lifetime, check_user_id
from ._scopes import join_scopes, parse_scopes
from ._store import Store
from ._tokens import AccessToken, OpaqueTokenGenerator, TokenResponse
from .errors import RegistrationError
from .models import ClientMixin


class Issuer:
    """Makes and stores the tokens of one app.

    :param sender: the Flask app, for signals.
    """

    def __init__(self, config: Config, store: Store, sender: object) -> None:
        self.generate = OpaqueTokenGenerator(config)
        self._store = store
        self._sender = sender

    def issue(
        self,
        client: ClientMixin,
        scopes: str | Iterable[str] | None,
        user_id: str | None,
        expires_in: int | None,
    ) -> TokenResponse:
        """Make and store a token without a request.

        :raises RegistrationError: the client may not have these scopes, or any token.
        """
        if client.is_disabled or client.is_expired():
            raise RegistrationError("the client is disabled or its secret has expired")
        try:
            if expires_in is not None:
                check_lifetime(expires_in)
            if user_id is not None:
                check_user_id(user_id)
            scope = "" if scopes is None else join_scopes(parse_scopes(scopes))
            token: TokenResponse = self.generate(
                grant_type="", client=client, scope=scope, expires_in=expires_in
            )
        except ValueError as error:
            raise RegistrationError(str(error)) from None
        except InvalidScopeError:
            raise RegistrationError(
                "the client is not registered for all of these scopes; it has: "
                f"{join_scopes(client.scopes) or 'none'}"
            ) from None
        if scopes is not None and not scope:
            token["scope"] = ""  # nothing was asked for, unlike nothing being said
        self.save(client, token, user_id)
        return token

    def save(
        self, client: ClientMixin, token: TokenResponse, user_id: str | None
    ) -> None:
        """Store a token that was generated, and tell who listens.

        :raises RegistrationError: the client was deleted in the meantime.
        """
        now = int(time.time())
        scopes = parse_scopes(token["scope"])
        # Read before the commit, after which SQLAlchemy would read it again.
        client_id = client.client_id
        values: dict[str, Any] = {
            "user_id": user_id,
            "scopes": scopes,
            "issued_at": now,
            "expires_at": now + token["expires_in"],
        }
        self._store.tokens.insert(
            _secrets.digest(token["access_token"]), client, **values
        )
        signals.token_issued.send(
            self._sender,
            client=client,
            token=AccessToken(client_id=client_id, **values),
        )
