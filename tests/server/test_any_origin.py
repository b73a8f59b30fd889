"""Scripts of any origin may call the endpoints that read no cookies."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

ORIGIN = {"Origin": "https://page.example"}
ALLOWED = "Access-Control-Allow-Origin"
OPEN = {
    "/oauth/token": "POST",
    "/oauth/revoke": "POST",
    "/oauth/jwks.json": "GET",
    "/.well-known/oauth-authorization-server": "GET",
    "/.well-known/oauth-protected-resource": "GET",
}
CLOSED = {
    "/oauth/authorize": "GET",
    "/oauth/introspect": "POST",
    "/whoami": "GET",
    "/nowhere": "GET",
}


def preflight(http: FlaskClient, path: str, method: str) -> TestResponse:
    """Ask as a browser does before a script's request (Fetch, CORS protocol)."""
    asked = {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer: TestResponse = http.options(path, headers={**ORIGIN, **asked})
    return answer


@pytest.mark.parametrize(("path", "method"), OPEN.items())
def test_a_script_reads_the_answer(http: FlaskClient, path: str, method: str) -> None:
    """RFC 7009 §2.3: a browser hides answers without the header, errors too."""
    answer = http.open(path, method=method, headers=ORIGIN)

    assert answer.status_code in (200, 400)
    assert answer.headers[ALLOWED] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(("path", "method"), OPEN.items())
def test_a_preflight_passes(http: FlaskClient, path: str, method: str) -> None:
    """With `Authorization` and `Content-Type`, which the star does not stand for."""
    answer = preflight(http, path, method)

    headers = answer.headers["Access-Control-Allow-Headers"].lower().split(", ")
    assert answer.status_code == 200
    assert answer.headers[ALLOWED] == "*"
    assert {"authorization", "content-type", "*"} <= set(headers)
    assert method in answer.headers["Access-Control-Allow-Methods"].split(", ")


@pytest.mark.parametrize(("path", "method"), CLOSED.items())
def test_other_addresses_say_nothing(http: FlaskClient, path: str, method: str) -> None:
    """Pages read cookies, introspection is for servers, and views are the host's."""
    for answer in (
        http.open(path, method=method, headers=ORIGIN),
        preflight(http, path, method),
    ):
        assert ALLOWED not in answer.headers
