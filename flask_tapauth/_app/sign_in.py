"""Who is signed in at a page of ours, and where people sign in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import request, session, url_for
from werkzeug.routing import BuildError

from ..errors import ConfigError
from .app_state import get_app_state
from .host_settings import is_next_in_session
from .request_state import get_request_state


def signed_in_person() -> Any:
    """Return the person who is signed in, or None."""
    person = get_app_state().people.current()
    # The host's loader may have used an access token, whose holder must not do more
    # here than the token allows.
    return None if get_request_state().token is not None else person


def this_page() -> str:
    """Return the path and the query of this request, to come back to."""
    # Flask's full_path fails for bytes in the query that are no UTF-8.
    query = request.query_string.decode(errors="replace")
    path = f"{request.script_root}{request.path}"
    return f"{path}?{query}" if query else path


def sign_in_url(back: str) -> str:
    """Return the address of the login view, which sends the person back afterwards."""
    view = get_app_state().people.login_view(get_app_state().config.login_view)
    if is_next_in_session():
        session["next"] = back  # Flask-Login has its login views look there
    if "/" not in view:
        try:
            return url_for(view, next=back)
        except BuildError as error:
            raise ConfigError(
                "TapAuth: TAPAUTH_LOGIN_VIEW (or Flask-Login's login_view) is "
                f"{view!r}, for which Flask can build no URL: {error}"
            ) from None
    # Flask-Login's login_view may be an address too.
    return f"{view}{'&' if '?' in view else '?'}{urlencode({'next': back})}"
