"""Look into a request's body for parameters, and leave it as the view expects it."""

from __future__ import annotations

import io

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge

from .._base.parameters import FORM, MAX_BODY, is_parameters, parse_body


def body_members(request: Request) -> list[tuple[str, object]] | None:
    """Return the members of a form or of a JSON object, in the order sent.

    The view can still read the same body as form, JSON, bytes or stream, and hand its
    ``environ`` on to another WSGI app.

    :returns: None where it is not looked at: another media type, longer than
        ``MAX_BODY``, or of no declared length.
    :raises ValueError: it is not what its media type says.
    """
    length, mimetype = request.content_length, request.mimetype
    if length is None or length > MAX_BODY or not is_parameters(mimetype):
        return None
    if mimetype == FORM and "form" in vars(request):
        # Somebody before us, such as a CSRF check, has parsed it: the bytes are gone.
        return list(request.form.items(multi=True))
    try:
        body = request.get_data()
    except RequestEntityTooLarge:
        return None  # the host's own limit is lower; its view will say so
    except ClientDisconnected:
        body = b""
    if len(body) < length:
        # Half a request may ask for more than the whole one.
        raise ValueError("The body is shorter than was declared.")
    # Reading has used both up. A view may read the one, and hand the other on.
    request.stream = io.BytesIO(body)
    request.environ["wsgi.input"] = io.BytesIO(body)
    return parse_body(mimetype, body)
