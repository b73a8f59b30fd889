"""A refusal keeps its status and headers, whatever the host does with errors."""

from __future__ import annotations

import warnings
from typing import Any

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException, Unauthorized
from werkzeug.test import TestResponse

from flask_tapauth import TapAuth, require_token

from ..conftest import IssueToken, MakeApp, bearer, names_no_error

CHALLENGE = "WWW-Authenticate"


@pytest.mark.parametrize("propagate", [True, False, None])
@pytest.mark.parametrize("testing", [True, False])
def test_a_refusal_is_no_exception_to_propagate(
    make_app: MakeApp, propagate: bool | None, testing: bool
) -> None:
    """With PROPAGATE_EXCEPTIONS, a refusal was a 500 with a stack trace."""
    http = make_app(PROPAGATE_EXCEPTIONS=propagate, TESTING=testing).test_client()

    answer = http.get("/orders")

    assert answer.status_code == 401
    assert names_no_error(answer.headers[CHALLENGE])


def test_the_hosts_errorhandler_shapes_the_body_alone(make_app: MakeApp) -> None:
    """An `errorhandler(401)` changes the body, and the challenge stays."""
    app = make_app(PROPAGATE_EXCEPTIONS=False)

    @app.errorhandler(401)
    def unauthorized(error: Unauthorized) -> tuple[Any, int]:
        return jsonify(message=error.description), 401

    answer = app.test_client().get("/orders", headers=bearer("junk"))

    assert answer.status_code == 401
    assert answer.get_json().keys() == {"message"}
    assert 'error="invalid_token"' in answer.headers[CHALLENGE]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_length == len(answer.data)


@pytest.mark.parametrize("catch", [401, Unauthorized, HTTPException])
def test_a_refusal_is_found_by_status_and_class(app: Flask, catch: Any) -> None:
    """A refusal is werkzeug's HTTPException for its status."""
    caught: list[HTTPException] = []

    @app.errorhandler(catch)
    def remember(error: HTTPException) -> HTTPException:
        caught.append(error)
        return error

    answer = app.test_client().get("/orders")

    assert answer.status_code == 401
    assert names_no_error(answer.headers[CHALLENGE])
    assert [type(error) for error in caught] == [Unauthorized]


def test_a_host_may_answer_something_else(app: Flask) -> None:
    """A website may redirect to its login page, without our challenge."""
    app.register_error_handler(401, lambda error: ("", 302, {"Location": "/login"}))

    answer = app.test_client().get("/orders")

    assert answer.status_code == 302
    assert CHALLENGE not in answer.headers


def test_the_error_renderer_shapes_the_body(
    http: FlaskClient, tapauth: TapAuth, issue_token: IssueToken
) -> None:
    """`error_renderer` returns the body; status and headers stay."""

    @tapauth.error_renderer
    def render(error: Any) -> dict[str, Any]:
        return {"errors": [{"code": error.error, "status": int(error.status_code)}]}

    missing = http.get("/orders")
    scope = http.get("/orders", headers=bearer(issue_token(scopes=())))

    assert missing.status_code == 401
    assert names_no_error(missing.headers[CHALLENGE])
    assert missing.get_json() == {"errors": [{"code": "invalid_token", "status": 401}]}
    assert scope.status_code == 403
    assert 'scope="orders:read"' in scope.headers[CHALLENGE]
    assert scope.get_json()["errors"][0]["code"] == "insufficient_scope"


def test_the_error_renderer_leaves_the_endpoints_alone(
    http: FlaskClient, tapauth: TapAuth
) -> None:
    """RFC 6749 §5.2: clients rely on the form of the endpoints' errors."""
    tapauth.error_renderer(lambda error: "mine")

    answer = http.post("/oauth/token", data={"grant_type": "client_credentials"})

    assert answer.get_json()["error"] == "invalid_client"


@pytest.fixture
def restx(app: Flask) -> FlaskClient:
    """A host whose API is made of Flask-RESTX resources."""
    with warnings.catch_warnings():
        # Flask-RESTX and what it imports still use what their own parents deprecate.
        warnings.simplefilter("ignore", DeprecationWarning)
        from flask_restx import Api, Resource

    api = Api(app, doc=False)

    class Things(Resource):  # type: ignore[misc,unused-ignore]
        method_decorators = [require_token("orders:read")]  # noqa: RUF012 - its type

        def get(self) -> dict[str, str]:
            return {"thing": "one"}

    api.add_resource(Things, "/things")
    return app.test_client()


def test_a_flask_restx_resource_answers_a_refusal(
    restx: FlaskClient, issue_token: IssueToken
) -> None:
    """Flask-RESTX leaves 401 a 401, and 403 a 403, with their headers."""

    def check(answer: TestResponse, status: int, challenge: str) -> None:
        assert answer.status_code == status
        assert answer.headers.getlist(CHALLENGE) == [answer.headers[CHALLENGE]]
        assert challenge in answer.headers[CHALLENGE]
        assert answer.content_length == len(answer.data)

    check(restx.get("/things"), 401, "Bearer")
    check(restx.get("/things", headers=bearer("junk")), 401, 'error="invalid_token"')
    token = issue_token(scopes="orders:write")
    check(restx.get("/things", headers=bearer(token)), 403, 'scope="orders:read"')
    good = restx.get("/things", headers=bearer(issue_token()))
    assert good.get_json() == {"thing": "one"}
