"""Answer every error in JSON, with the same members as Flask-TapAuth."""

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
    if error.response is None:  # an error of Flask-TapAuth has its own response
        name = error.name.lower().replace(" ", "_")
        body = jsonify(error=name, error_description=error.description)
        response.data, response.content_type = body.data, "application/json"
    return response


def _answer_refused_by_store(error: exc.IntegrityError) -> tuple[Response, int]:
    """Answer a violated constraint with a 500."""
    db.session.rollback()
    # The first line only: the others, and str(error), contain values of the row.
    reason = str(error.orig).partition("\n")[0]
    log.error("The database refused a record: %s", reason)
    return jsonify(error="refused_by_store", error_description=reason), 500
