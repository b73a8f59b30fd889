"""What the token endpoint refuses, and how (RFC 6749 §5.2)."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_tapauth import TapAuth

from .conftest import MakeApp, Register, Registered, Run, grant

FORM = "application/x-www-form-urlencoded"


def refused(answer: TestResponse, status: int, error: str) -> str:
    """See that an answer is an error of RFC 6749 §5.2, and return its description."""
    assert (answer.status_code, answer.get_json().get("error")) == (status, error)
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json().keys() == {"error", "error_description"}
    return str(answer.get_json()["error_description"])


def failed_authentication(answer: TestResponse) -> None:
    assert refused(answer, 401, "invalid_client") == "Client authentication failed."
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def basic(credentials: bytes) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(credentials).decode()}


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"client_id": "nobody"}, id="unknown client"),
        pytest.param({"client_secret": "wrong"}, id="wrong secret"),
        pytest.param({"client_secret": "sécret-ü-鍵"}, id="non-ASCII secret"),
        pytest.param({"client_id": "ünknown"}, id="non-ASCII client"),
        pytest.param({"client_secret": None}, id="no secret"),
        pytest.param({"client_secret": ""}, id="empty secret"),
        pytest.param({"client_id": None}, id="no client id"),
        pytest.param({"client_id": ""}, id="empty client id"),
        pytest.param({"client_id": None, "client_secret": None}, id="nothing"),
        pytest.param({"client_id": "' OR 1=1 --"}, id="an injection"),
    ],
)
def test_failed_authentication_has_one_answer(
    http: FlaskClient, registered: Registered, changes: dict[str, str | None]
) -> None:
    """RFC 6749 §5.2, and the contract: nothing tells which clients exist."""
    parameters = {**grant(registered), **changes}
    sent = {name: value for name, value in parameters.items() if value is not None}

    failed_authentication(http.post("/oauth/token", data=sent))


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_failed_basic_authentication_has_the_same_answer(
    http: FlaskClient, registered: Registered, known: bool
) -> None:
    """RFC 6749 §5.2: the challenge names the scheme that was tried."""
    client_id = registered.client_id if known else "nobody"

    answer = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers=basic(f"{client_id}:wrong".encode()),
    )

    failed_authentication(answer)


def test_another_scheme_is_no_client_authentication(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §5.2: an unsupported method is invalid_client."""
    answer = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", "client_id": registered.client_id},
        headers={"Authorization": "Bearer something"},
    )

    failed_authentication(answer)


def test_a_disabled_client_is_refused_until_it_is_enabled(
    run: Run, http: FlaskClient, registered: Registered
) -> None:
    """The contract: a disabled client fails as any other does."""
    run("clients", "disable", registered.client_id)
    failed_authentication(http.post("/oauth/token", data=grant(registered)))

    run("clients", "enable", registered.client_id)
    assert http.post("/oauth/token", data=grant(registered)).status_code == 200


def test_an_expired_secret_is_refused(http: FlaskClient, register: Register) -> None:
    """RFC 7591 §3.2.1, client_secret_expires_at."""
    client = register(secret_expires_at=datetime(2026, 1, 1, tzinfo=UTC))

    failed_authentication(http.post("/oauth/token", data=grant(client)))


def test_a_public_client_may_not_use_client_credentials(
    http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §4.4: the grant is for confidential clients alone."""
    client = register(public=True)
    parameters = {"grant_type": "client_credentials", "client_id": client.client_id}

    answer = http.post("/oauth/token", data=parameters)

    refused(answer, 400, "unauthorized_client")


def test_a_public_client_with_a_secret_fails(
    http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §2.3: there is no secret that could be right."""
    client = register(public=True)

    answer = http.post("/oauth/token", data=grant(client, client_secret="any"))

    failed_authentication(answer)


def test_a_client_uses_the_grants_it_is_registered_for(
    http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §5.2, unauthorized_client."""
    client = register(grant_types=["refresh_token"])

    refused(http.post("/oauth/token", data=grant(client)), 400, "unauthorized_client")


@pytest.mark.parametrize(
    "grant_type", ["password", "implicit", "client_credentials ", "ünbekannt", "<b>"]
)
def test_an_unknown_grant_type_is_unsupported(
    http: FlaskClient, registered: Registered, grant_type: str
) -> None:
    """RFC 6749 §5.2, unsupported_grant_type; what was sent is not repeated."""
    answer = http.post("/oauth/token", data=grant(registered, grant_type=grant_type))

    assert grant_type not in refused(answer, 400, "unsupported_grant_type")


def test_a_grant_left_out_of_the_settings_is_unsupported(make_app: MakeApp) -> None:
    """The contract: TAPAUTH_GRANT_TYPES says what the server offers."""
    http = make_app(TAPAUTH_GRANT_TYPES=["implicit"]).test_client()

    answer = http.post("/oauth/token", data={"grant_type": "client_credentials"})

    refused(answer, 400, "unsupported_grant_type")


def test_a_missing_grant_type_is_a_malformed_request(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §5.2, invalid_request: a required parameter is missing."""
    answer = http.post("/oauth/token", data=grant(registered, grant_type=""))

    refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "scope",
    [
        "orders:delete",
        "orders:read orders:delete",
        'a"b',
        "orders:réad",
        "a\\b",
        "a\tb",
    ],
)
def test_more_scope_than_registered_is_refused_and_not_cut(
    http: FlaskClient, registered: Registered, scope: str
) -> None:
    """RFC 6749 §5.2, invalid_scope: unknown, malformed, or exceeding."""
    answer = http.post("/oauth/token", data=grant(registered, scope=scope))

    refused(answer, 400, "invalid_scope")


def test_a_scope_taken_out_of_the_settings_is_not_given(
    make_app: MakeApp, tapauth: TapAuth, tmp_path: Path
) -> None:
    """The contract: with TAPAUTH_SCOPES set, no other scope can be asked for."""
    database = f"sqlite:///{tmp_path / 'clients.db'}"
    before = make_app(SQLALCHEMY_DATABASE_URI=database)
    after = make_app(
        SQLALCHEMY_DATABASE_URI=database, TAPAUTH_SCOPES={"orders:read": "Read orders"}
    )
    with before.app_context():
        client = tapauth.register_client("R", scopes="orders:read orders:write")
    http = after.test_client()

    answer = http.post("/oauth/token", data=grant(client))
    assert answer.get_json()["scope"] == "orders:read"
    answer = http.post("/oauth/token", data=grant(client, scope="orders:write"))
    refused(answer, 400, "invalid_scope")


@pytest.mark.parametrize("name", ["scope", "client_id", "grant_type", "anything"])
def test_a_repeated_parameter_is_refused(
    http: FlaskClient, registered: Registered, name: str
) -> None:
    """RFC 6749 §3.2: parameters must not come more than once, in form or JSON."""
    parameters = {**grant(registered, scope="orders:read"), "anything": "x"}
    form = "&".join(f"{k}={quote_plus(v)}" for k, v in parameters.items())
    members = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in parameters.items()]
    repeated = f"{json.dumps(name)}: {json.dumps(parameters[name])}"

    for content_type, body in [
        (FORM, f"{form}&{name}={quote_plus(parameters[name])}"),
        ("application/json", f"{{{', '.join([*members, repeated])}}}"),
    ]:
        answer = http.post("/oauth/token", data=body, content_type=content_type)
        refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "query", ["client_secret=x", "grant_type=client_credentials", "scope=", "x"]
)
def test_a_parameter_in_the_url_is_refused(
    http: FlaskClient, registered: Registered, query: str
) -> None:
    """RFC 6749 §2.3.1: credentials must not be in the URL, which logs keep."""
    answer = http.post(f"/oauth/token?{query}", data=grant(registered))

    refused(answer, 400, "invalid_request")


def test_two_authentication_methods_are_refused(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §2.3: no more than one method in a request."""
    pair = f"{registered.client_id}:{registered.client_secret}".encode()

    answer = http.post("/oauth/token", data=grant(registered), headers=basic(pair))

    refused(answer, 400, "invalid_request")


def test_the_bodys_client_must_be_the_authenticated_one(
    http: FlaskClient, register: Register
) -> None:
    """The contract: a client_id that is not the authenticated client's is refused."""
    one, other = register(), register()
    pair = f"{one.client_id}:{one.client_secret}".encode()

    answer = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", "client_id": other.client_id},
        headers=basic(pair),
    )

    refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "credentials",
    [
        pytest.param("Basic ???", id="no Base64"),
        pytest.param("Basic", id="nothing"),
        pytest.param(
            "Basic " + base64.b64encode(b"\xff\xfe:x").decode(), id="no UTF-8"
        ),
        pytest.param("Basic " + base64.b64encode(b"nocolon").decode(), id="no colon"),
        pytest.param("Basic " + base64.b64encode(b"a\0b:c").decode(), id="NUL"),
        pytest.param("Basic " + base64.b64encode(b"a%00b:c").decode(), id="coded NUL"),
        pytest.param("Basic " + "YTpi" * 50_000, id="long"),
        pytest.param("Basic \xe9", id="Latin-1"),
    ],
)
def test_broken_basic_credentials_are_a_malformed_request(
    http: FlaskClient, credentials: str
) -> None:
    """The contract: bad encoding is invalid_request, never a 500."""
    answer = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"Authorization": credentials},
    )

    refused(answer, 400, "invalid_request")


def test_a_bad_percent_code_in_basic_is_taken_as_it_stands(
    http: FlaskClient, register: Register
) -> None:
    """RFC 6749 §2.3.1: %FF decodes to no text, so it can only be meant plainly."""
    client = register(client_secret="100%FFx")

    answer = http.post(
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers=basic(f"{client.client_id}:100%FFx".encode()),
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["client_id", "client_secret", "scope", "grant_type"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("a\0b", id="NUL"),
        pytest.param("x" * 5_000, id="over-long"),
        pytest.param("x" * 1_048_576, id="a megabyte"),
    ],
)
def test_values_that_nothing_can_match_are_refused(
    http: FlaskClient, registered: Registered, name: str, value: str
) -> None:
    """The contract: NUL bytes and over-long values are invalid_request."""
    parameters: dict[str, Any] = grant(registered, **{name: value})

    refused(http.post("/oauth/token", data=parameters), 400, "invalid_request")
    refused(http.post("/oauth/token", json=parameters), 400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"grant_type=%FF%FE", id="coded bytes"),
        pytest.param(b"grant_type=\xff\xfe", id="plain bytes"),
        pytest.param(b"&".join(b"a%d=1" % i for i in range(101)), id="many fields"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_broken_form_is_refused(http: FlaskClient, body: bytes) -> None:
    """RFC 6749 appendix B: a form is UTF-8."""
    answer = http.post("/oauth/token", data=body, content_type=FORM)

    refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"{", id="broken"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"client_credentials"', id="a string"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[" * 60_000, id="deep"),
        pytest.param(b"1" * 5_000, id="a long number"),
        pytest.param(b'{"grant_type": "\xff"}', id="no UTF-8"),
        pytest.param(b'{"grant_type": ["client_credentials"]}', id="a list in it"),
        pytest.param(b'{"grant_type": 1}', id="a number in it"),
        pytest.param(b'{"grant_type": true}', id="a truth in it"),
        pytest.param(b'{"grant_type": {}}', id="an object in it"),
        pytest.param(b'{"client_id": "\\ud800", "grant_type": "x"}', id="a surrogate"),
        pytest.param(b'{"client_id": "a\\u0000", "grant_type": "x"}', id="NUL"),
        pytest.param(b'{"grant_type": null}', id="null in it"),
        pytest.param(b"", id="empty"),
    ],
)
def test_broken_json_is_refused(http: FlaskClient, body: bytes) -> None:
    """The contract: a JSON object with string members is accepted, nothing else is."""
    answer = http.post("/oauth/token", data=body, content_type="application/json")

    refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "multipart/form-data; boundary=x", "text/json", ""]
)
def test_another_content_type_is_refused(
    http: FlaskClient, registered: Registered, content_type: str
) -> None:
    """RFC 6749 §3.2 and appendix B."""
    body = "&".join(f"{k}={quote_plus(v)}" for k, v in grant(registered).items())

    answer = http.post("/oauth/token", data=body, content_type=content_type)

    refused(answer, 400, "invalid_request")


def test_the_content_types_case_and_parameters_are_of_no_account(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 9110 §8.3.1."""
    body = "&".join(f"{k}={quote_plus(v)}" for k, v in grant(registered).items())

    answer = http.post(
        "/oauth/token",
        data=body,
        content_type="Application/X-WWW-Form-Urlencoded; charset=UTF-8",
    )

    assert answer.status_code == 200


def test_other_methods_are_refused(http: FlaskClient) -> None:
    """RFC 6749 §3.2: the client must use POST."""
    answer = http.get("/oauth/token")

    assert answer.status_code == 405
    assert answer.headers["Allow"] in ("POST, OPTIONS", "OPTIONS, POST")


def test_plain_http_is_refused_off_loopback(
    http: FlaskClient, registered: Registered
) -> None:
    """RFC 6749 §3.2: TLS; the answer names the setting and the header to mend."""
    answer = http.post(
        "/oauth/token", data=grant(registered), base_url="http://api.example.com"
    )

    description = refused(answer, 400, "invalid_request")
    assert "TAPAUTH_REQUIRE_HTTPS" in description
    assert "X-Forwarded-Proto" in description


@pytest.mark.parametrize(
    "base_url",
    [
        "https://api.example.com",
        "http://localhost:3030",
        "http://127.0.0.1:3030",
        "http://127.8.8.8",
        "http://[::1]:3030",
    ],
)
def test_https_and_loopback_are_let_in(
    http: FlaskClient, registered: Registered, base_url: str
) -> None:
    """RFC 6749 §3.2; the contract exempts loopback."""
    answer = http.post("/oauth/token", data=grant(registered), base_url=base_url)

    assert answer.status_code == 200


def test_the_transport_goes_by_the_app_and_not_by_the_environment(
    make_app: MakeApp,
) -> None:
    """The contract: TAPAUTH_REQUIRE_HTTPS, and no variable of Authlib's."""
    http = make_app(TAPAUTH_REQUIRE_HTTPS=False).test_client()
    parameters = {"grant_type": "client_credentials"}

    answer = http.post(
        "/oauth/token", data=parameters, base_url="http://api.example.com"
    )

    failed_authentication(answer)


def test_authlibs_variable_opens_nothing(
    http: FlaskClient, registered: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The contract: what one process sets for all its apps is not an app's setting."""
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")

    answer = http.post(
        "/oauth/token", data=grant(registered), base_url="http://api.example.com"
    )

    refused(answer, 400, "invalid_request")
