"""A process verifies the signature of a token once, and keeps a limited number."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from flask_tapauth._base.keys import KeySet
from flask_tapauth._tokens import jwt

from ...conftest import IssueToken, bearer


@pytest.fixture
def verified(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tokens whose signature was verified, in their order."""
    seen: list[str] = []
    verify = KeySet.verify

    def record(keys: KeySet, token: str) -> object:
        seen.append(token)
        return verify(keys, token)

    monkeypatch.setattr(KeySet, "verify", record)
    return seen


def test_the_signature_of_a_token_is_verified_once(
    http: FlaskClient, token: str, verified: list[str]
) -> None:
    """A signature costs more than the rest of a request."""
    answers = [http.get("/whoami", headers=bearer(token)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200] * 3
    assert verified == [token]


def test_the_number_of_tokens_that_are_kept_is_limited(
    http: FlaskClient,
    issue_token: IssueToken,
    verified: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a limit, a busy process would fill its memory with old tokens."""
    assert jwt._MAX_VERIFIED == 10_000
    monkeypatch.setattr(jwt, "_MAX_VERIFIED", 2)
    first, second, third = (issue_token() for _ in range(3))

    for token in (first, second, third, third, first):
        assert http.get("/whoami", headers=bearer(token)).status_code == 200

    assert verified == [first, second, third, first]


def test_a_forged_token_is_verified_each_time(
    http: FlaskClient, token: str, verified: list[str]
) -> None:
    """Callers can send any number of forged tokens: none of them takes a place."""
    forged = token[:-9] + "AAAAAAAAA"

    answers = [http.get("/whoami", headers=bearer(forged)) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [401] * 2
    assert verified == [forged] * 2
