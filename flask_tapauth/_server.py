"""The authorization server: Authlib's, reading requests as strictly as it should."""

from __future__ import annotations

from typing import Any, Final

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidRequestError,
    OAuth2Request,
    UnsupportedGrantTypeError,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import Request, Response

from . import signals
from ._body import body_members
from ._client_auth import METHODS, check_one_method
from ._grants import GRANTS
from ._parameters import MAX_BODY, unique_parameters
from ._state import get_state
from ._tokens import TokenResponse
from .errors import (
    GrantNotOfferedError,
    InsecureRequestError,
    RegistrationError,
    UniformClientError,
)
from .models import ClientMixin

_CHECKED: Final = "https://transport.was.checked.invalid"


class PostedRequest(OAuth2Request):
    """A request to one of our endpoints: its parameters come from its body alone."""

    def __init__(self, flask_request: Request) -> None:
        # Authlib's check of the transport goes by an environment variable; ours, by
        # the app's settings, has been passed.
        super().__init__(flask_request.method, _CHECKED, headers=flask_request.headers)
        self.uri = flask_request.url
        self._parameters = _read_parameters(flask_request)
        self.payload = BasicOAuth2Payload(self._parameters)

    @property
    def args(self) -> dict[str, str]:
        return {}

    @property
    def form(self) -> dict[str, str]:
        return self._parameters


class Server(AuthorizationServer):
    """Authlib's server for all apps that share a ``TapAuth``.

    It keeps what the host registers, and nothing of an app: that is looked up in the
    app's state, request by request.
    """

    def __init__(self) -> None:
        super().__init__()
        for grant in GRANTS.values():
            self.register_grant(grant)
        for method, authenticate in METHODS.items():
            self.register_client_auth_method(method, authenticate)
        self.register_token_generator("default", _generate)

    def extra_grant_types(self) -> set[str]:
        """Return the grant types that the host registered beside ours."""
        return {grant.GRANT_TYPE for grant, _ in self._token_grants} - set(GRANTS)

    def query_client(self, client_id: str) -> ClientMixin | None:
        return get_state().store.clients.find(client_id)

    def save_token(self, token: TokenResponse, request: OAuth2Request) -> None:
        try:
            get_state().issuer.save(request.client, token, None)
        except RegistrationError:
            raise UniformClientError("client deleted") from None

    def create_oauth2_request(self, request: Any) -> PostedRequest:
        # Whatever was passed: Authlib's own reads the current request too.
        if not get_state().config.allows_transport(
            flask.request.scheme, flask.request.host
        ):
            raise InsecureRequestError
        return PostedRequest(flask.request)

    def create_token_response(self, request: Any = None) -> Response:
        try:
            response: Response = super().create_token_response(request)
        except OAuth2Error as error:
            # Authlib makes the request object outside of its own error handling.
            response = self.handle_error_response(request, error)
        return response

    def get_token_grant(self, request: OAuth2Request) -> Any:
        grant_type = request.payload.grant_type
        if not grant_type:
            raise InvalidRequestError("The grant_type is missing.")
        if grant_type in GRANTS and grant_type not in get_state().config.grant_types:
            raise GrantNotOfferedError(grant_type)
        try:
            return super().get_token_grant(request)
        except UnsupportedGrantTypeError:
            raise GrantNotOfferedError(grant_type) from None

    def authenticate_client(
        self, request: OAuth2Request, methods: Any, endpoint: str = "token"
    ) -> ClientMixin:
        check_one_method(request)
        app = get_state().app
        try:
            client: ClientMixin = super().authenticate_client(
                request, methods, endpoint
            )
        except InvalidClientError as error:
            if not isinstance(error, UniformClientError):
                error = UniformClientError("no credentials", request.payload.client_id)
            signals.client_authentication_failed.send(
                app, client_id=error.client_id, reason=error.reason
            )
            raise error from None
        signals.client_authenticated.send(app, client=client)
        return client


def _read_parameters(flask_request: Request) -> dict[str, str]:
    """Return the body's parameters.

    :raises InvalidRequestError: they are not ones to go by.
    """
    if flask_request.query_string:
        raise InvalidRequestError("Parameters belong in the body, none in the URL.")
    try:
        members = body_members(flask_request)
        if members is None:
            raise InvalidRequestError(
                "The body must be a form or a JSON object, of a declared length of at "
                f"most {MAX_BODY} bytes."
            )
        return unique_parameters(members)
    except ValueError as error:
        raise InvalidRequestError(str(error)) from None


def _generate(**wanted: Any) -> TokenResponse:
    token: TokenResponse = get_state().issuer.generate(**wanted)
    return token
