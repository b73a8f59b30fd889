"""Junk in the place of an assertion gets the one answer, and crashes nothing."""

from __future__ import annotations

import json
import random
import string
from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient

from .conftest import (
    Assertion,
    Refusal,
    Signer,
    ask,
    b64url,
    claims_for,
    refusal,
)

SURPRISES: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**400, float("inf"), float("nan")),
    *("", "x" * 300, "none", "\ud800", "a\0b", [], {}, ["x"], [[]], [None], {"a": 1}),
)
"""Values that JSON can carry and hardly anybody expects."""


def _with_header(key: Signer, client: RegisteredClient, header: dict[str, Any]) -> str:
    """An assertion that is good but for these header parameters, null among them."""
    named = {"alg": key.algorithm, "kid": key.kid, **header}
    payload = json.dumps(claims_for(client)).encode()
    return key.sign_raw(json.dumps(named).encode(), payload)


@pytest.mark.parametrize("parameter", ["alg", "kid"])
def test_a_header_of_surprises_is_refused(
    http: FlaskClient,
    signing: RegisteredClient,
    key: Signer,
    wrong_secret: Refusal,
    parameter: str,
) -> None:
    """RFC 7515 §4.1: strings that say which key and algorithm; else no JWT of ours."""
    answers = {}
    for value in SURPRISES:
        text = _with_header(key, signing, {parameter: value})
        answers[repr(value)] = refusal(ask(http, text))

    assert answers == dict.fromkeys(answers, wrong_secret)


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
    signing: RegisteredClient,
    key: Signer,
    wrong_secret: Refusal,
    crit: Any,
) -> None:
    """RFC 7515 §4.1.11: crit is a list of names, each of them understood."""
    text = _with_header(key, signing, {"crit": crit, "zz": 1})

    assert refusal(ask(http, text)) == wrong_secret


@pytest.mark.parametrize(
    "header",
    [
        *(b"", b"{", b"{}", b"[]", b"1", b"null", b'"x"', b"\xff", b"[" * 2000),
        *(b'{"a":' * 400, b'{"kid":"k1"}'),
        b'["alg"]',
        b'"alg"',
    ],
)
def test_a_header_that_is_none_is_refused(
    http: FlaskClient,
    signing: RegisteredClient,
    key: Signer,
    wrong_secret: Refusal,
    header: bytes,
) -> None:
    """RFC 7515 §5.2 (4): a JSON object, in UTF-8."""
    payload = json.dumps(claims_for(signing)).encode()

    assert refusal(ask(http, key.sign_raw(header, payload))) == wrong_secret


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp"])
def test_claims_of_surprises_are_refused(
    http: FlaskClient,
    signing: RegisteredClient,
    key: Signer,
    wrong_secret: Refusal,
    claim: str,
) -> None:
    """RFC 7523 §3: signed or not, a claim of another kind is none."""
    answers = {}
    for value in SURPRISES:
        claims = {**claims_for(signing), claim: value}
        answers[repr(value)] = refusal(ask(http, key.sign(claims)))

    assert answers == dict.fromkeys(answers, wrong_secret)


@pytest.mark.parametrize("claim", ["nbf", "iat", "jti"])
@pytest.mark.parametrize(
    "value", [None, True, float("inf"), float("nan"), "", "x" * 300, [], {}, ["x"]]
)
def test_optional_claims_of_another_kind_are_refused(
    http: FlaskClient,
    signing: RegisteredClient,
    key: Signer,
    wrong_secret: Refusal,
    claim: str,
    value: Any,
) -> None:
    """RFC 7519 §4.1: numbers and a string, of 1 to 255 characters by the contract."""
    claims = {**claims_for(signing), claim: value}

    assert refusal(ask(http, key.sign(claims))) == wrong_secret


@pytest.mark.parametrize(
    "payload",
    [
        *(b"", b"{", b"{}", b"[]", b"1", b"null", b'"x"', b"\xff", b"[" * 2500),
        *(b'{"sub":"signs"}', b'{"sub":' + b"9" * 2500 + b"}", b'{"a":' * 500),
        '{"sub":"signs"}'.encode("utf-16"),
    ],
)
def test_a_payload_that_is_no_claims_set_is_refused(
    http: FlaskClient,
    signing: RegisteredClient,
    key: Signer,
    wrong_secret: Refusal,
    payload: bytes,
) -> None:
    """RFC 7519 §7.2 (10): a JSON object, in UTF-8, however well signed."""
    header = b'{"alg":"ES256","kid":"k1"}'

    assert refusal(ask(http, key.sign_raw(header, payload))) == wrong_secret


def test_text_of_another_form_is_refused(
    http: FlaskClient, assertion: Assertion, wrong_secret: Refusal
) -> None:
    """RFC 7515 §3.1: three parts of base64url, and nothing around them."""
    good = assertion()
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

    answers = {text: refusal(ask(http, text)) for text in texts}

    assert answers == dict.fromkeys(texts, wrong_secret)


@pytest.mark.parametrize("seed", range(5))
def test_a_good_assertion_with_one_character_changed_is_refused(
    http: FlaskClient, assertion: Assertion, wrong_secret: Refusal, seed: int
) -> None:
    """RFC 7515 §5.2 (8): whichever character it is."""
    dice = random.Random(seed)  # noqa: S311 - the same each time
    texts = []
    for _ in range(60):
        good = assertion()
        at = dice.randrange(len(good))
        other = dice.choice((string.ascii_letters + "-_.+/=").replace(good[at], ""))
        texts.append(good[:at] + other + good[at + 1 :])

    answers = {text: refusal(ask(http, text)) for text in texts}

    assert answers == dict.fromkeys(texts, wrong_secret)
