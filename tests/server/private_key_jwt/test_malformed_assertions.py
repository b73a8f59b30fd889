"""A malformed assertion gets the same answer as a wrong secret, never a crash."""

from __future__ import annotations

import json
import random
import string
from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient

from .conftest import MakeAssertion, Refusal, refusal, request_token
from .signers import Signer, b64url, claims_for

SURPRISES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**400, float("inf"), float("nan")),
    *("", "x" * 300, "none", "\ud800", "a\0b", [], {}, ["x"], [[]], [None], {"a": 1}),
)
"""JSON values of types and sizes that code does not expect."""


def _with_header(key: Signer, client: RegisteredClient, header: dict[str, Any]) -> str:
    """Return an assertion with these header parameters; None is sent as null."""
    named = {"alg": key.algorithm, "kid": key.kid, **header}
    payload = json.dumps(claims_for(client)).encode()
    return key.sign_raw(json.dumps(named).encode(), payload)


@pytest.mark.parametrize("parameter", ["alg", "kid"])
def test_an_unexpected_value_in_the_header_is_refused(
    http: FlaskClient,
    signing_client: RegisteredClient,
    key: Signer,
    wrong_secret_refusal: Refusal,
    parameter: str,
) -> None:
    """RFC 7515 §4.1: `alg` and `kid` are strings that name an algorithm and a key."""
    answers = {}
    for value in SURPRISES:
        text = _with_header(key, signing_client, {parameter: value})
        answers[repr(value)] = refusal(request_token(http, text))

    assert answers == dict.fromkeys(answers, wrong_secret_refusal)


@pytest.mark.parametrize(
    "crit",
    [
        *([name] for name in ("exp", "zz", "unheard-of", "")),
        None,
        5,
        [[]],
        [None],
    ],
)
def test_a_critical_extension_that_is_not_understood_is_refused(
    http: FlaskClient,
    signing_client: RegisteredClient,
    key: Signer,
    wrong_secret_refusal: Refusal,
    crit: Any,
) -> None:
    """RFC 7515 §4.1.11: `crit` is a list of names, and we must understand each."""
    text = _with_header(key, signing_client, {"crit": crit, "zz": 1})

    assert refusal(request_token(http, text)) == wrong_secret_refusal


@pytest.mark.parametrize(
    "header",
    [
        *(b"", b"{", b"{}", b"[]", b"1", b"null", b'"x"', b"\xff", b"[" * 2000),
        *(b'{"a":' * 400, b'{"kid":"k1"}'),
        b'["alg"]',
        b'"alg"',
    ],
)
def test_a_header_that_is_not_a_json_object_is_refused(
    http: FlaskClient,
    signing_client: RegisteredClient,
    key: Signer,
    wrong_secret_refusal: Refusal,
    header: bytes,
) -> None:
    """RFC 7515 §5.2 (4): the header is a JSON object in UTF-8."""
    payload = json.dumps(claims_for(signing_client)).encode()

    assert (
        refusal(request_token(http, key.sign_raw(header, payload)))
        == wrong_secret_refusal
    )


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp"])
def test_an_unexpected_value_of_a_required_claim_is_refused(
    http: FlaskClient,
    signing_client: RegisteredClient,
    key: Signer,
    wrong_secret_refusal: Refusal,
    claim: str,
) -> None:
    """RFC 7523 §3: even a signed claim must be of the right type."""
    answers = {}
    for value in SURPRISES:
        claims = {**claims_for(signing_client), claim: value}
        answers[repr(value)] = refusal(request_token(http, key.sign(claims)))

    assert answers == dict.fromkeys(answers, wrong_secret_refusal)


@pytest.mark.parametrize("claim", ["nbf", "iat", "jti"])
@pytest.mark.parametrize(
    "value", [None, True, float("inf"), float("nan"), "", "x" * 300, [], {}, ["x"]]
)
def test_an_unexpected_value_of_another_claim_is_refused(
    http: FlaskClient,
    signing_client: RegisteredClient,
    key: Signer,
    wrong_secret_refusal: Refusal,
    claim: str,
    value: Any,
) -> None:
    """RFC 7519 §4.1: two numbers, and a string that must not be empty or endless."""
    claims = {**claims_for(signing_client), claim: value}

    assert refusal(request_token(http, key.sign(claims))) == wrong_secret_refusal


@pytest.mark.parametrize(
    "payload",
    [
        *(b"", b"{", b"{}", b"[]", b"1", b"null", b'"x"', b"\xff", b"[" * 2500),
        *(b'{"sub":"signs"}', b'{"sub":' + b"9" * 2500 + b"}", b'{"a":' * 500),
        '{"sub":"signs"}'.encode("utf-16"),
    ],
)
def test_a_payload_that_is_not_a_claims_set_is_refused(
    http: FlaskClient,
    signing_client: RegisteredClient,
    key: Signer,
    wrong_secret_refusal: Refusal,
    payload: bytes,
) -> None:
    """RFC 7519 §7.2 (10): even a signed payload must be a JSON object in UTF-8."""
    header = b'{"alg":"ES256","kid":"k1"}'

    assert (
        refusal(request_token(http, key.sign_raw(header, payload)))
        == wrong_secret_refusal
    )


def test_text_that_is_not_a_compact_jws_is_refused(
    http: FlaskClient, make_assertion: MakeAssertion, wrong_secret_refusal: Refusal
) -> None:
    """RFC 7515 §3.1: exactly three parts in base64url, with nothing around them."""
    good = make_assertion()
    head, payload, signature = good.split(".")
    texts = [
        *(".", "..", "...", "a", "a.b", "a.b.c", "é.é.é", "\N{ROCKET}", "{}"),
        *(head, f"{head}.{payload}", f"{head}.{payload}.", f"{head}..{signature}"),
        *(f".{payload}.{signature}", f"{good}.", f".{good}", f"{good}.{signature}"),
        *(f"{good}=", f"{good}\n", f" {good}", f"{good} ", good[:-1], f"{good}A"),
        *(good.upper(), f"{head}=.{payload}.{signature}", f"{good}AAAA", "." * 4000),
        *(f"{head}.{payload}.{b64url(bytes(64))}", f"{good}é", f"é{good}"),
        f"{head}.{payload}.{b64url(bytes([255]) * 64)}",
    ]

    answers = {text: refusal(request_token(http, text)) for text in texts}

    assert answers == dict.fromkeys(texts, wrong_secret_refusal)


@pytest.mark.parametrize("seed", range(5))
def test_a_valid_assertion_with_one_character_changed_is_refused(
    http: FlaskClient,
    make_assertion: MakeAssertion,
    wrong_secret_refusal: Refusal,
    seed: int,
) -> None:
    """RFC 7515 §5.2 (8): the signature covers every character."""
    dice = random.Random(seed)  # noqa: S311 - the same each time
    texts = []
    for _ in range(60):
        good = make_assertion()
        at = dice.randrange(len(good))
        other = dice.choice((string.ascii_letters + "-_.+/=").replace(good[at], ""))
        texts.append(good[:at] + other + good[at + 1 :])

    answers = {text: refusal(request_token(http, text)) for text in texts}

    assert answers == dict.fromkeys(texts, wrong_secret_refusal)
