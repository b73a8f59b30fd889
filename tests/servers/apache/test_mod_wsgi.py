"""mod_wsgi drops `Authorization`, which carries client secrets too."""

from __future__ import annotations

import base64

import pytest

from ..conftest import Serve, Stored
from ..exchange import exchange, form_request
from ..rows import MOD_WSGI, MOD_WSGI_SET_UP, Setup


@pytest.mark.parametrize(
    ("setup", "status"),
    [(MOD_WSGI, 401), (MOD_WSGI_SET_UP, 200)],
    ids=["default", "set up"],
)
def test_client_secret_basic_works_where_authorization_arrives(
    serve: Serve, stored: Stored, setup: Setup, status: int
) -> None:
    """RFC 6749 §2.3.1: clients with this method were refused as `invalid_client`."""
    pair = f"{stored.client_id}:{stored.client_secret}".encode()
    basic = f"Authorization: Basic {base64.b64encode(pair).decode()}"
    body = b"grant_type=client_credentials"

    answer = exchange(serve(setup), form_request("POST /oauth/token", body, basic))

    assert answer.status == status
