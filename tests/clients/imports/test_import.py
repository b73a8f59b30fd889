"""Clients that are imported keep their ids and secrets."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import ClientMixin, signals
from flask_tapauth._base.secrets import generate

from ...conftest import Run
from ..conftest import JWK
from .conftest import SECRET, Import, Write, listed


def get_token(http: FlaskClient, client_id: str, secret: str) -> int:
    parameters = {"grant_type": "client_credentials", "client_id": client_id}
    answer = http.post("/oauth/token", data={**parameters, "client_secret": secret})
    return answer.status_code


@pytest.mark.parametrize("secret", [SECRET, generate("client_secret")])
def test_a_client_keeps_its_id_and_secret(
    app: Flask, imported: Import, http: FlaskClient, db: SQLAlchemy, secret: str
) -> None:
    """Programs that move to this server keep the secret that they have."""
    [client] = imported({"client_id": "old", "client_secret": secret})

    assert (client["client_id"], client["client_secret"]) == ("old", None)
    assert get_token(http, "old", secret) == 200
    assert get_token(http, "old", "another") == 401
    with app.app_context():
        rows = db.session.execute(db.text("SELECT * FROM tapauth_client")).all()
    assert secret not in str(rows)


def test_a_line_may_be_the_output_of_create(run: Run, imported: Import) -> None:
    """A client that is deleted and imported again must lose nothing."""
    printed = run(
        *("clients", "create", "Zoë's reports", "--client-id", "reports"),
        *("--grant-type", "client_credentials", "--grant-type", "implicit"),
        *("--scope", "a b", "--redirect-uri", "https://a.example/cb"),
        *("--expires-in", "90", "--secret-expires-at", "2030-01-31T12:00:00+01:00"),
        *("--resource-server", "--skip-consent", "--json"),
    )
    created = json.loads(printed.stdout)
    run("clients", "delete", "reports")
    created["created_at"] = "2020-01-31T12:00:00Z"
    created["state"] = "disabled"

    [client] = imported(created)

    assert client == {**created, "client_secret": None}


def test_a_line_may_have_the_keys_that_create_prints(
    run: Run, imported: Import, tmp_path: Path
) -> None:
    """A client with keys must keep them when it is imported."""
    file = tmp_path / "keys.json"
    file.write_text(json.dumps({"keys": [JWK]}))
    printed = run("clients", "create", "Ours", "--jwks", str(file), "--json")
    created = json.loads(printed.stdout)
    run("clients", "delete", created["client_id"])

    [client] = imported(created)

    assert client == {**created, "client_secret": None}
    assert JWK.items() <= client["jwks"]["keys"][0].items()


def test_a_line_may_use_the_words_of_rfc_7591(imported: Import) -> None:
    """RFC 7591 §2 and §3.2.1: one string of scopes, epoch seconds, 0 for never."""
    [client, other] = imported(
        {
            "client_id": "old",
            "client_secret": SECRET,
            "client_id_issued_at": 1600000000,
            "client_secret_expires_at": 1900000000,
            "client_name": "Old",
            "grant_types": "client_credentials refresh_token",
            "scope": ["a", "b"],
            "token_endpoint_auth_method": "client_secret_post",
        },
        {"client_id": "other", "client_secret_expires_at": 0, "scope": "a b"},
    )

    assert client["created_at"] == "2020-09-13T12:26:40Z"
    assert client["secret_expires_at"] == "2030-03-17T17:46:40Z"
    assert client["grant_types"] == ["client_credentials", "refresh_token"]
    assert client["scope"] == other["scope"] == "a b"
    assert other["secret_expires_at"] is None


@pytest.mark.parametrize(
    "member", [{"public": True}, {"token_endpoint_auth_method": "none"}]
)
def test_a_public_client_is_given_no_secret(
    imported: Import, member: dict[str, Any]
) -> None:
    """RFC 7591 §2: `none`; null is as good as no member."""
    page = {"grant_types": ["implicit"], "redirect_uris": ["https://a.example/"]}
    [client] = imported({"client_id": "page", "client_secret": None, **page, **member})

    assert (client["public"], client["client_secret"]) == (True, None)


def test_a_client_with_keys_is_given_no_secret(imported: Import) -> None:
    """RFC 7591 §2: `jwks`, or `jwks_uri`."""
    clients = imported(
        {"client_id": "a", "jwks": {"keys": [JWK]}},
        {"client_id": "b", "jwks_uri": "https://b.example/jwks.json"},
    )

    methods = [client["token_endpoint_auth_method"] for client in clients]
    assert methods == ["private_key_jwt"] * 2
    assert [client["client_secret"] for client in clients] == [None, None]


def test_a_missing_id_or_secret_is_made_and_printed(
    run: Run, write: Write, http: FlaskClient
) -> None:
    """A new secret must be shown once, and an old one never."""
    file = write({"client_name": "New"}, {"client_id": "a", "client_secret": SECRET})

    result = run("clients", "import", file)

    [made, summary] = result.stdout.splitlines()
    assert get_token(http, *made.split()) == 200
    assert summary == "2 imported"
    assert "not shown again" in result.stderr
    assert SECRET not in result.stdout + result.stderr


def test_the_file_may_be_the_standard_input(app: Flask, run: Run) -> None:
    """Files from other tools have blank lines and a byte order mark."""
    lines = b'\xef\xbb\xbf{"client_id": "a"}\r\n\r\n{"client_id": "b"}\n'
    runner = app.test_cli_runner()

    result = runner.invoke(
        args=["tapauth", "clients", "import", "-"], input=io.BytesIO(lines)
    )

    assert result.exit_code == 0
    assert listed(run) == ["a", "b"]


def test_each_client_is_signalled(app: Flask, imported: Import) -> None:
    """A host that sets up new clients at the signal must hear of each."""
    seen: list[str] = []

    def see(sender: Flask, client: ClientMixin) -> None:
        seen.append(client.client_id)

    with signals.client_registered.connected_to(see, sender=app):
        imported(*({"client_id": f"c{number}"} for number in range(501)))

    assert seen == [f"c{number}" for number in range(501)]
