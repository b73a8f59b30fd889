"""Malformed tokens: each is a 401, and never a 500."""

from __future__ import annotations

import random
import string

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from ....statements import statements
from ..conftest import (
    AssertRefused,
    encode,
    make_key,
    resign,
    signer,
)
from .conftest import SIGN

ALPHABET = string.ascii_letters + string.digits + "-_."
HEADER = '{"alg":"ES256","typ":"at+jwt","kid":"first"'


@pytest.mark.parametrize(
    "token",
    [
        "x",
        ".",
        "..",
        "...",
        "....",
        "a.b.c",
        "a.b.c.d.e",
        "é.é.é",
        "=.=.=",
        "e30.e30.e30",
        "e30.e30.",
        ".e30.AA",
        "\x7f\x01.\x02.\x03",
        "{}",
        '{"payload":"e30"}',
        "tapat_",
        "taprt_.e30.AA",
        "null",
        "%00",
    ],
    ids=ascii,
)
def test_a_malformed_jws_is_refused(assert_refused: AssertRefused, token: str) -> None:
    """RFC 7519 §7.2: a JWT has three parts of unpadded base64url."""
    assert_refused(token)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "null",
        "5",
        '"ES256"',
        pytest.param('"alg"'),
        "[]",
        pytest.param('["alg"]'),
        "{}",
        "{",
        "\udc80".encode(errors="surrogateescape"),
        '{"alg":null}',
        '{"alg":5}',
        '{"alg":[]}',
        '{"alg":["ES256"]}',
        '{"alg":{"ES256":1}}',
        '{"alg":"\\ud800"}',
        f'{HEADER},"kid":["first"]}}',
        f'{HEADER},"kid":{{"first":1}}}}',
        f'{HEADER},"kid":"\\ud800"}}',
        f'{HEADER},"typ":{{}}}}',
        f'{HEADER},"jwk":5}}',
        f'{HEADER},"x5c":"MIIB"}}',
        f'{HEADER},"crit":[]}}',
        f'{HEADER},"crit":"exp"}}',
        pytest.param(f'{HEADER},"crit":5}}'),
        pytest.param(f'{HEADER},"crit":null}}'),
        pytest.param(f'{HEADER},"crit":[[]]}}'),
        f'{HEADER},"n":{"9" * 300}}}',
        "[" * 300,
    ],
    ids=ascii,
)
def test_a_malformed_header_is_refused(
    assert_refused: AssertRefused, header: str | bytes
) -> None:
    """RFC 7515 §5.2: it must not be a 500."""
    assert_refused(f"{encode(header)}.{encode('{}')}.{encode(b'0' * 64)}")


@pytest.mark.parametrize("payload", ["", "{", "[" * 100_000, "\xff", "9" * 5000, "{}"])
def test_a_malformed_payload_with_a_good_signature_is_refused(
    assert_refused: AssertRefused, payload: str
) -> None:
    """RFC 7519 §7.2: the claims are a JSON object."""
    signed = f"{encode(HEADER + '}')}.{encode(payload.encode('latin-1'))}"

    assert_refused(f"{signed}.{encode(SIGN(signed.encode()))}")


@pytest.mark.parametrize("seed", range(20))
def test_a_token_with_changed_characters_is_refused(
    http: FlaskClient, token: str, seed: int
) -> None:
    """RFC 7515 §5.2: each change of a part breaks the signature."""
    dice = random.Random(seed)  # noqa: S311 - to be the same each time

    answers = {
        http.get(
            "/whoami", headers={"Authorization": f"Bearer {mutated(token, dice)}"}
        ).status_code
        for _ in range(25)
    }

    assert answers == {401}


def mutated(token: str, dice: random.Random) -> str:
    """Change a token somewhere, its last character excepted: not all bits of that one
    count (RFC 4648 §3.5)."""
    changed = token
    while changed == token:
        for _ in range(dice.choice([1, 1, 2, 5])):
            at, to = sorted(dice.randrange(len(changed) - 1) for _ in range(2))
            character = dice.choice(ALPHABET)
            changed = dice.choice(
                [
                    changed[:at] + character + changed[at + 1 :],
                    changed[:at] + character + changed[at:],
                    changed[:at] + changed[at + 1 :],
                    changed[:at] + changed[to:],
                    changed[:to] + changed[at:],
                    changed[:at].swapcase() + changed[at:],
                ]
            )
    return changed


@pytest.mark.parametrize("part", [0, 1, 2], ids=["header", "payload", "signature"])
@pytest.mark.parametrize("length", [2_000, 500_000])
def test_a_huge_token_is_refused(
    assert_refused: AssertRefused, token: str, part: int, length: int
) -> None:
    """A long value must not be a 500."""
    parts = token.split(".")
    parts[part] += "A" * length

    assert_refused(".".join(parts))


def test_a_huge_token_in_the_body_is_refused(http: FlaskClient, token: str) -> None:
    """A long value must not be a 500."""
    huge = {"access_token": token + "A" * 50_000}

    assert http.post("/whoami", data=huge).status_code == 401


def test_a_token_without_a_good_signature_costs_no_statement(
    app: Flask, db: SQLAlchemy, http: FlaskClient, token: str
) -> None:
    """Anybody can send forged tokens."""
    forged = resign(token, signer(make_key(kid="foreign")))

    with statements(app, db) as seen:
        for junk in (forged, token[:-3], "a.b.c"):
            http.get("/whoami", headers={"Authorization": f"Bearer {junk}"})

    assert seen == []
