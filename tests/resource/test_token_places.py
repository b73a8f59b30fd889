"""The places of a token in a request, as far as Flask's test client can send them.

That client passes headers which servers drop: `tests/servers` asks the servers.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from ..conftest import MakeApp, Registered, bearer, names_no_error
from .conftest import put

PLACES = ("bearer", "header", "Access-Token", "form", "json", "query")


@pytest.mark.parametrize("place", PLACES)
def test_a_token_is_taken_from_each_place(
    http: FlaskClient, registered: Registered, token: str, place: str
) -> None:
    """`Authorization`, `Access-Token`, `access_token`, form, JSON, and URL."""
    answer = http.open("/whoami", **put(token, place))

    assert answer.status_code == 200
    assert answer.get_json()["client_id"] == registered.client_id


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "beARer"])
def test_the_case_of_the_scheme_does_not_matter(
    http: FlaskClient, token: str, scheme: str
) -> None:
    """RFC 9110 §11.1: the name of the scheme is case-insensitive."""
    headers = {"Authorization": f"{scheme} {token}"}

    assert http.get("/whoami", headers=headers).status_code == 200


@pytest.mark.parametrize("place", PLACES)
def test_a_bad_token_is_refused_in_each_place(http: FlaskClient, place: str) -> None:
    """RFC 6750 §3.1, `invalid_token`."""
    answer = http.open("/whoami", **put("junk", place))

    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "places",
    [
        (one, two)
        for index, one in enumerate(PLACES)
        for two in PLACES[index + 1 :]
        # One body is either form or JSON, and WSGI has one name for both headers.
        if (one, two) not in {("form", "json"), ("header", "Access-Token")}
    ],
    ids="+".join,
)
def test_a_token_in_two_places_is_refused(
    http: FlaskClient, token: str, places: tuple[str, str]
) -> None:
    """RFC 6750 §2: clients must not use more than one method."""
    answer = http.open("/whoami", **put(token, *places))

    assert answer.status_code == 400
    assert answer.get_json()["error"] == "invalid_request"
    assert 'error="invalid_request"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "request_",
    [
        {"query_string": "access_token={0}&access_token={0}"},
        {
            "data": "access_token={0}&access_token={0}",
            "content_type": "application/x-www-form-urlencoded",
        },
        {
            "data": '{{"access_token": "{0}", "access_token": "{0}"}}',
            "content_type": "application/json",
        },
        {"headers": {"access_token": "{0},{0}"}},
    ],
    ids=["query", "form", "json", "header"],
)
def test_a_token_repeated_in_one_place_is_refused(
    http: FlaskClient, token: str, request_: dict[str, Any]
) -> None:
    """RFC 6750 §3.1, invalid_request: the same parameter repeated."""
    filled: dict[str, Any] = {
        name: {k: v.format(token) for k, v in value.items()}
        if isinstance(value, dict)
        else value.format(token)
        for name, value in request_.items()
    }

    answer = http.post("/whoami", **filled)

    assert answer.status_code == 400
    assert answer.get_json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "request_",
    [
        {"headers": {"access_token": ""}},
        {"query_string": "access_token="},
        {"data": {"access_token": ""}},
        {"json": {"access_token": None}},
        {"json": {"access_token": ""}},
    ],
    ids=["header", "query", "form", "null", "json"],
)
def test_an_empty_token_counts_as_omitted(
    http: FlaskClient, request_: dict[str, Any]
) -> None:
    """RFC 6749 §3.1: a parameter without a value counts as omitted."""
    answer = http.post("/whoami", **request_)

    assert answer.status_code == 401
    assert names_no_error(answer.headers["WWW-Authenticate"])


@pytest.mark.parametrize("value", [1, True, ["x"], {"x": "y"}, "a\0b", "\ud800"])
def test_a_token_that_is_no_text_is_invalid(http: FlaskClient, value: Any) -> None:
    """RFC 6750 §3.1, `invalid_token`: the token is malformed."""
    answer = http.post("/whoami", json={"access_token": value})

    assert answer.status_code == 401
    assert answer.get_json()["error"] == "invalid_token"


def test_an_answer_to_a_token_in_the_url_is_kept_from_shared_caches(
    http: FlaskClient, token: str
) -> None:
    """RFC 6750 §2.3: `Cache-Control: private`."""
    good = http.get("/whoami", query_string={"access_token": token})
    bad = http.get("/whoami", query_string={"access_token": "junk"})

    assert good.headers["Cache-Control"] == "private"
    assert "private" in bad.headers["Cache-Control"]
    assert "Cache-Control" not in http.get("/whoami", headers=bearer(token)).headers


@pytest.mark.parametrize(
    ("locations", "open_places"),
    [
        (["bearer"], {"bearer"}),
        (["header"], {"header", "Access-Token"}),
        (["body"], {"form", "json"}),
        (("query", "bearer"), {"bearer", "query"}),
    ],
)
def test_the_settings_narrow_the_places(
    make_app: MakeApp, locations: list[str], open_places: set[str]
) -> None:
    """TAPAUTH_TOKEN_LOCATIONS: a token in another place is ignored."""
    http = make_app(TAPAUTH_TOKEN_LOCATIONS=locations).test_client()

    seen = {
        place
        for place in PLACES
        if "error="
        in http.open("/whoami", **put("junk", place)).headers["WWW-Authenticate"]
    }

    assert seen == open_places
