"""The authorization server: Authlib's, reading requests as strictly as it should."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
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

from .. import signals
from .._app.app_state import get_app_state
from .._app.identity import issuer
from .._app.refusals import report_insecure_request, report_refused_client
from .._app.request_state import get_request_state
from .._base import secrets as _secrets
from .._clients.networks import is_allowed
from .._store.codes import StoredCode
from .._tokens.token import TokenResponse
from ..errors import (
    ConfigError,
    GrantNotOfferedError,
    InsecureRequestError,
    RegistrationError,
    ServerError,
    UniformClientError,
)
from ..models import ClientMixin
from .assertions import ClientAssertion
from .authorization_code import AuthorizationCodeGrant, CodeChallenge
from .client_auth import SECRET_METHODS, check_alive, check_one_method
from .codes import remember_code
from .endpoints import ENDPOINTS
from .gate import check_authorization_request, check_token_request
from .granted_tokens import generate_token
from .grants import ClientCredentialsGrant, ImplicitGrant
from .refresh import RefreshTokenGrant
from .requests import AuthorizationRequest, PostedRequest

log = logging.getLogger(__name__)

_GRANTS: dict[Any, tuple[Any, ...]] = {
    ClientCredentialsGrant: (),
    AuthorizationCodeGrant: (CodeChallenge(),),
    ImplicitGrant: (),
    RefreshTokenGrant: (),
}
"""The grants of this package, with their extensions."""

_GRANT_TYPES = {grant.GRANT_TYPE for grant in _GRANTS}


class Server(AuthorizationServer):
    """Authlib's server for all apps that share a ``TapAuth``."""

    def __init__(self) -> None:
        super().__init__()
        self._host_grants: set[str] = set()
        for grant, extensions in _GRANTS.items():
            super().register_grant(grant, extensions)
        for endpoint in ENDPOINTS:
            self.register_endpoint(endpoint)
        for method, authenticate in SECRET_METHODS.items():
            self.register_client_auth_method(method, authenticate)
        self.register_client_auth_method("private_key_jwt", ClientAssertion())
        self.register_token_generator("default", generate_token)

    def register_grant(self, grant_cls: Any, extensions: Any = None) -> None:
        """Register a grant of the host; it takes the place of ours of the same type."""
        self._host_grants.add(grant_cls.GRANT_TYPE)
        for registered in (self._authorization_grants, self._token_grants):
            registered[:] = [
                (grant, others)
                for grant, others in registered
                if not (grant in _GRANTS and grant.GRANT_TYPE == grant_cls.GRANT_TYPE)
            ]
        super().register_grant(grant_cls, extensions)

    def extra_grant_types(self) -> set[str]:
        """Return the grant types that the host registered."""
        return set(self._host_grants)

    def query_client(self, client_id: str) -> ClientMixin | None:
        if _secrets.looks_generated(client_id):
            return None  # a secret sent by mistake: keep it out of the database's logs
        state = get_app_state()
        client = state.store.clients.look_up(client_id)
        if client is not None and state.document_clients.is_refused(client):
            return None
        return client

    def query_asking_client(self, client_id: str) -> ClientMixin | None:
        """Return the client of an authorization request, which may be a URL."""
        client = self.query_client(client_id)
        return get_app_state().document_clients.find(client_id, client)

    def save_token(self, token: TokenResponse, request: OAuth2Request) -> None:
        try:
            get_app_state().issuer.save(
                request.client,
                token,
                refreshed=request.refresh_token,
                code=request.authorization_code if _is_own_code(request) else None,
            )
        except RegistrationError:
            raise UniformClientError("unknown_client") from None

    def create_oauth2_request(self, request: Any) -> OAuth2Request:
        config = get_app_state().config
        if not config.allows_transport(flask.request.scheme, flask.request.host):
            report_insecure_request()
            raise InsecureRequestError
        if not isinstance(request, OAuth2Request):
            # Authlib may pass Flask's request here.
            request = PostedRequest(flask.request)
        get_request_state().asked = request
        return request

    def create_token_response(self, request: Any = None) -> Response:
        return self._handle_errors(super().create_token_response, request)

    def create_endpoint_response(self, name: str, request: Any = None) -> Response:
        answer = functools.partial(super().create_endpoint_response, name)
        return self._handle_errors(answer, request)

    def _handle_errors(
        self, answer: Callable[[Any], Response], request: Any
    ) -> Response:
        try:
            return answer(request)
        except ConfigError as error:
            log.error("%s", error)
            refusal: OAuth2Error = ServerError()
        except OAuth2Error as error:
            # Authlib does not handle errors of `create_oauth2_request`.
            refusal = error
        return self.handle_error_response(request, refusal)

    def get_token_grant(self, request: OAuth2Request) -> Any:
        grant_type = request.payload.grant_type
        if not grant_type:
            raise InvalidRequestError("The grant_type is missing.")
        if not self._offers(grant_type):
            raise GrantNotOfferedError(grant_type)
        try:
            return super().get_token_grant(request)
        except UnsupportedGrantTypeError:
            raise GrantNotOfferedError(grant_type) from None

    def get_authorization_grant(self, request: AuthorizationRequest) -> Any:
        check_authorization_request(
            request, self.query_asking_client, self.offered_response_types()
        )
        return super().get_authorization_grant(request)

    def create_authorization_response(
        self, request: Any = None, grant_user: Any = None, grant: Any = None
    ) -> Response:
        response: Response = super().create_authorization_response(
            request, grant_user, grant
        )
        if "code" in request.payload.response_type.split():
            remember_code(request, response, grant_user)
        return response

    def handle_error_response(self, request: Any, error: OAuth2Error) -> Response:
        # RFC 6749 §4.1.2.1: a client that requested a code reads the query.
        wanted = getattr(getattr(request, "payload", None), "response_type", None)
        error.redirect_fragment = wanted != "code"
        response: Response = super().handle_error_response(request, error)
        return response

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        response: Response = super().handle_response(status, body, headers)
        if response.location:
            # RFC 9207 §2, for errors too. Authlib's extension always uses the query.
            response.location += "&" + urlencode({"iss": issuer()})
            # Some clients do not decode a plus in a fragment as a space.
            uri, mark, fragment = response.location.partition("#")
            response.location = uri + mark + fragment.replace("+", "%20")
        return response

    def offered_response_types(self) -> list[str]:
        types = {
            type_
            for grant, _ in self._authorization_grants
            for type_ in getattr(grant, "RESPONSE_TYPES", ())
        }
        for grant_type, type_ in (
            ("implicit", "token"),
            ("authorization_code", "code"),
        ):
            if not self._offers(grant_type):
                types.discard(type_)
        return sorted(types)

    def offers_own_codes(self) -> bool:
        """Tell whether the app offers our code grant; a host's has its own rules."""
        grant_type = AuthorizationCodeGrant.GRANT_TYPE
        return self._offers(grant_type) and grant_type not in self._host_grants

    def offered_grant_types(self) -> list[str]:
        """Return the grant types that clients can use in this app, sorted."""
        return sorted(filter(self._offers, _GRANT_TYPES | self._host_grants))

    def _offers(self, grant_type: str) -> bool:
        """Tell whether this app offers a grant: the settings decide about ours."""
        if grant_type in self._host_grants or grant_type not in _GRANT_TYPES:
            return True
        return grant_type in get_app_state().config.grant_types

    def authenticate_client(
        self, request: OAuth2Request, methods: Any, endpoint: str = "token"
    ) -> ClientMixin:
        check_one_method(request)
        app = get_app_state().app
        try:
            client: ClientMixin = super().authenticate_client(
                request, methods, endpoint
            )
            check_alive(client)
            if not is_allowed(flask.request.remote_addr, client.allowed_networks):
                raise UniformClientError("network", client.client_id)
        except InvalidClientError as error:
            if not isinstance(error, UniformClientError):
                error = UniformClientError("unknown_client", request.payload.client_id)
            report_refused_client(error)
            error.came_in_header = "Authorization" in request.headers
            raise error from None
        signals.client_authenticated.send(app, client=client)
        if endpoint == "token":
            check_token_request(request, client)
        return client


def _is_own_code(request: OAuth2Request) -> bool:
    """Tell whether our own grant issued the code of this request."""
    return isinstance(request.authorization_code, StoredCode)
