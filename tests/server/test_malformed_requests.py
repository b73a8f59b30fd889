"""Token requests that cannot be read (RFC 6749 §3.2, §5.2)."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import quote_plus

import pytest
from flask.testing import FlaskClient

from ..conftest import Registered, grant
from .conftest import FORM, assert_refused


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
        assert_refused(answer, 400, "invalid_request")


@pytest.mark.parametrize("name", ["scope", "client_id", "anything"])
@pytest.mark.parametrize("values", [("", "x"), ("x", ""), ("", "")], ids=str)
def test_a_repeated_parameter_is_refused_although_one_is_empty(
    http: FlaskClient, registered: Registered, name: str, values: tuple[str, str]
) -> None:
    """RFC 6749 §3.2: a proxy in front may read the other of the two."""
    form = {**grant(registered), name: list(values)}

    assert_refused(http.post("/oauth/token", data=form), 400, "invalid_request")


@pytest.mark.parametrize(
    ("name", "longest", "error"),
    [
        ("client_id", "x" * 4096, "invalid_client"),
        ("client_secret", "x" * 4096, "invalid_client"),
        ("scope", "x" * 4096, "invalid_scope"),
        ("scope", "x" * 4095 + " " + "y " * 14336, "invalid_scope"),
    ],
    ids=["client_id", "client_secret", "one scope", "all scopes"],
)
def test_the_longest_value_is_read_and_one_character_more_is_refused(
    http: FlaskClient, registered: Registered, name: str, longest: str, error: str
) -> None:
    """A client with a valid request would be told that it is malformed."""
    read = http.post("/oauth/token", data=grant(registered, **{name: longest}))
    refused = http.post("/oauth/token", data=grant(registered, **{name: longest + "x"}))

    assert read.get_json()["error"] == error
    assert_refused(refused, 400, "invalid_request")


@pytest.mark.parametrize(
    "query", ["client_secret=x", "grant_type=client_credentials", "scope=", "x"]
)
def test_a_parameter_in_the_url_is_refused(
    http: FlaskClient, registered: Registered, query: str
) -> None:
    """RFC 6749 §2.3.1: credentials in a URL would be in the logs."""
    answer = http.post(f"/oauth/token?{query}", data=grant(registered))

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.parametrize("name", ["client_id", "client_secret", "scope", "grant_type"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param("a\0b", id="NUL"),
        pytest.param("x" * 5_000, id="over-long"),
        pytest.param("x" * 1_048_576, id="a megabyte"),
    ],
)
def test_nul_bytes_and_over_long_values_are_refused(
    http: FlaskClient, registered: Registered, name: str, value: str
) -> None:
    """NUL bytes and over-long values are a 400, never a database error."""
    parameters: dict[str, Any] = grant(registered, **{name: value})

    assert_refused(http.post("/oauth/token", data=parameters), 400, "invalid_request")
    assert_refused(http.post("/oauth/token", json=parameters), 400, "invalid_request")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"grant_type=%FF%FE", id="coded bytes"),
        pytest.param(b"grant_type=\xff\xfe", id="plain bytes"),
        pytest.param(b"", id="empty"),
    ],
)
def test_a_broken_form_is_refused(http: FlaskClient, body: bytes) -> None:
    """RFC 6749 appendix B: a form is UTF-8."""
    answer = http.post("/oauth/token", data=body, content_type=FORM)

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.parametrize("value", [30, 1.5, True, None, [], ["a"], {}, {"a": 1}])
def test_unknown_json_members_are_ignored(
    http: FlaskClient, registered: Registered, value: Any
) -> None:
    """RFC 6749 §3.2: unknown members are ignored, whatever their type."""
    token = http.post("/oauth/token", json={**grant(registered), "timeout": value})
    assert token.status_code == 200, token.text

    for name in ("introspect", "revoke"):
        sent = {**grant(registered), "token": token.get_json()["access_token"]}
        answer = http.post(f"/oauth/{name}", json={**sent, "extra": value})
        assert answer.status_code == 200, name


@pytest.mark.parametrize("name", ["scope", "resource", "token", "code", "client_id"])
@pytest.mark.parametrize("value", [30, True, ["a"], {}])
def test_known_json_members_are_strings(
    http: FlaskClient, registered: Registered, name: str, value: Any
) -> None:
    """RFC 6749 appendix A: a list of scopes must not count as no scope."""
    sent = {**grant(registered), name: value}

    answer = http.post("/oauth/token", json=sent)

    assert_refused(answer, 400, "invalid_request")


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
    """Only a JSON object with string members is accepted."""
    answer = http.post("/oauth/token", data=body, content_type="application/json")

    assert_refused(answer, 400, "invalid_request")


@pytest.mark.parametrize(
    "content_type", ["text/plain", "multipart/form-data; boundary=x", "text/json", ""]
)
def test_another_content_type_is_refused(
    http: FlaskClient, registered: Registered, content_type: str
) -> None:
    """RFC 6749 §3.2 and appendix B."""
    body = "&".join(f"{k}={quote_plus(v)}" for k, v in grant(registered).items())

    answer = http.post("/oauth/token", data=body, content_type=content_type)

    assert_refused(answer, 400, "invalid_request")


def test_the_case_and_parameters_of_the_content_type_do_not_matter(
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


def test_the_refusal_of_a_multipart_form_names_the_right_type(
    http: FlaskClient, registered: Registered
) -> None:
    """The error told the client to send a form, and it had sent one."""
    form = {**grant(registered), "file": (io.BytesIO(b"x"), "x")}

    answer = http.post("/oauth/token", data=form, content_type="multipart/form-data")

    assert FORM in assert_refused(answer, 400, "invalid_request")
