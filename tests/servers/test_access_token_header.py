"""Whether a header named `access_token` reaches the app, server by server."""

from __future__ import annotations

import pytest

from ..conftest import is_bare
from .conftest import Serve, Stored
from .exchange import exchange, request
from .rows import MISTRUSTING, ROWS, TRUSTING, UWSGI, Setup

SETUPS = {f"{row.server}: default": (row.default, row.arrives) for row in ROWS}
SETUPS |= {
    f"{row.server}: set up": (row.allowing, True) for row in ROWS if row.allowing
}
SETUPS["gunicorn: set up for another peer"] = (MISTRUSTING, False)


@pytest.mark.parametrize(("setup", "arrives"), SETUPS.values(), ids=SETUPS)
def test_the_underscore_header_arrives_where_the_table_says(
    serve: Serve, stored: Stored, setup: Setup, arrives: bool
) -> None:
    """The contract: servers differ, and the documentation has the table of them."""
    answer = exchange(
        serve(setup), request("GET /whoami", f"access_token: {stored.token}")
    )

    if arrives:
        assert answer.status == 200
        assert answer.json == {"client_id": stored.client_id}
    else:
        assert answer.status == 401
        assert is_bare(answer.headers["WWW-Authenticate"])


@pytest.mark.parametrize("header", ["Access-Token: ", "Authorization: Bearer "])
@pytest.mark.parametrize("setup", [setup for setup, _ in SETUPS.values()], ids=SETUPS)
def test_the_other_headers_arrive_everywhere(
    serve: Serve, stored: Stored, setup: Setup, header: str
) -> None:
    """The contract: `Access-Token` is the spelling that every server passes."""
    answer = exchange(serve(setup), request("GET /whoami", header + stored.token))

    assert answer.status == 200
    assert answer.json == {"client_id": stored.client_id}


@pytest.mark.parametrize("setup", [TRUSTING, UWSGI], ids=["gunicorn", "uWSGI"])
def test_both_spellings_at_once_are_refused(
    serve: Serve, stored: Stored, setup: Setup
) -> None:
    """RFC 6750 §2: one token, one place; WSGI joins the two into one value."""
    answer = exchange(
        serve(setup),
        request(
            "GET /whoami",
            f"access_token: {stored.token}",
            f"Access-Token: {stored.token}",
        ),
    )

    assert answer.status == 400
    assert answer.json["error"] == "invalid_request"
