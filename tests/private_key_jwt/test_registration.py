"""A client registers public keys, or where it publishes them, and nothing secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegistrationError

from ..conftest import Register, Run
from .commands import KEYS_AT, assert_refused, write
from .conftest import Signer, ask, claims_for, signer


@pytest.mark.parametrize("command", ["create", "show"])
def test_the_command_line_says_how_a_client_proves_itself(
    run: Run, keys: str, command: str
) -> None:
    """RFC 7591 §2: token_endpoint_auth_method, and no secret exists."""
    created = run(
        "clients", "create", "R", "--client-id", "r", "--jwks", keys, "--json"
    )
    shown = run("clients", "show", "r", "--json")

    described = json.loads((created if command == "create" else shown).stdout)

    assert described["token_endpoint_auth_method"] == "private_key_jwt"
    assert described["jwks_uri"] is None
    assert described["public"] is False
    assert described.get("client_secret") is None


def test_the_command_line_shows_where_the_keys_are(run: Run) -> None:
    """RFC 7591 §2: jwks_uri, which people read too."""
    created = run("clients", "create", "R", "--client-id", "r", "--jwks-uri", KEYS_AT)
    described = json.loads(run("clients", "show", "r", "--json").stdout)

    assert created.exit_code == 0
    assert described["token_endpoint_auth_method"] == "private_key_jwt"
    assert described["jwks_uri"] == KEYS_AT
    assert KEYS_AT in run("clients", "show", "r").stdout


@pytest.mark.parametrize(
    ("registration", "method"),
    [((), "client_secret_basic"), (("--public",), "none")],
)
def test_the_command_line_says_how_other_clients_do(
    run: Run, registration: tuple[str, ...], method: str
) -> None:
    """RFC 7591 §2: token_endpoint_auth_method of those without keys."""
    run("clients", "create", "R", "--client-id", "r", *registration)

    described = json.loads(run("clients", "show", "r", "--json").stdout)

    assert described["token_endpoint_auth_method"] == method


def test_a_client_of_the_command_line_gets_a_token(
    run: Run, http: FlaskClient, register: Register, key: Signer, keys: str
) -> None:
    """Issue text: `clients create --jwks FILE`, and it signs."""
    result = run("clients", "create", "R", "--jwks", keys, "--json")
    client_id = json.loads(result.stdout)["client_id"]

    answer = ask(http, key.sign(claims_for(register(), iss=client_id, sub=client_id)))

    assert answer.status_code == 200


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "EdDSA", "RS256"])
def test_a_private_key_is_refused_and_not_shown(
    run: Run, tmp_path: Path, algorithm: str
) -> None:
    """RFC 7517 §9.2: private keys are the client's alone, even among public ones."""
    key = signer(algorithm)
    path = write(tmp_path, {"keys": [signer(kid="k2").public, key.private]})

    result = run("clients", "create", "R", "--jwks", path)

    assert_refused(
        result, key.private["d"], key.private["x" if "x" in key.public else "n"]
    )
    assert "private key" in result.stderr


def test_a_private_part_alone_is_refused(run: Run, tmp_path: Path) -> None:
    """RFC 7518 §6.3.2: of a prime factor anybody makes the private key."""
    key = signer("RS256")
    path = write(tmp_path, {"keys": [{**key.public, "p": key.private["p"]}]})

    assert_refused(run("clients", "create", "R", "--jwks", path), key.private["p"])


@pytest.mark.parametrize("alg", [None, "HS256"])
def test_a_symmetric_key_is_refused_and_not_shown(
    run: Run, tmp_path: Path, key: Signer, alg: str | None
) -> None:
    """RFC 7518 §6.4: no shared secret need exist, and none is taken."""
    shared: dict[str, Any] = {"kty": "oct", "k": "c2VjcmV0" * 8, "alg": alg}
    path = write(tmp_path, {"keys": [key.public, shared]})

    assert_refused(run("clients", "create", "R", "--jwks", path), shared["k"])


@pytest.mark.parametrize(
    "value",
    [
        *(b"", b"{", b"[]", b'{"keys": []}', b'{"keys": {}}', b'{"keys": [1]}'),
        *(b"[" * 100_000, json.dumps(signer().public).encode()),
        {"keys": [{**signer().public, "kty": "EC2"}]},
        {"keys": [{**signer().public, "crv": "P-521"}]},
        {"keys": [{**signer().public, "x": "AAAA"}]},
        {"keys": [{**signer().public, "use": "enc"}]},
        {"keys": [{**signer().public, "alg": "HS256"}]},
        {"keys": [{**signer().public, "kid": 5}]},
        {"keys": [signer().public, signer(number=2).public]},
        {"keys": [{**signer().public, "crv": ["P-256"]}]},
        b"\xff\xfe",
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_file_that_is_no_key_set_is_refused(
    run: Run, tmp_path: Path, value: Any
) -> None:
    """RFC 7517 §5, and the contract: wrong input is one line and exit code 2."""
    result = run("clients", "create", "R", "--jwks", write(tmp_path, value))

    assert_refused(result, signer().public["x"], signer().public["y"])


def test_a_short_key_is_refused(register: Register) -> None:
    """RFC 7518 §3.3: 2048 bits at least."""
    key = signer("RS256").public

    with pytest.raises(RegistrationError, match="2048 bits"):
        register(jwks={"keys": [{**key, "n": key["n"][:170]}]})


@pytest.mark.parametrize(
    "uri",
    [
        *(
            "http://keys.example/",
            "ftp://keys.example/",
            "keys.example",
            "https://",
            "",
        ),
        *("https://localhost/", "https://127.0.0.1:8443/", "https://[::1]/"),
        *("https://user@keys.example/", "https://u:p@keys.example/"),
        *(
            "https://keys.example/#k",
            "https://keys.example#",
            "https://k.example:99999/",
        ),
        *("https://keys.example/ a", "https://keys.example/ü", "https://a.b/\n"),
        "https://keys.example/" + "a" * 2000,
    ],
    ids=lambda uri: uri[:30],
)
def test_a_key_set_uri_that_is_not_public_https_is_refused(run: Run, uri: str) -> None:
    """RFC 7591 §2 (jwks_uri), and the contract: https, on a host of the internet."""
    assert_refused(run("clients", "create", "R", "--jwks-uri", uri))


@pytest.mark.parametrize(
    "more",
    [("--jwks-uri", KEYS_AT), ("--public",), ("--client-secret", "a secret chosen")],
    ids=lambda more: more[0],
)
def test_keys_exclude_other_ways_to_prove_oneself(
    run: Run, keys: str, more: tuple[str, ...]
) -> None:
    """RFC 7591 §2: one method, and jwks and jwks_uri never both."""
    assert_refused(run("clients", "create", "R", "--jwks", keys, *more))
    assert json.loads(run("clients", "list", "--json").stdout) == []
