"""Requests to our endpoints, in the form that Authlib's grants read."""

from __future__ import annotations

from typing import Final

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from flask import Request

from ._body import body_members
from ._parameters import FORM, MAX_BODY, parse_body, unique_parameters

# Authlib's check of the transport goes by an environment variable, for all apps alike.
# Ours goes by the app's settings; it comes first, and this passes the other.
_CHECKED: Final = "https://transport.was.checked.invalid"


class PostedRequest(OAuth2Request):
    """A request whose parameters come from its body alone.

    :raises InvalidRequestError: they are not ones to go by.
    """

    def __init__(self, request: Request) -> None:
        super().__init__(request.method, _CHECKED, headers=request.headers)
        self._request = request
        self._parameters = _posted_parameters(request)
        self.payload = BasicOAuth2Payload(self._parameters)

    @property
    def uri(self) -> str:
        """The URL, built for who asks: few endpoints do, and none of ours."""
        return self._request.url

    @uri.setter
    def uri(self, value: str) -> None:
        """What Authlib is told stands for the check of the transport alone."""

    @property
    def args(self) -> dict[str, str]:
        return {}

    @property
    def form(self) -> dict[str, str]:
        return self._parameters


class AuthorizationRequest(OAuth2Request):
    """What a client sends a person with (RFC 6749 §4.2.1).

    Faults are kept in `fault` and not raised: where they are told depends on whether
    client and redirect URI can be trusted, which is found out from the rest.

    :param parameters: each parameter, once.
    """

    def __init__(self, parameters: dict[str, str], fault: str | None = None) -> None:
        super().__init__("GET", _CHECKED)
        self.parameters = parameters
        self.fault = fault
        self.payload = BasicOAuth2Payload(parameters)

    @classmethod
    def from_query(cls, query: bytes) -> AuthorizationRequest:
        """Read a query string. A parameter that came twice counts as not sent."""
        try:
            members = parse_body(FORM, query)
        except ValueError as error:
            return cls({}, str(error))
        try:
            return cls(unique_parameters(members))
        except ValueError as error:
            fault = str(error)
        names = [name for name, _ in members]
        parameters: dict[str, str] = {}
        for member in members:
            try:
                if names.count(member[0]) == 1:
                    parameters.update(unique_parameters([member]))
            except ValueError:
                continue
        return cls(parameters, fault)

    @property
    def args(self) -> dict[str, str]:
        return self.parameters

    @property
    def form(self) -> dict[str, str]:
        return {}


def _posted_parameters(request: Request) -> dict[str, str]:
    if request.query_string:
        raise InvalidRequestError("Parameters belong in the body, none in the URL.")
    try:
        members = body_members(request)
        if members is None:
            raise InvalidRequestError(
                "The body must be a form or a JSON object, of a declared length of at "
                f"most {MAX_BODY} bytes."
            )
        return unique_parameters(members)
    except ValueError as error:
        raise InvalidRequestError(str(error)) from None
