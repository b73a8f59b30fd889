"""Which headers with a token reach the app, server by server."""

from __future__ import annotations

import pytest

from ..conftest import names_no_error
from .conftest import Serve, Stored
from .exchange import Answer, exchange, request
from .rows import MISTRUSTING, MOD_WSGI_SET_UP, ROWS, TRUSTING, UWSGI, Setup

SETUPS = {
    f"{row.server}: default": (row.default, row.bearer_arrives, row.underscore_arrives)
    for row in ROWS
}
SETUPS |= {
    f"{row.server}: set up": (row.allowing, True, True) for row in ROWS if row.allowing
}
SETUPS["gunicorn: set up for another peer"] = (MISTRUSTING, True, False)


@pytest.mark.parametrize(
    ("setup", "arrives"),
    [(setup, underscore) for setup, _, underscore in SETUPS.values()],
    ids=SETUPS,
)
def test_the_underscore_header_arrives_where_the_table_says(
    serve: Serve, stored: Stored, setup: Setup, arrives: bool
) -> None:
    """running/wsgi-servers.md: some servers drop headers with an underscore."""
    sent = request("GET /whoami", f"access_token: {stored.token}")

    assert_arrives(exchange(serve(setup), sent), stored, arrives)


@pytest.mark.parametrize(
    ("setup", "arrives"),
    [(setup, bearer) for setup, bearer, _ in SETUPS.values()],
    ids=SETUPS,
)
def test_a_bearer_token_arrives_where_the_table_says(
    serve: Serve, stored: Stored, setup: Setup, arrives: bool
) -> None:
    """Under Apache every Bearer token got a 401, though the page promised a 200."""
    sent = request("GET /whoami", f"Authorization: Bearer {stored.token}")

    assert_arrives(exchange(serve(setup), sent), stored, arrives)


@pytest.mark.parametrize("setup", [setup for setup, *_ in SETUPS.values()], ids=SETUPS)
def test_the_hyphenated_header_arrives_everywhere(
    serve: Serve, stored: Stored, setup: Setup
) -> None:
    """running/wsgi-servers.md: `Access-Token` arrives everywhere."""
    sent = request("GET /whoami", f"Access-Token: {stored.token}")

    assert_arrives(exchange(serve(setup), sent), stored, arrives=True)


def assert_arrives(answer: Answer, stored: Stored, arrives: bool) -> None:
    """Check whether the token of a request to `/whoami` arrived."""
    if arrives:
        assert answer.status == 200
        assert answer.json == {"client_id": stored.client_id}
    else:
        assert answer.status == 401
        assert names_no_error(answer.headers["WWW-Authenticate"])


@pytest.mark.parametrize(
    "setup",
    [TRUSTING, UWSGI, MOD_WSGI_SET_UP],
    ids=["gunicorn", "uWSGI", "mod_wsgi"],
)
def test_both_spellings_at_once_are_refused(
    serve: Serve, stored: Stored, setup: Setup
) -> None:
    """RFC 6750 §2: one method per request; WSGI joins the two headers."""
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
