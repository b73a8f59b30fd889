"""Tokens with a good signature and wrong claims: each is a 401."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask.testing import FlaskClient

from ....conftest import bearer
from ..conftest import (
    ELSEWHERE,
    ISSUER,
    AssertRefused,
    claims_of,
    compact,
    resign,
)
from .conftest import SIGN


@pytest.mark.parametrize("typ", ["AT+JWT", "application/at+jwt"])
def test_the_type_may_be_written_in_full(
    http: FlaskClient, token: str, typ: str
) -> None:
    """RFC 9068 §4, RFC 7515 §4.1.9: a media type, in upper or lower case."""
    again = resign(token, SIGN, {"typ": typ})

    assert http.get("/whoami", headers=bearer(again)).status_code == 200


@pytest.mark.parametrize("later", [3600, 3601, 10**9])
def test_an_expired_token_is_refused(
    assert_refused: AssertRefused,
    token: str,
    monkeypatch: pytest.MonkeyPatch,
    later: int,
) -> None:
    """RFC 7519 §4.1.4: from the second of `exp` on."""
    monkeypatch.setattr(time, "time", lambda: claims_of(token)["iat"] + later)

    assert_refused(token)


@pytest.mark.parametrize(
    "issuer",
    [
        "https://evil.example",
        "https://api.example.com/",
        "HTTPS://api.example.com",
        ["https://api.example.com"],
        {},
        5,
    ],
    ids=str,
)
def test_another_issuer_is_refused(
    assert_refused: AssertRefused, token: str, issuer: Any
) -> None:
    """RFC 9068 §4: `iss` must match the issuer identifier exactly."""
    assert_refused(resign(token, SIGN, claims={"iss": issuer}))


@pytest.mark.parametrize("audience", [ELSEWHERE, [ELSEWHERE]], ids=["one", "list"])
def test_another_audience_is_refused(
    assert_refused: AssertRefused, token: str, audience: Any
) -> None:
    """RFC 9068 §4: `aud` must contain this resource."""
    assert_refused(resign(token, SIGN, claims={"aud": audience}))


@pytest.mark.parametrize(
    "audience", [[], {}, {ISSUER: 1}, 5, [5], "", [ISSUER, 5]], ids=str
)
def test_a_malformed_audience_is_refused(
    assert_refused: AssertRefused, token: str, audience: Any
) -> None:
    """RFC 7519 §4.1.3: `aud` is a string, or an array of strings."""
    assert_refused(resign(token, SIGN, claims={"aud": audience}))


@pytest.mark.parametrize(
    "claim",
    ["iss", "sub", "sub_type", "aud", "client_id", "scope", "iat", "exp", "jti"],
)
def test_a_missing_claim_is_refused(
    assert_refused: AssertRefused, token: str, claim: str
) -> None:
    """RFC 9068 §2.2: these claims are required."""
    assert_refused(resign(token, SIGN, claims={claim: None}))


@pytest.mark.parametrize("claim", ["sub", "sub_type", "client_id", "jti"])
def test_an_empty_claim_is_refused(
    assert_refused: AssertRefused, token: str, claim: str
) -> None:
    """RFC 9068 §2.2: an empty string identifies nobody."""
    assert_refused(resign(token, SIGN, claims={claim: ""}))


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("sub", 5),
        ("sub", ["ann"]),
        ("jti", 5),
        ("jti", {}),
        ("scope", 5),
        ("exp", "9999999999"),
        ("exp", float("inf")),
        ("exp", float("nan")),
        ("exp", True),
        ("exp", -1),
        ("iat", "now"),
        ("nbf", "now"),
        ("nbf", 99_999_999_999),
    ],
    ids=str,
)
def test_a_claim_of_the_wrong_type_is_refused(
    assert_refused: AssertRefused, token: str, claim: str, value: Any
) -> None:
    """RFC 7519 §4.1: a wrong type must not be a 500."""
    assert_refused(resign(token, SIGN, claims={claim: value}))


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize(("ahead", "status"), [(50, 200), (70, 401), (600, 401)])
def test_a_claim_of_the_future_is_refused_beyond_a_minute(
    http: FlaskClient, token: str, claim: str, ahead: int, status: int
) -> None:
    """RFC 7519 §4.1.5: a small leeway for clocks that differ, and no more."""
    future = int(time.time()) + ahead
    early = resign(token, SIGN, claims={"exp": future + 600, claim: future})

    assert http.get("/whoami", headers=bearer(early)).status_code == status


@pytest.mark.parametrize(
    "typ",
    [None, "JWT", "id_token+jwt", "at+jwt2", "application/jwt", "", 5, ["at+jwt"]],
    ids=str,
)
def test_another_token_type_is_refused(
    assert_refused: AssertRefused, token: str, typ: Any
) -> None:
    """RFC 9068 §4: our key may sign other kinds of JWT as well."""
    assert_refused(resign(token, SIGN, {"typ": typ}))


@pytest.mark.parametrize("header", [{"crit": ["exp"]}, {"crit": ["b64"], "b64": False}])
def test_an_unknown_critical_extension_is_refused(
    assert_refused: AssertRefused, token: str, header: dict[str, Any]
) -> None:
    """RFC 7515 §4.1.11."""
    assert_refused(resign(token, SIGN, header))


def test_an_unknown_header_member_is_ignored(http: FlaskClient, token: str) -> None:
    """RFC 7515 §4."""
    again = resign(token, SIGN, {"x-trace": "5"})

    assert http.get("/whoami", headers=bearer(again)).status_code == 200


def test_claims_that_are_no_object_are_refused(assert_refused: AssertRefused) -> None:
    """RFC 7519 §7.2: the claims are a JSON object."""
    for claims in ([], "claims", 5, None, [["jti", "x"]]):
        header = {"alg": "ES256", "typ": "at+jwt", "kid": "first"}
        assert_refused(compact(header, claims, SIGN))
