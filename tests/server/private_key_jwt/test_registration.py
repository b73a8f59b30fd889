"""A client registers public keys or the address of its keys, and nothing secret."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegistrationError

from ...conftest import Register, Run
from .commands import KEYS_AT, assert_refused, write
from .conftest import request_token
from .signers import Signer, claims_for, signer


@pytest.mark.parametrize("command", ["create", "show"])
def test_the_command_line_shows_that_a_client_uses_private_key_jwt(
    run: Run, key_file: str, command: str
) -> None:
    """RFC 7591 §2 (token_endpoint_auth_method): and the client has no secret."""
    created = run(
        "clients", "create", "R", "--client-id", "r", "--jwks", key_file, "--json"
    )
    shown = run("clients", "show", "r", "--json")

    described = json.loads((created if command == "create" else shown).stdout)

    assert described["token_endpoint_auth_method"] == "private_key_jwt"
    assert described["jwks_uri"] is None
    assert described["public"] is False
    assert described.get("client_secret") is None


def test_the_command_line_shows_the_address_of_the_keys(run: Run) -> None:
    """RFC 7591 §2 (jwks_uri): in JSON and in the text for people."""
    created = run("clients", "create", "R", "--client-id", "r", "--jwks-uri", KEYS_AT)
    described = json.loads(run("clients", "show", "r", "--json").stdout)

    assert created.exit_code == 0
    assert described["token_endpoint_auth_method"] == "private_key_jwt"
    assert described["jwks_uri"] == KEYS_AT
    assert KEYS_AT in run("clients", "show", "r").stdout


@pytest.mark.parametrize(
    ("registration", "method"),
    [
        ((), "client_secret_basic"),
        (
            ("--public", "--grant-type=implicit", "--redirect-uri=https://a.example/"),
            "none",
        ),
    ],
)
def test_the_command_line_shows_the_method_of_a_client_without_keys(
    run: Run, registration: tuple[str, ...], method: str
) -> None:
    """RFC 7591 §2 (token_endpoint_auth_method)."""
    run("clients", "create", "R", "--client-id", "r", *registration)

    described = json.loads(run("clients", "show", "r", "--json").stdout)

    assert described["token_endpoint_auth_method"] == method


def test_a_client_registered_at_the_command_line_gets_a_token(
    run: Run, http: FlaskClient, register: Register, key: Signer, key_file: str
) -> None:
    """docs/how-to/clients/private-key-jwt.md: `clients create --jwks FILE`."""
    result = run("clients", "create", "R", "--jwks", key_file, "--json")
    client_id = json.loads(result.stdout)["client_id"]

    answer = request_token(
        http, key.sign(claims_for(register(), iss=client_id, sub=client_id))
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("algorithm", ["ES256", "ES384", "EdDSA", "RS256"])
def test_a_private_key_is_refused_and_not_shown(
    run: Run, tmp_path: Path, algorithm: str
) -> None:
    """RFC 7517 §9.2: only the client may know its private key."""
    key = signer(algorithm)
    path = write(tmp_path, {"keys": [signer(kid="k2").public, key.private]})

    result = run("clients", "create", "R", "--jwks", path)

    assert_refused(
        result, key.private["d"], key.private["x" if "x" in key.public else "n"]
    )
    assert "private key" in result.stderr


def test_a_single_private_member_is_refused(run: Run, tmp_path: Path) -> None:
    """RFC 7518 §6.3.2: one prime factor gives the whole private key away."""
    key = signer("RS256")
    path = write(tmp_path, {"keys": [{**key.public, "p": key.private["p"]}]})

    assert_refused(run("clients", "create", "R", "--jwks", path), key.private["p"])


@pytest.mark.parametrize("alg", [None, "HS256"])
def test_a_symmetric_key_is_refused_and_not_shown(
    run: Run, tmp_path: Path, key: Signer, alg: str | None
) -> None:
    """RFC 7518 §6.4: with `private_key_jwt` no secret is shared."""
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
def test_a_file_that_is_not_a_usable_key_set_is_refused(
    run: Run, tmp_path: Path, value: Any
) -> None:
    """RFC 7517 §5: and the message is one line, not a stack trace."""
    result = run("clients", "create", "R", "--jwks", write(tmp_path, value))

    assert_refused(result, signer().public["x"], signer().public["y"])


def test_a_short_key_is_refused(register: Register) -> None:
    """RFC 7518 §3.3: an RSA key has at least 2048 bits."""
    key = signer("RS256").public

    with pytest.raises(RegistrationError, match="2048 bits"):
        register(jwks={"keys": [{**key, "n": key["n"][:168]}]})


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
        *("https://10.0.0.1/", "https://[fd00::1]/", "https://169.254.169.254/"),
        *("https://*.example/", "https://keys.example:0/"),
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
def test_a_key_uri_that_is_not_https_on_a_public_host_is_refused(
    run: Run, uri: str
) -> None:
    """RFC 7591 §2 (jwks_uri): the server will connect to this address."""
    result = run("clients", "create", "R", "--jwks-uri", uri)

    assert_refused(result)
    assert result.stderr.startswith("Error: --jwks-uri: ")


@pytest.mark.parametrize(
    "more",
    [("--jwks-uri", KEYS_AT), ("--public",), ("--client-secret-file", __file__)],
    ids=lambda more: more[0],
)
def test_keys_exclude_other_authentication_methods(
    run: Run, key_file: str, more: tuple[str, ...]
) -> None:
    """RFC 7591 §2: one method, and never both `jwks` and `jwks_uri`."""
    assert_refused(run("clients", "create", "R", "--jwks", key_file, *more))
    assert json.loads(run("clients", "list", "--json").stdout) == []
