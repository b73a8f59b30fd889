"""Which requests a guarded view runs for (RFC 6750 §3.1)."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from flask.views import MethodView

from flask_tapauth import TapAuth, current_token, require_token, verify_token
from flask_tapauth._secrets import generate

from .conftest import IssueToken, MakeApp, Register, Registered, Run, bearer, is_bare


def test_no_token_gets_a_bare_challenge(http: FlaskClient) -> None:
    """RFC 6750 §3.1: no error code where no credentials were sent."""
    answer = http.get("/orders")

    assert answer.status_code == 401
    assert is_bare(answer.headers["WWW-Authenticate"])
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["error"] == "invalid_token"


def test_other_credentials_are_no_token(http: FlaskClient) -> None:
    """RFC 6750 §3.1: an unsupported method of authentication is as good as none."""
    answer = http.get("/orders", headers={"Authorization": "Basic YTpi"})

    assert answer.status_code == 401
    assert is_bare(answer.headers["WWW-Authenticate"])


def test_a_token_with_the_scope_opens_the_view(
    http: FlaskClient, issue_token: IssueToken
) -> None:
    """RFC 6749 §7."""
    token = issue_token(scopes="orders:read")

    assert http.get("/orders", headers=bearer(token)).status_code == 200


def test_a_token_without_the_scope_is_told_which(
    http: FlaskClient, issue_token: IssueToken
) -> None:
    """RFC 6750 §3.1, insufficient_scope, with the scope that is needed."""
    answer = http.get("/orders", headers=bearer(issue_token(scopes="orders:write")))

    assert answer.status_code == 403
    assert answer.get_json()["error"] == "insufficient_scope"
    challenge = answer.headers["WWW-Authenticate"]
    assert challenge.startswith('Bearer error="insufficient_scope"')
    assert challenge.endswith('scope="orders:read"')


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "x",
        "tapat_x",
        "two words",
        "tëxt",
        "\xff\xfe",
        "x" * 100_000,
        "'; DROP TABLE tapauth_token; --",
    ],
)
def test_a_malformed_token_is_invalid(http: FlaskClient, value: str) -> None:
    """RFC 6750 §3.1, invalid_token."""
    answer = http.get("/orders", headers={"Authorization": f"Bearer {value}"})

    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


def test_an_unknown_token_is_invalid(http: FlaskClient) -> None:
    """RFC 6750 §3.1: well made, and not ours."""
    answer = http.get("/orders", headers=bearer(generate("access_token")))

    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"


def test_a_client_secret_is_no_token(http: FlaskClient, registered: Registered) -> None:
    """RFC 6750 §3.1."""
    answer = http.get("/orders", headers=bearer(registered.client_secret or ""))

    assert answer.status_code == 401


def test_a_token_ends_with_its_last_second(
    http: FlaskClient, issue_token: IssueToken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 6749 §5.1: `expires_in` seconds, and none more."""
    token = issue_token(expires_in=10)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 8)
    assert http.get("/orders", headers=bearer(token)).status_code == 200
    monkeypatch.setattr(time, "time", lambda: now + 10)
    answer = http.get("/orders", headers=bearer(token))
    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"


def test_revoked_tokens_are_invalid(
    http: FlaskClient, tapauth: TapAuth, registered: Registered, token: str
) -> None:
    """RFC 6750 §3.1."""
    assert tapauth.revoke_client_tokens(registered) == 1

    assert http.get("/orders", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    "command",
    [
        ["disable"],
        ["delete"],
        ["update", "--secret-expires-at", "2026-01-01T00:00:00Z"],
    ],
    ids=["disabled", "deleted", "expired"],
)
def test_tokens_end_with_their_client(
    run: Run,
    http: FlaskClient,
    registered: Registered,
    token: str,
    command: list[str],
) -> None:
    """The contract: a client disabled, expired or deleted takes its tokens along."""
    name, *options = command
    assert run("clients", name, registered.client_id, *options).exit_code == 0

    answer = http.get("/orders", headers=bearer(token))

    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"


def test_bare_it_asks_for_any_token(http: FlaskClient, issue_token: IssueToken) -> None:
    """The contract: bare `@require_token` is any valid token."""
    assert http.get("/whoami").status_code == 401
    token = issue_token(scopes=())
    assert http.get("/whoami", headers=bearer(token)).status_code == 200


@pytest.fixture
def host(app: Flask) -> Flask:
    """The app with views of every kind."""

    @app.get("/both")
    @require_token("orders:read", "orders:write")
    def both() -> str:
        return "both"

    @app.get("/either")
    @require_token(any_of=["orders:read", "orders:write"])
    def either() -> str:
        return "either"

    @app.get("/one-and-either")
    @require_token("admin", any_of=("orders:read", "orders:write"))
    def one_and_either() -> str:
        return "one and either"

    @app.get("/optional")
    @require_token("orders:read", optional=True)
    def optional() -> dict[str, Any]:
        return {"client_id": current_token.client_id if current_token else None}

    @app.get("/async")
    @require_token("orders:read")
    async def asynchronous() -> dict[str, str]:
        await asyncio.sleep(0)
        return {"client_id": current_token.client_id}

    class Orders(MethodView):
        decorators = [require_token("orders:read")]  # noqa: RUF012 - Flask's type

        def get(self) -> str:
            return "got"

        async def post(self) -> str:
            return "posted"

    app.add_url_rule("/method-view", view_func=Orders.as_view("method_view"))

    blueprint = Blueprint("guarded", __name__, url_prefix="/guarded")

    @blueprint.before_request
    def guard() -> None:
        verify_token("orders:read")

    @blueprint.get("/")
    @require_token("orders:write")
    def guarded() -> str:
        return current_token.client_id

    app.register_blueprint(blueprint)
    return app


@pytest.mark.parametrize(
    ("path", "scopes", "status"),
    [
        ("/both", "orders:read", 403),
        ("/both", "orders:read orders:write", 200),
        ("/either", "orders:read", 200),
        ("/either", "orders:write", 200),
        ("/either", "other", 403),
        ("/one-and-either", "orders:read", 403),
        ("/one-and-either", "admin", 403),
        ("/one-and-either", "admin orders:write", 200),
        ("/async", "orders:read", 200),
        ("/async", "orders:write", 403),
        ("/method-view", "orders:read", 200),
        ("/method-view", "orders:write", 403),
        ("/guarded/", "orders:read orders:write", 200),
        ("/guarded/", "orders:read", 403),
        ("/guarded/", "orders:write", 403),
        ("/optional", "orders:read", 200),
        ("/optional", "orders:write", 403),
    ],
)
def test_scopes_open_views_of_every_kind(
    host: Flask,
    register: Register,
    issue_token: IssueToken,
    path: str,
    scopes: str,
    status: int,
) -> None:
    """The contract: all of the scopes, one of `any_of`, whatever the view is."""
    client = register(scopes="orders:read orders:write admin other")
    token = issue_token(client, scopes=scopes)

    answer = host.test_client().get(path, headers=bearer(token))

    assert answer.status_code == status


@pytest.mark.parametrize(
    "path", ["/both", "/either", "/async", "/method-view", "/guarded/"]
)
def test_views_of_every_kind_refuse_a_request_without_token(
    host: Flask, path: str
) -> None:
    """The contract: 401, and the view never runs unchecked."""
    assert host.test_client().get(path).status_code == 401


def test_a_method_view_guards_each_of_its_methods(host: Flask, token: str) -> None:
    """The contract: `MethodView.decorators`, plain and async methods alike."""
    http = host.test_client()

    assert http.post("/method-view").status_code == 401
    assert http.post("/method-view", headers=bearer(token)).text == "posted"


def test_optional_lets_a_request_without_token_through(host: Flask, token: str) -> None:
    """The contract: `optional=True` makes `current_token` falsy, not the guard lax."""
    http = host.test_client()

    assert http.get("/optional").get_json() == {"client_id": None}
    assert http.get("/optional", headers=bearer(token)).get_json()["client_id"]
    assert http.get("/optional", headers=bearer("junk")).status_code == 401


def test_options_of_a_guarded_view_need_no_token(http: FlaskClient) -> None:
    """Fetch §4.8: a browser's preflight cannot carry one; Flask answers by itself."""
    assert http.options("/orders").status_code == 200


def test_head_is_guarded_as_get_is(http: FlaskClient, token: str) -> None:
    """RFC 9110 §9.3.2."""
    assert http.head("/orders").status_code == 401
    assert http.head("/orders", headers=bearer(token)).status_code == 200


def test_the_guarded_view_is_still_itself(host: Flask) -> None:
    """A decorator that users love keeps name, docstring and kind of what it wraps."""

    async def view() -> str:
        """Documented."""
        return ""

    guarded = require_token("orders:read")(view)

    assert (guarded.__name__, guarded.__doc__) == ("view", "Documented.")
    assert inspect.iscoroutinefunction(guarded)
    assert not inspect.iscoroutinefunction(require_token(lambda: ""))


@pytest.mark.parametrize("scopes", [("ünknown",), ('a"b',), ("a\\b",)])
def test_a_scope_that_none_can_have_fails_at_decoration(scopes: tuple[str]) -> None:
    """RFC 6749 §3.3: found out when the app starts, not when it is called."""
    with pytest.raises(ValueError, match="character"):
        require_token(*scopes)


@pytest.mark.parametrize("demand", [{"any_of": []}, {"any_of": ""}])
def test_an_empty_demand_opens_nothing(demand: dict[str, Any]) -> None:
    """A list that happens to be empty must not open a view to every token."""
    with pytest.raises(ValueError, match="name a scope"):
        require_token(**demand)
    with pytest.raises(ValueError, match="name a scope"):
        require_token("")


@pytest.mark.parametrize("any_of", ["a b", ["a", "b c"], ["a b", "a"]])
def test_an_alternative_is_one_scope(any_of: Any) -> None:
    """Two in one string may be meant as both, and would be asked for as either."""
    with pytest.raises(ValueError, match="one scope"):
        require_token(any_of=any_of)


def test_a_view_and_what_it_asks_for_are_not_given_at_once() -> None:
    """What is asked for would be lost, and the view be open to every token."""
    guard: Any = require_token
    with pytest.raises(TypeError, match="any_of"):
        guard(lambda: "", any_of=["admin"])


def test_a_class_is_not_decorated() -> None:
    """The guard says where it belongs, rather than guarding nothing."""
    with pytest.raises(TypeError, match=r"Orders\.decorators"):

        @require_token("orders:read")
        class Orders(MethodView):
            pass


def test_verify_token_returns_the_token(host: Flask, token: str) -> None:
    """The contract: the same check as a call."""
    with host.test_request_context("/anything", headers=bearer(token)):
        assert verify_token("orders:read").scopes == ("orders:read", "orders:write")
    with host.test_request_context("/anything"):
        assert verify_token(optional=True) is None


def test_plain_http_is_refused_off_loopback(http: FlaskClient, token: str) -> None:
    """RFC 6750 §5.3: a token that came in the clear is no longer a secret."""
    answer = http.get(
        "/orders", headers=bearer(token), base_url="http://api.example.com"
    )

    assert answer.status_code == 400
    assert answer.get_json()["error"] == "invalid_request"
    assert "TAPAUTH_REQUIRE_HTTPS" in answer.get_json()["error_description"]


def test_plain_http_is_let_in_where_the_app_says_so(make_app: MakeApp) -> None:
    """The contract: TAPAUTH_REQUIRE_HTTPS."""
    http = make_app(TAPAUTH_REQUIRE_HTTPS=False).test_client()

    answer = http.get(
        "/orders", headers=bearer("junk"), base_url="http://api.example.com"
    )

    assert answer.status_code == 401
