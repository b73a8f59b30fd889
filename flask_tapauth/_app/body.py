"""Read the parameters in a request's body, so that the view can read it again."""

from __future__ import annotations

import io

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from .._base.parameters import FORM, MAX_BODY, is_parameters, parse_body


def body_members(request: Request) -> list[tuple[str, object]] | None:
    """Return the members of a form or of a JSON object, in the order sent.

    Afterwards, the view can still read the body as form, JSON, bytes or stream, and
    pass its ``environ`` to another WSGI app.

    :returns: None if the body has another media type, is longer than ``MAX_BODY``, or
        has no declared length.
    :raises ValueError: the body is not what its media type says.
    """
    length, mimetype = request.content_length, request.mimetype
    if length is None or length > MAX_BODY or not is_parameters(mimetype):
        return None
    if mimetype == FORM and "form" in vars(request):
        # Something before us, such as a CSRF check, has parsed the body and used it up.
        return list(request.form.items(multi=True))
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        return None  # the host's limit is lower, and its view will say so
    except ClientDisconnected:
        body = b""
    if len(body) < length:
        # A truncated request may ask for more, such as without its scope.
        raise ValueError("The body is shorter than was declared.")
    # `get_data` has read both to their end.
    request.stream = io.BytesIO(body)
    request.environ["wsgi.input"] = io.BytesIO(body)
    return parse_body(mimetype, body)
