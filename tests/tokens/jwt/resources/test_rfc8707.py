"""A client says where it means to use a token (RFC 8707), opaque or signed."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient, TapAuth

from ....conftest import IssueToken, MakeApp, bearer, grant
from ..conftest import ELSEWHERE, ISSUER, claims_of, make_key, signing
from .conftest import (
    RESOURCES,
    THIRD,
    ask,
    assert_invalid_target,
    audience,
    opens,
)


def test_a_token_without_a_named_resource_is_for_this_app(
    http: FlaskClient, registered: RegisteredClient
) -> None:
    """RFC 9068 §3: the default is the first of TAPAUTH_RESOURCES."""
    answer = ask(http, registered)

    assert audience(http, registered, answer) == ISSUER
    assert opens(http, answer) == 200


def test_a_token_may_name_this_app_as_its_resource(
    http: FlaskClient, registered: RegisteredClient
) -> None:
    """RFC 8707 §2: the same as the default."""
    answer = ask(http, registered, ISSUER)

    assert audience(http, registered, answer) == ISSUER
    assert opens(http, answer) == 200


@pytest.mark.parametrize("resource", [ELSEWHERE, THIRD])
def test_a_token_for_another_resource_is_refused_here(
    http: FlaskClient, registered: RegisteredClient, resource: str
) -> None:
    """RFC 8707 §3: introspection shows what it is for."""
    answer = ask(http, registered, resource)

    assert audience(http, registered, answer) == [resource]
    assert opens(http, answer) == 401


def test_a_token_for_several_resources_is_accepted_by_each(
    http: FlaskClient, registered: RegisteredClient
) -> None:
    """RFC 8707 §2: the parameter may be repeated."""
    answer = ask(http, registered, ELSEWHERE, ISSUER, ELSEWHERE)

    assert audience(http, registered, answer) == [ELSEWHERE, ISSUER]
    assert opens(http, answer) == 200


@pytest.mark.parametrize(
    "resources",
    [
        ["https://evil.example"],
        [ISSUER, "https://evil.example"],
        ["invoices"],
        [ELSEWHERE + "/path"],
        [ELSEWHERE + "#part"],
        [ELSEWHERE + "?query"],
        ["http://invoices.example.com"],
        ["https://["],
        ["ü"],
        ["../"],
    ],
    ids=" ".join,
)
def test_a_resource_that_is_not_allowed_is_refused(
    http: FlaskClient, registered: RegisteredClient, resources: list[str]
) -> None:
    """RFC 8707 §2: invalid_target if it is unknown or malformed."""
    assert_invalid_target(ask(http, registered, *resources))


@pytest.mark.parametrize("resource", [" ", "\t", "\u2003"], ids=ascii)
def test_a_blank_resource_is_refused(
    http: FlaskClient, registered: RegisteredClient, resource: str
) -> None:
    """RFC 8707 §2: invalid_target, as it is no absolute URI."""
    assert_invalid_target(ask(http, registered, resource))


def test_scheme_and_host_have_no_case(
    http: FlaskClient, registered: RegisteredClient
) -> None:
    """RFC 3986 §6.2.2.1: the token has the resource as the app spells it."""
    answer = ask(http, registered, ELSEWHERE.upper())

    assert audience(http, registered, answer) == [ELSEWHERE]


def test_an_empty_path_is_the_same_as_a_slash(
    http: FlaskClient, registered: RegisteredClient
) -> None:
    """RFC 3986 §6.2.3: the token has the resource as the app spells it."""
    answer = ask(http, registered, ELSEWHERE + "/")

    assert audience(http, registered, answer) == [ELSEWHERE]


@pytest.mark.parametrize("other", ["scope", "grant_type"])
def test_no_other_parameter_may_be_repeated(
    http: FlaskClient, registered: RegisteredClient, other: str
) -> None:
    """RFC 6749 §3.2; RFC 8707 §2 makes the exception."""
    form = grant(registered, resource=[ISSUER, ELSEWHERE])
    form[other] = [form.get(other, "orders:read")] * 2

    answer = http.post("/oauth/token", data=form)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


def test_a_resource_may_be_asked_for_in_json(
    http: FlaskClient, registered: RegisteredClient
) -> None:
    """A JSON object with the same members is accepted (RFC 6749 asks for a form)."""
    answer = http.post("/oauth/token", json=grant(registered, resource=ELSEWHERE))

    assert audience(http, registered, answer) == [ELSEWHERE]


def test_a_signed_token_has_its_audience(make_app: MakeApp, tapauth: TapAuth) -> None:
    """RFC 9068 §3, RFC 7519 §4.1.3: a string for one, an array for several."""
    app = make_app(**signing(make_key()), TAPAUTH_RESOURCES=RESOURCES)
    with app.app_context():
        client = tapauth.clients.create("Reports")
    http = app.test_client()

    said = [
        claims_of(ask(http, client, *asked).get_json()["access_token"])["aud"]
        for asked in ([], [ELSEWHERE], [ELSEWHERE, ISSUER])
    ]

    assert said == [ISSUER, ELSEWHERE, [ELSEWHERE, ISSUER]]


def test_a_token_issued_from_code_is_for_this_app(
    http: FlaskClient, issue_token: IssueToken
) -> None:
    """issue_token takes no resource."""
    assert http.get("/whoami", headers=bearer(issue_token())).status_code == 200
