"""Answer every error as JSON, in the shape that Flask-TapAuth uses."""

from __future__ import annotations

import logging
from typing import cast

from flask import Flask, Response, jsonify
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException

from .models import db

log = logging.getLogger(__name__)


def answer_errors_as_json(app: Flask) -> None:
    app.register_error_handler(HTTPException, _answer)
    app.register_error_handler(exc.IntegrityError, _answer_refused_by_store)


def _answer(error: HTTPException) -> Response:
    response = cast("Response", error.get_response())
    if error.response is None:  # Flask-TapAuth's refusals bring their answer along
        name = error.name.lower().replace(" ", "_")
        body = jsonify(error=name, error_description=error.description)
        response.data, response.content_type = body.data, "application/json"
    return response


def _answer_refused_by_store(error: exc.IntegrityError) -> tuple[Response, int]:
    """A constraint was violated: the seed's table has 500 for that."""
    db.session.rollback()
    # The lines below the first, and the error's own text, repeat values of the row.
    reason = str(error.orig).partition("\n")[0]
    log.error("The database refused a record: %s", reason)
    return jsonify(error="refused_by_store", error_description=reason), 500
