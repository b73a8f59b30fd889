"""Answer OAuth errors, and keep refusals through the host's error handlers."""

from __future__ import annotations

from typing import cast

from authlib.oauth2 import OAuth2Error
from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

from .request_state import find_request_state


def answer_error(error: OAuth2Error) -> Response:
    """Answer an error that a view raised, for example by ``current_token.client``."""
    response = jsonify(dict(error.get_body()))
    response.status_code = int(error.status_code)
    for name, value in error.get_headers():
        response.headers[name] = value
    return response


def finish_response(response: Response) -> Response:
    """Restore a refusal's headers if an error handler of the host made a new answer.

    If the host's `error_renderer` made the body, body and status are restored too.
    """
    request_state = find_request_state()
    if request_state is None or request_state.refusal is None:
        return response
    refusal = request_state.refusal
    if request_state.is_rendered and _was_caught_by_flask(refusal):
        _put_refusal_back(response, refusal)
    if response.status_code == refusal.code:
        for name, value in refusal.get_response().headers:
            if not name.startswith("Content-"):
                response.headers.setdefault(name, value)
    return response


def _was_caught_by_flask(refusal: HTTPException) -> bool:
    """Tell whether Flask caught the refusal, and not the view, to answer otherwise."""
    traceback = refusal.__traceback__  # its first frame is the one that caught it
    return (
        traceback is not None
        and traceback.tb_frame.f_globals.get("__name__") == "flask.app"
    )


def _put_refusal_back(response: Response, refusal: HTTPException) -> None:
    """Replace an error handler's body and status by those of the refusal.

    Other headers stay: other extensions may have set them.
    """
    finished = cast("Response", refusal.get_response())
    for name in set(response.headers.keys()):
        is_of_body = name.startswith("Content-") and name != "Content-Security-Policy"
        if is_of_body or name == "Location":
            del response.headers[name]
    response.close()
    response.direct_passthrough = False
    response.status = finished.status
    response.set_data(finished.get_data())
    for name, value in finished.headers:
        if name.startswith("Content-"):
            response.headers[name] = value
