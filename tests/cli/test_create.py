"""``flask tapauth clients create``: what it prints, and what it stores."""

from __future__ import annotations

from pathlib import Path

from flask.testing import FlaskClient

from ..conftest import MakeApp, Run
from ..outside import run_command
from . import RunJson, refused


def test_create_prints_a_client_that_works(
    run_json: RunJson, http: FlaskClient
) -> None:
    """A script reads the id and secret from one JSON object, and uses them at once."""
    client = run_json("clients", "create", "Reports", "--scope", "orders:read")

    assert (
        client.items()
        >= {
            "client_name": "Reports",
            "grant_types": ["client_credentials"],
            "scope": "orders:read",
            "redirect_uris": [],
        }.items()
    )
    answer = http.post(
        "/oauth/token",
        data={
            "grant_type": "client_credentials",
            "client_id": client["client_id"],
            "client_secret": client["client_secret"],
        },
    )
    assert answer.status_code == 200


def test_create_stores_every_option(run_json: RunJson, tmp_path: Path) -> None:
    """An option that is lost leaves a client with too many rights, or too few."""
    file = tmp_path / "secret"
    file.write_text("chosen by hand, long\n")
    created = run_json(
        *("clients", "create", "Zoë's reports"),
        *("--client-id", "reports", "--client-secret-file", str(file)),
        *("--grant-type", "client_credentials", "--grant-type", "implicit"),
        *("--scope", "orders:read orders:write", "--scope", "customers:read"),
        *("--redirect-uri", "https://a.example/cb"),
        *("--redirect-uri", "http://127.0.0.1:8000/cb"),
        *("--expires-in", "90", "--secret-expires-at", "2030-01-31T12:00:00+01:00"),
        *("--resource-server", "--resource", "https://orders.example/"),
        *("--skip-consent", "--allow-network", "192.0.2.0/24"),
        *("--grant-type", "refresh_token", "--keep-refresh-token"),
    )

    created.pop("created_at")
    assert created == {
        "client_id": "reports",
        "client_secret": "chosen by hand, long",
        "client_name": "Zoë's reports",
        "kind": "registered",
        "public": False,
        "token_endpoint_auth_method": "client_secret_basic",
        "jwks_uri": None,
        "grant_types": ["client_credentials", "implicit", "refresh_token"],
        "scope": "orders:read orders:write customers:read",
        "redirect_uris": ["https://a.example/cb", "http://127.0.0.1:8000/cb"],
        "expires_in": 90,
        "secret_expires_at": "2030-01-31T11:00:00Z",
        "previous_secret_expires_at": None,
        "previous_secret_used_at": None,
        "allowed_networks": ["192.0.2.0/24"],
        "keep_refresh_token": True,
        "last_used_at": None,
        "resource_server": True,
        "resource": "https://orders.example/",
        "skip_consent": True,
        "state": "active",
    }


def test_a_public_client_has_no_secret(run_json: RunJson) -> None:
    """RFC 6749 §2.1: a public client cannot keep a secret."""
    created = run_json(
        *("clients", "create", "Page", "--public", "--grant-type", "implicit"),
        *("--redirect-uri", "https://a.example/"),
    )

    assert created["client_secret"] is None
    assert created["public"] is True


def test_a_client_id_is_taken_once(run: Run, run_json: RunJson) -> None:
    """RFC 6749 §2.2: the identifier is unique to the server."""
    run_json("clients", "create", "One", "--client-id", "same")

    line = refused(run("clients", "create", "Two", "--client-id", "same"), 2)

    assert "'same' is taken" in line
    assert [c["client_name"] for c in run_json("clients", "list")] == ["One"]


def test_scopes_are_those_of_the_settings(make_app: MakeApp) -> None:
    """A misspelt scope would be registered and would open nothing."""
    app = make_app(TAPAUTH_SCOPES={"a": "A", "b": "B"})
    arguments = ["clients", "create", "R", "--scope"]

    assert "a, b" in refused(run_command(app, *arguments, "c"), 2)
    assert run_command(app, *arguments, "b").exit_code == 0


def test_list_and_show_never_have_a_secret(run: Run, run_json: RunJson) -> None:
    """An old terminal must not show a secret."""
    created = run_json("clients", "create", "Reports", "--client-id", "reports")
    secret = created.pop("client_secret")

    assert run_json("clients", "list") == [created]
    assert run_json("clients", "show", "reports") == created
    for arguments in (["list"], ["show", "reports"]):
        result = run("clients", *arguments)
        assert "Reports" in result.stdout
        assert secret not in result.stdout + result.stderr


def test_people_get_a_line_for_each_member(run: Run) -> None:
    """Without `--json`; the note on the secret goes to stderr."""
    result = run("clients", "create", "Reports", "--client-id", "reports")

    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert lines["client_id"] == "reports"
    assert lines["client_secret"].startswith("tapcs_")
    assert (lines["public"], lines["scope"]) == ("no", "-")
    assert "not shown again" in result.stderr
    assert "not shown again" not in run("clients", "show", "reports").stderr
