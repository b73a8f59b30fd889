"""The authorization server: Authlib's, reading requests as strictly as it should."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import flask
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidRequestError,
    OAuth2Request,
    UnsupportedGrantTypeError,
)
from flask import Response

from . import _secrets, signals
from ._assertions import ClientAssertion
from ._client_auth import SECRET_METHODS, check_one_method
from ._endpoints import ENDPOINTS
from ._grants import ClientCredentialsGrant, ImplicitGrant
from ._identity import audience_for, issuer
from ._refresh import RefreshTokenGrant
from ._requests import AuthorizationRequest, PostedRequest
from ._state import get_state
from ._tokens import Grant, TokenResponse
from ._visit import get_visit
from .errors import (
    GrantNotOfferedError,
    InsecureRequestError,
    RegistrationError,
    ResponseTypeNotOfferedError,
    UniformClientError,
)
from .models import ClientMixin

_GRANTS = {
    grant.GRANT_TYPE: grant
    for grant in (ClientCredentialsGrant, ImplicitGrant, RefreshTokenGrant)
}
"""The grants of this package, by the name that settings and registrations use."""


class Server(AuthorizationServer):
    """Authlib's server for all apps that share a ``TapAuth``.

    It keeps what the host registers, and nothing of an app: that is looked up in the
    app's state, request by request.
    """

    def __init__(self) -> None:
        super().__init__()
        for grant in _GRANTS.values():
            self.register_grant(grant)
        for endpoint in ENDPOINTS:
            self.register_endpoint(endpoint)
        for method, authenticate in SECRET_METHODS.items():
            self.register_client_auth_method(method, authenticate)
        self.register_client_auth_method("private_key_jwt", ClientAssertion())
        self.register_token_generator("default", _generate)

    def extra_grant_types(self) -> set[str]:
        """Return the grant types that the host registered beside ours."""
        return {grant.GRANT_TYPE for grant, _ in self._token_grants} - set(_GRANTS)

    def query_client(self, client_id: str) -> ClientMixin | None:
        if _secrets.looks_generated(client_id):
            return None  # a secret in the wrong place: not even the database sees it
        return get_state().store.clients.look_up(client_id)

    def save_token(self, token: TokenResponse, request: OAuth2Request) -> None:
        try:
            get_state().issuer.save(request.client, token, request.refresh_token)
        except RegistrationError:
            raise UniformClientError("client deleted") from None

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        config = get_state().config
        if not config.allows_transport(flask.request.scheme, flask.request.host):
            raise InsecureRequestError
        if not isinstance(request, OAuth2Request):
            # Authlib's own reads the current request too.
            request = PostedRequest(flask.request)
        get_visit().asked = request
        return request

    def create_token_response(self, request: Any = None) -> Response:
        try:
            response: Response = super().create_token_response(request)
        except OAuth2Error as error:
            # Authlib makes the request object outside of its own error handling.
            response = self.handle_error_response(request, error)
        return response

    def create_endpoint_response(self, name: str, request: Any = None) -> Response:
        try:
            response: Response = super().create_endpoint_response(name, request)
        except OAuth2Error as error:
            response = self.handle_error_response(request, error)
        return response

    def get_token_grant(self, request: OAuth2Request) -> Any:
        grant_type = request.payload.grant_type
        if not grant_type:
            raise InvalidRequestError("The grant_type is missing.")
        if grant_type in _GRANTS and not self._offers(grant_type):
            raise GrantNotOfferedError(grant_type)
        try:
            return super().get_token_grant(request)
        except UnsupportedGrantTypeError:
            raise GrantNotOfferedError(grant_type) from None

    def get_authorization_grant(self, request: AuthorizationRequest) -> Any:
        response_type = request.payload.response_type
        offered = response_type != "token" or self._offers("implicit")
        if offered and any(
            grant.check_authorization_endpoint(request)
            for grant, _ in self._authorization_grants
        ):
            return super().get_authorization_grant(request)
        # Authlib's error repeats what was sent, and goes into the query.
        proof = ImplicitGrant(request, self)
        client = proof.authenticate_token_endpoint_client()
        redirect_uri = proof.validate_authorization_redirect_uri(request, client)
        if not response_type:
            raise InvalidRequestError(
                request.fault or "The response_type is missing.",
                redirect_uri=redirect_uri,
            )
        raise ResponseTypeNotOfferedError(redirect_uri=redirect_uri)

    def handle_error_response(self, request: Any, error: OAuth2Error) -> Response:
        # RFC 6749 §4.2.2.1, and §4.1.2.1 for the code grants that hosts register.
        wanted = getattr(getattr(request, "payload", None), "response_type", None)
        is_code = wanted == "code" and wanted in self.offered_response_types()
        error.redirect_fragment = not is_code
        response: Response = super().handle_error_response(request, error)
        return response

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        response: Response = super().handle_response(status, body, headers)
        if response.location:
            # RFC 9207 §2: errors too. Authlib's extension puts it into the query.
            response.location += "&" + urlencode({"iss": issuer()})
        return response

    def offered_response_types(self) -> list[str]:
        """Return what clients can ask for at the authorization endpoint, sorted."""
        types = {
            type_
            for grant, _ in self._authorization_grants
            for type_ in getattr(grant, "RESPONSE_TYPES", ())
        }
        if not self._offers("implicit"):
            types.discard("token")
        return sorted(types)

    def offered_grant_types(self) -> list[str]:
        """Return the grant types that clients can use in this app, sorted."""
        own = {grant for grant in _GRANTS if self._offers(grant)}
        return sorted({*own, *self.extra_grant_types()})

    @staticmethod
    def allowed_scope(client: ClientMixin, scope: str | None) -> str:
        """Return the scope that a request gets.

        :raises InvalidScopeError: more was asked for than the client may have.
        """
        return get_state().issuer.generate.get_allowed_scope(client, scope)

    @staticmethod
    def allowed_audience(request: OAuth2Request) -> tuple[str, ...]:
        """Return whom a token is for (RFC 8707).

        :raises InvalidTargetError: tokens for what was named are not to be had.
        """
        refreshed = request.refresh_token
        granted = None if refreshed is None else refreshed.audience
        return audience_for(request.payload.data.get("resource"), granted)

    def _offers(self, grant_type: str) -> bool:
        """Tell whether this app offers one of our grants."""
        return grant_type in get_state().config.grant_types

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
            client_id = error.client_id
            if client_id and _secrets.looks_generated(client_id):
                client_id = None  # a secret, sent in the wrong place
            signals.client_authentication_failed.send(
                app, client_id=client_id, reason=error.reason
            )
            raise error from None
        signals.client_authenticated.send(app, client=client)
        return client


def _generate(**wanted: Any) -> TokenResponse:
    state = get_state()
    request = get_visit().asked
    refreshed = None if request is None else request.refresh_token
    if refreshed is not None:
        user_id = refreshed.user_id
    else:
        user_id = state.people.id_of(wanted["user"]) if wanted["user"] else None
    grant = Grant(
        user_id=user_id,
        user=wanted["user"],
        audience=() if request is None else Server.allowed_audience(request),
        ends_at=None if refreshed is None else refreshed.expires_at,
    )
    # To Authlib no scope is every scope; of a refresh token's it is none.
    is_bare = refreshed is not None and not wanted["scope"]
    return state.issuer.generate.generate(**wanted, grant=grant, is_bare=is_bare)
