"""PKCE with S256, for every client (RFC 7636, RFC 9700 §2.1.1)."""

from __future__ import annotations

import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from .flow import VERIFIER, Flow, told

CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
"""The example of RFC 7636, appendix B."""
ITS_VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


def test_the_example_of_the_rfc_works(each_flow: Flow) -> None:
    """RFC 7636 §4.6, appendix B."""
    code = each_flow.get_code(code_challenge=CHALLENGE)

    assert each_flow.exchange(code, code_verifier=ITS_VERIFIER).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": None},  # the default would be plain (§4.3)
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": CHALLENGE[:-1]},
        {"code_challenge": f"{CHALLENGE}="},
        {"code_challenge": f"{CHALLENGE}\n"},
        {"code_challenge": f"{CHALLENGE[:-1]}~"},
        {"code_challenge": f"{CHALLENGE[:-1]}é"},
    ],
)
def test_a_request_without_a_right_challenge_is_refused(
    each_flow: Flow, changes: dict[str, str | None]
) -> None:
    """RFC 7636 §4.4.1: `invalid_request`, which the client is told."""
    answer = told(each_flow.ask(**changes))

    assert answer["error"] == "invalid_request"
    assert answer["state"] == "kept & safe"


@pytest.mark.parametrize("name", ["code_challenge", "code_challenge_method"])
def test_a_repeated_challenge_is_refused(flow: Flow, name: str) -> None:
    """RFC 6749 §3.1: one of the two could be an attacker's."""
    query = {**flow.asked(), name: ["S256", CHALLENGE]}

    answer = flow.http.get("/oauth/authorize", query_string=query)

    assert told(answer)["error"] == "invalid_request"


@pytest.mark.parametrize(
    ("verifier", "error"),
    [
        (None, "invalid_request"),
        ("", "invalid_request"),
        (VERIFIER[:42], "invalid_request"),
        ("x" * 129, "invalid_request"),
        (f"{VERIFIER}\n", "invalid_request"),
        (f"{VERIFIER} ", "invalid_request"),
        (f"{VERIFIER}é", "invalid_request"),
        (VERIFIER.upper(), "invalid_grant"),
        (f"{VERIFIER}x", "invalid_grant"),
        (CHALLENGE, "invalid_grant"),
    ],
)
def test_a_wrong_verifier_is_refused(
    each_flow: Flow, verifier: str | None, error: str
) -> None:
    """RFC 7636 §4.6: and the code is left as it is, for the right client."""
    code = each_flow.get_code()

    assert each_flow.refusal(code, code_verifier=verifier) == (400, error)
    assert each_flow.exchange(code).status_code == 200


def test_the_challenge_itself_is_no_verifier(flow: Flow) -> None:
    """RFC 9700 §4.8: as with `plain`, it would help whoever read the request."""
    code = flow.get_code(code_challenge=CHALLENGE)

    assert flow.refusal(code, code_verifier=CHALLENGE) == (400, "invalid_grant")


@pytest.mark.parametrize("length", [43, 128])
def test_a_verifier_has_from_43_to_128_characters(flow: Flow, length: int) -> None:
    """RFC 7636 §4.1: with the unreserved characters."""
    verifier = "-._~aZ09".ljust(length, "x")
    code = flow.get_code(code_challenge=create_s256_code_challenge(verifier))

    assert flow.exchange(code, code_verifier=verifier).status_code == 200
