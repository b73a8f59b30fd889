"""The blueprint ``tapauth.pages``, and its routes."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Blueprint, Response

from .._app.all_hosts import add_on_all_hosts
from .._app.page_headers import with_security_headers
from .._app.routes import PAGES, Route
from .._app.style_sheets import send_style_sheet
from ..errors import TemporarilyUnavailableError
from .applications import list_applications, revoke_application
from .clients import (
    confirm_deletion,
    delete_client,
    disable_client,
    enable_client,
    list_clients,
    rotate_secret,
    show_client,
)
from .events import list_events
from .new_client import create_client, new_client
from .rendering import show_outage

TEMPLATES = Path(__file__).parent / "templates"
_STYLE = Path(__file__).parent / "style.css"


def pages_style() -> Response:
    """The style sheet of the pages, beside that of the consent page."""
    return send_style_sheet(_STYLE)


# A client is named in the query: its id may be a URL, or have a slash or two dots.
_ROUTES: Final[tuple[Route, ...]] = (
    ("GET", "/applications", list_applications),
    ("POST", "/applications/revoke", revoke_application),
    ("GET", "/operator/clients", list_clients),
    ("GET", "/operator/clients/new", new_client),
    ("POST", "/operator/clients/new", create_client),
    ("GET", "/operator/client", show_client),
    ("POST", "/operator/client/rotate-secret", rotate_secret),
    ("POST", "/operator/client/disable", disable_client),
    ("POST", "/operator/client/enable", enable_client),
    ("GET", "/operator/client/delete", confirm_deletion),
    ("POST", "/operator/client/delete", delete_client),
    ("GET", "/operator/events", list_events),
    ("GET", "/pages.css", pages_style),
)

POSTED = [view for method, _, view in _ROUTES if method == "POST"]
"""The views that have a protection against CSRF of their own."""


def make_pages() -> Blueprint:
    """Return a blueprint, which a host may register on several apps."""
    pages = Blueprint(PAGES, __name__, template_folder=str(TEMPLATES))
    add_on_all_hosts(pages, _ROUTES)
    pages.after_request(_finish)
    pages.register_error_handler(TemporarilyUnavailableError, show_outage)
    return pages


def _finish(response: Response) -> Response:
    is_page = response.mimetype != "text/css"
    return with_security_headers(response) if is_page else response
