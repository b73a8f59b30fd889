"""What is known of one request, and what goes onto its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import OAuth2Request
from flask import Response, jsonify, request
from werkzeug.exceptions import HTTPException

from ._tokens import AccessToken


@dataclass(slots=True)
class Visit:
    """What is known of one request.

    It hangs on Flask's request object, of which there is one for each request and app;
    ``g`` is shared by requests under one app context, as tests make them.
    """

    token: AccessToken | None = None
    refusal: HTTPException | None = None
    token_in_url: bool = False
    asked: OAuth2Request | None = None
    """What an endpoint of ours was asked, for what Authlib does not pass on."""


_VISIT = "_tapauth_visit"


def _request() -> Any:
    return cast("Any", request)._get_current_object()


def get_visit() -> Visit:
    attributes = vars(_request())
    visit: Visit | None = attributes.get(_VISIT)
    if visit is None:
        visit = attributes[_VISIT] = Visit()
    return visit


def answer(error: OAuth2Error) -> Response:
    """Answer an error that a view ran into, such as ``current_token.client`` may be."""
    response = jsonify(dict(error.get_body()))
    response.status_code = int(error.status_code)
    for name, value in error.get_headers():
        response.headers[name] = value
    return response


def finish_response(response: Response) -> Response:
    """Put on what the host's own error handlers and views cannot know of.

    A refusal keeps its headers when an ``errorhandler`` made a new answer, and what a
    token in the URL gave access to is kept out of shared caches (RFC 6750 §2.3).
    """
    visit: Visit | None = vars(_request()).get(_VISIT)
    if visit is None:
        return response
    if visit.refusal is not None and response.status_code == visit.refusal.code:
        for name, value in visit.refusal.get_response().headers:
            if not name.startswith("Content-"):
                response.headers.setdefault(name, value)
    if visit.token_in_url:
        response.cache_control.public = False
        response.cache_control.private = True
    return response
