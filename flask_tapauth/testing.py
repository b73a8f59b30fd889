"""For the tests of apps that use Flask-TapAuth: ask as a client that has a token.

The tokens are real ones, stored in the test's database; nothing is patched or skipped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Flask, current_app
from flask.testing import FlaskClient

from ._clients import HasClientId
from ._state import get_state


class TapAuthClient(FlaskClient):
    """A test client that sends an access token with each request.

    ::

        app.test_client_class = TapAuthClient
        http = app.test_client(client=reports, scopes="orders:read")
        assert http.get("/api/orders").status_code == 200

    A request with an ``Authorization`` header of its own goes out as it is.

    :param client: the OAuth client, or its id; without one, no token is sent.
    :param scopes: what the token opens; everything registered, where None.
    :param user_id: the resource owner it speaks for; None for a machine's token.
    :param token: send this one instead, an expired one perhaps.
    :raises UnknownClientError: there is no such client.
    :raises RegistrationError: the client may not have such a token.
    :raises NotInitialisedError: the app has no ``TapAuth``.
    """

    application: Flask

    def __init__(
        self,
        *args: Any,
        client: str | HasClientId | None = None,
        scopes: str | Iterable[str] | None = None,
        user_id: str | None = None,
        token: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if client is not None and token is None:
            with self.application.app_context():
                state = get_state()
                record = state.clients.get(client)
                issued = state.issuer.issue(record, scopes, user_id, None)
            token = issued["access_token"]
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
    user_id: str | None = None,
) -> TapAuthClient:
    """Return a test client of the current app that asks as an OAuth client.

    ::

        def test_orders_are_listed(app):
            with app.app_context():
                http = act_as("reports", "orders:read")
                assert http.get("/api/orders").status_code == 200

    :param client: the OAuth client, or its id.
    :param scopes: what it may do; everything registered, where None.
    :param user_id: the person it acts for; None for none.
    :raises UnknownClientError: there is no such client.
    :raises RegistrationError: the client may not have such a token.
    """
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    return TapAuthClient(
        app, app.response_class, client=client, scopes=scopes, user_id=user_id
    )
