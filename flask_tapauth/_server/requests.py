"""Requests to our endpoints, as objects that Authlib's grants can read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import Request

from .._app.body import body_members
from .._base.parameters import FORM, JSON, MAX_BODY, parse_body, unique_parameters
from .._store.codes import StoredCode

# Authlib checks for HTTPS by an environment variable, for all apps alike. The app's own
# setting was checked before, so this URL passes Authlib's check.
_PASSES_AUTHLIB: Final = "https://transport.was.checked.invalid"


class PostedRequest(OAuth2Request):
    """A request whose parameters come from its body alone."""

    granted: StoredCode | None = None
    """What a person granted with the authorization code of this request."""

    def __init__(self, request: Request) -> None:
        super().__init__(request.method, _PASSES_AUTHLIB, headers=request.headers)
        self._request = request
        self._parameters = _posted_parameters(request)
        self.payload = BasicOAuth2Payload(self._parameters)

    @property
    def uri(self) -> str:
        """The URL, built only when it is read: our own endpoints never read it."""
        return self._request.url

    @uri.setter
    def uri(self, value: str) -> None:
        """Ignore the URL that Authlib sets, which serves its check for HTTPS alone."""

    @property
    def args(self) -> dict[str, str]:
        return {}

    @property
    def form(self) -> dict[str, str]:
        return self._parameters


class AuthorizationRequest(OAuth2Request):
    """An authorization request (RFC 6749 §4.2.1).

    :param fault: what is wrong with the first parameter that cannot be read. It is not
        raised yet: once the redirect URI is proven, it is sent to the client.
    :param doubtful: the names of the parameters that cannot be read.
    """

    proven_redirect_uri: str  # set by the gate
    parameters: dict[str, str]
    payload: BasicOAuth2Payload
    scope: str

    def __init__(
        self,
        parameters: dict[str, str],
        fault: str | None = None,
        doubtful: Collection[str] = (),
    ) -> None:
        super().__init__("GET", _PASSES_AUTHLIB)
        self.parameters = parameters
        self.fault = fault
        self.doubtful = doubtful
        self.payload = BasicOAuth2Payload(parameters)

    @classmethod
    def from_query(cls, query: bytes) -> AuthorizationRequest:
        try:
            members = parse_body(FORM, query)
        except ValueError as error:
            return cls({}, str(error))
        named: dict[str, list[tuple[str, object]]] = {}
        for member in members:
            named.setdefault(member[0], []).append(member)
        parameters: dict[str, str] = {}
        faults: dict[str, str] = {}
        for name, same in named.items():
            try:
                parameters.update(unique_parameters(same))
            except ValueError as error:
                faults[name] = str(error)
        return cls(parameters, next(iter(faults.values()), None), faults)

    def resolve_scope(self, scope: str) -> None:
        """Set the scope that the request gets.

        Without it, a grant would allow all scopes of the client, even those that are
        not in TAPAUTH_SCOPES.
        """
        self.scope = scope
        self.parameters = {**self.parameters, "scope": scope}
        self.payload = BasicOAuth2Payload(self.parameters)

    @property
    def args(self) -> dict[str, str]:
        return self.parameters

    @property
    def form(self) -> dict[str, str]:
        return {}


def _posted_parameters(request: Request) -> dict[str, str]:
    if request.query_string:
        raise InvalidRequestError(
            "Send all parameters in the body, and none in the URL."
        )
    try:
        members = body_members(request)
        if members is None:
            raise InvalidRequestError(
                f"The body must be a form ({FORM}) or a JSON object ({JSON}), of a "
                f"declared length of at most {MAX_BODY} bytes."
            )
        return unique_parameters(members)
    except ValueError as error:
        raise InvalidRequestError(str(error)) from None
