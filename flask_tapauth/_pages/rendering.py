"""Render the pages, with the variables that all of their templates need."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import make_response
from markupsafe import Markup
from werkzeug.wrappers import Response

from .._app.app_state import get_app_state
from .._app.identity import endpoint_path
from ..errors import TemporarilyUnavailableError
from .access import Visitor
from .notices import take_notice


def show(visitor: Visitor, name: str, status: int = 200, **context: Any) -> Response:
    """Return a page."""
    page = get_app_state().pages.render(
        name,
        stylesheet=endpoint_path("stylesheet"),
        account=visitor.account,
        is_operator=visitor.is_operator,
        seal=visitor.seal(),
        notice=take_notice(),
        moment=_moment,
        **context,
    )
    return make_response(page, status)


def show_outage(error: TemporarilyUnavailableError) -> Response:
    """Return a page that asks people to try again; programs would get JSON."""
    page = get_app_state().pages.render(
        "error", stylesheet=endpoint_path("stylesheet"), error=error
    )
    response = make_response(page, int(error.status_code))
    response.headers["Retry-After"] = str(error.retry_after)
    return response


def _moment(timestamp: int) -> Markup:
    """Return a time for people and for programs."""
    date = datetime.fromtimestamp(timestamp, UTC)
    return Markup('<time datetime="{}">{}</time>').format(
        date.isoformat(), f"{date:%Y-%m-%d %H:%M} UTC"
    )
