"""Test clients that send access tokens, for the tests of apps that use Flask-TapAuth.

The tokens are real and are stored in the test's database.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from flask import Flask, current_app
from flask.testing import FlaskClient

from ._app.app_state import get_app_state
from ._base.ids import HasClientId


class TapAuthClient(FlaskClient):
    """A test client that sends an access token with each request.

    ::

        app.test_client_class = TapAuthClient
        http = app.test_client(client=reports, scopes="orders:read")
        assert http.get("/api/orders").status_code == 200

    A request that has an ``Authorization`` header keeps it.

    :param client: the OAuth client, or its id; without a client, no token is sent.
    :param scopes: the scopes of the token; None is all scopes of the client.
    :param user_id: the resource owner's id; None for a token without a user.
    :param resource: the resource that the token is for; None is the app's first one.
    :param expired: send an expired token.
    :param revoked: send a revoked token.
    :param token: send this token instead of a new one.
    :raises UnknownClientError: there is no such client.
    :raises RegistrationError: the client may not have such a token.
    :raises NotInitialisedError: the app has no ``TapAuth``.
    """

    application: Flask
    environ_base: dict[str, Any]

    def __init__(
        self,
        *args: Any,
        client: str | HasClientId | None = None,
        scopes: str | Iterable[str] | None = None,
        user_id: str | int | None = None,
        resource: str | None = None,
        expired: bool = False,
        revoked: bool = False,
        token: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if client is not None and token is None:
            with self.application.app_context():
                state = get_app_state()
                record = state.clients.get(client)
                ends_at = int(time.time()) - 1 if expired else None
                issued = state.issuer.issue(
                    record, scopes, user_id, None, resource, ends_at=ends_at
                )
                token = str(issued["access_token"])
                if revoked:
                    state.tokens.revoke(token)
        self.token = token
        """The access token that is sent; set it to send another, or None."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        before = self.environ_base
        if self.token is not None:
            sent = {"HTTP_AUTHORIZATION": f"Bearer {self.token}"}
            self.environ_base = {**before, **sent}
        try:
            return super().open(*args, **kwargs)
        finally:
            self.environ_base = before


def act_as(
    client: str | HasClientId,
    scopes: str | Iterable[str] | None = None,
    *,
    user_id: str | int | None = None,
    resource: str | None = None,
    expired: bool = False,
    revoked: bool = False,
) -> TapAuthClient:
    """Return a :class:`TapAuthClient` of the current app.

    ::

        def test_orders_are_listed(app):
            with app.app_context():
                http = act_as("reports", "orders:read")
                assert http.get("/api/orders").status_code == 200

    Arguments and errors are those of :class:`TapAuthClient`.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return TapAuthClient(
        app,
        app.response_class,
        client=client,
        scopes=scopes,
        user_id=user_id,
        resource=resource,
        expired=expired,
        revoked=revoked,
    )
