"""An assertion may carry the certificates of its key (RFC 7515 §4.1.6)."""

from __future__ import annotations

import base64
import os

from flask.testing import FlaskClient

from flask_tapauth._base.key_reading import read_client_keys
from flask_tapauth._base.keys import KeySet

from .conftest import MakeAssertion, request_token
from .signers import key_set, signer


def make_chain(sizes: list[int]) -> list[str]:
    """Return random bytes of these sizes; the server does not read certificates."""
    return [base64.b64encode(os.urandom(size)).decode() for size in sizes]


def test_an_assertion_with_a_certificate_is_accepted(
    http: FlaskClient, make_assertion: MakeAssertion
) -> None:
    """A library's limit of 512 bytes for the header refused the assertion."""
    text = make_assertion(header={"x5c": make_chain([900, 800])})

    assert len(text) < 4096
    assert request_token(http, text).status_code == 200


def test_a_long_chain_is_verified() -> None:
    """Three certificates with RSA keys take up 6 kB."""
    keys: KeySet = read_client_keys(key_set(signer("RS256")))

    token = signer("RS256").sign({"sub": "a"}, x5c=make_chain([1800, 1700, 1500]))

    assert len(token) > 8000
    assert keys.verify(token) is not None
