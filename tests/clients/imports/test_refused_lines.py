"""If one line cannot be imported, nothing of the file is."""

from __future__ import annotations

from typing import Any

import pytest

from ...conftest import Run
from ..conftest import JWK
from .conftest import SECRET, Import, listed


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (b'{"client_secret": "chosen very long ago"', "not JSON"),
        (b'["chosen very long ago"]', "not a JSON object"),
        (b'{"client_id": "\xff"}', "UTF-8"),
        (b'{"client_id": "a", "note": "\\ud800"}', "UTF-8"),
        (b'{"client_id": "a", "client_id": "b"}', "twice"),
        (b"[" * 100_000, "not JSON"),
        (b'{"client_id": "reports", "expires_in": NaN}', "not JSON"),
        ({}, "client_name"),
        ({"contacts": ["a@b.example"]}, "'contacts'"),
        ({"secret_hash": SECRET}, "'secret_hash'"),
        ({"id": 1}, "'id'"),
        ({"client_id": 7}, "client_id is not a string"),
        ({"client_id": "ünicode"}, "ASCII"),
        ({"client_name": ""}, "client_name"),
        ({"client_secret": [SECRET]}, "client_secret is not a string"),
        ({"client_secret": "short"}, "client_secret: a chosen secret needs"),
        ({"client_secret": SECRET, "public": True}, "no secret"),
        ({"client_secret": SECRET, "jwks": {"keys": [JWK]}}, "or with a secret"),
        ({"public": "yes"}, "public is neither true nor false"),
        ({"token_endpoint_auth_method": "tls_client_auth"}, "client_secret_basic"),
        ({"token_endpoint_auth_method": "private_key_jwt"}, "client_secret_basic"),
        ({"token_endpoint_auth_method": "none", "public": False}, "'none'"),
        ({"public": True}, "grant_types: a public client"),
        ({"scope": "a", "scopes": "b"}, "did you mean scope?"),
        ({"resource": "http://localhost"}, "resource: only a resource server"),
        ({"grant_types": ["password"]}, "unknown grant type 'password'"),
        ({"grant_types": [1]}, "grant_types is not a list of strings"),
        ({"scope": {"a": 1}}, "scope is not a list of strings"),
        ({"scope": "réad"}, "réad"),
        ({"redirect_uris": "https://a.example/"}, "redirect_uris is not a list"),
        ({"redirect_uris": ["http://a.example/"]}, "https"),
        ({"expires_in": True}, "expires_in is not a whole number"),
        ({"expires_in": 0}, "lifetime"),
        ({"secret_expires_at": "soon"}, "2027-01-31T12:00Z"),
        ({"secret_expires_at": 1e9}, "2027-01-31T12:00Z"),
        ({"secret_expires_at": 10**30}, "2027-01-31T12:00Z"),
        ({"secret_expires_at": -1}, "1970"),
        ({"secret_expires_at": 9, "client_secret_expires_at": 8}, "not the same"),
        ({"created_at": "2999-01-01"}, "future"),
        ({"last_used_at": "2999-01-01"}, "future"),
        ({"state": "new"}, "active, expired or disabled"),
        ({"jwks": [JWK]}, "jwks is not a JWK set"),
        ({"jwks": {"keys": []}}, "key set"),
        ({"jwks": {"keys": [JWK]}, "jwks_uri": "https://a.example/"}, "not both"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_written(
    run: Run, refused: Import, line: Any, says: str
) -> None:
    """After half an import, somebody must find out which clients exist."""
    if isinstance(line, dict) and line:
        line = {"client_name": "Wrong", **line}

    [said] = refused({"client_id": "good"}, line, {"client_id": "good too"})

    assert said.startswith("line 2: ")
    assert says in said
    assert listed(run) == []


def test_every_wrong_line_is_named_at_once(run: Run, refused: Import) -> None:
    """Otherwise each attempt would show one more error."""
    run("clients", "create", "Taken", "--client-id", "taken")

    said = refused(
        {"client_id": "taken"},
        {"client_id": "twice"},
        b"",
        {"client_id": "twice"},
        b"nonsense",
    )

    assert said == [
        "line 1: client id 'taken' is taken",
        "line 4: client id 'twice' is that of line 2",
        "line 5: it is not JSON",
    ]
    assert listed(run) == ["taken"]


def test_a_file_without_clients_is_wrong_input(refused: Import) -> None:
    """The program that should have written the file has failed."""
    [said] = refused(b"")

    assert "no client" in said
