"""The commands: what they do, print, and exit with."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from .conftest import MakeApp, Run, bearer, run_command


@pytest.fixture
def run_json(run: Run) -> Callable[..., Any]:
    """Run a command with ``--json``, and read what it prints on stdout."""

    def run_json(*arguments: str) -> Any:
        result = run(*arguments, "--json")
        assert result.exit_code == 0, result.stderr
        return json.loads(result.stdout)

    return run_json


def refused(result: Result, exit_code: int) -> str:
    """See that a command failed with one line on stderr, and return the line."""
    assert (result.exit_code, result.stdout) == (exit_code, "")
    [line] = result.stderr.splitlines()
    return line


def test_create_prints_a_client_that_works(
    run_json: Callable[..., Any], http: FlaskClient
) -> None:
    """The contract: one JSON object, the secret in it, by default for this grant."""
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


def test_create_takes_everything_there_is_to_say(run_json: Callable[..., Any]) -> None:
    """The contract's synopsis, option by option."""
    created = run_json(
        *("clients", "create", "Zoë's reports"),
        *("--client-id", "reports", "--client-secret", "chosen by hand"),
        *("--grant-type", "client_credentials", "--grant-type", "implicit"),
        *("--scope", "orders:read orders:write", "--scope", "customers:read"),
        *("--redirect-uri", "https://a.example/cb"),
        *("--redirect-uri", "http://127.0.0.1:8000/cb"),
        *("--expires-in", "90", "--secret-expires-at", "2030-01-31T12:00:00+01:00"),
        "--resource-server",
        "--skip-consent",
    )

    created.pop("created_at")
    assert created == {
        "client_id": "reports",
        "client_secret": "chosen by hand",
        "client_name": "Zoë's reports",
        "public": False,
        "token_endpoint_auth_method": "client_secret_basic",
        "jwks_uri": None,
        "grant_types": ["client_credentials", "implicit"],
        "scope": "orders:read orders:write customers:read",
        "redirect_uris": ["https://a.example/cb", "http://127.0.0.1:8000/cb"],
        "expires_in": 90,
        "secret_expires_at": "2030-01-31T11:00:00Z",
        "resource_server": True,
        "skip_consent": True,
        "state": "active",
    }


def test_a_public_client_has_no_secret(run_json: Callable[..., Any]) -> None:
    """The contract: `client_secret` is null for a public client."""
    created = run_json(
        *("clients", "create", "Page", "--public", "--grant-type", "implicit"),
        *("--redirect-uri", "https://a.example/"),
    )

    assert created["client_secret"] is None
    assert created["public"] is True


def test_create_notes_what_makes_a_client_useless(run: Run) -> None:
    """Allowed, as each is a step on the way to something; but said."""
    public = run("clients", "create", "Page", "--public")
    past = run("clients", "create", "Old", "--secret-expires-at", "2020-01-01")

    assert "public client can get no token by client_credentials" in public.stderr
    assert "expired already" in past.stderr


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--grant-type", "password"], "client_credentials, implicit, refresh_token"),
        (["--scope", "orders:réad"], "orders:réad"),
        (["--redirect-uri", "a.example/cb"], "https://"),
        (["--redirect-uri", "http://a.example/cb"], "https"),
        (["--redirect-uri", "https://a.example/cb#x"], "fragment"),
        (["--redirect-uri", "https://user@a.example/cb"], "user name"),
        (["--redirect-uri", "javascript:alert(1)"], "not absolute"),
        (["--redirect-uri", "javascript://a.example/%0Aalert(1)"], "https"),
        (["--redirect-uri", "data:text/html,x"], "not absolute"),
        (["--redirect-uri", "https://a.example:port/"], "no URI"),
        (["--redirect-uri", "https://a.example/ b"], "characters"),
        (["--redirect-uri", ""], "not absolute"),
        (["--grant-type", "implicit"], "redirect URI"),
        (["--expires-in", "0"], "lifetime"),
        (["--expires-in", "soon"], "integer"),
        (["--secret-expires-at", "tomorrow"], "2027-01-31T12:00Z"),
        (["--secret-expires-at", "0001-01-01T00:00+14:00"], "from 1970 to 9999"),
        (["--secret-expires-at", "9999-12-31T23:59-14:00"], "from 1970 to 9999"),
        (["--client-id", ""], "client id"),
        (["--client-id", "x" * 256], "255"),
        (["--client-id", "reports "], "space"),
        (["--client-id", "ünicode"], "ASCII"),
        (["--client-secret", ""], "empty"),
        (["--client-secret", "x" * 5_000], "longer"),
        (["--public", "--client-secret", "x"], "public client has no secret"),
        (["--unknown"], "--unknown"),
    ],
)
def test_wrong_input_writes_nothing(
    run: Run, run_json: Callable[..., Any], options: list[str], says: str
) -> None:
    """The contract: exit code 2, one line that says what to change."""
    assert says in refused(run("clients", "create", "Reports", *options), 2)
    assert run_json("clients", "list") == []


@pytest.mark.parametrize("name", ["", "  ", "x" * 256, "a\nb", "a\0b"])
def test_a_name_that_nobody_can_read_is_wrong_input(run: Run, name: str) -> None:
    """The contract: exit code 2."""
    assert "name" in refused(run("clients", "create", name), 2)


def test_a_client_id_is_taken_once(run: Run, run_json: Callable[..., Any]) -> None:
    """RFC 6749 §2.2: the identifier is unique to the server."""
    run_json("clients", "create", "One", "--client-id", "same")

    line = refused(run("clients", "create", "Two", "--client-id", "same"), 2)

    assert "'same' is taken" in line
    assert [c["client_name"] for c in run_json("clients", "list")] == ["One"]


def test_scopes_are_those_of_the_settings(make_app: MakeApp) -> None:
    """The contract: with TAPAUTH_SCOPES set, no other scope can be registered."""
    app = make_app(TAPAUTH_SCOPES={"a": "A", "b": "B"})
    arguments = ["clients", "create", "R", "--scope"]

    assert "a, b" in refused(run_command(app, *arguments, "c"), 2)
    assert run_command(app, *arguments, "b").exit_code == 0


def test_list_and_show_never_have_a_secret(
    run: Run, run_json: Callable[..., Any]
) -> None:
    """The contract: the secret is shown once."""
    created = run_json("clients", "create", "Reports", "--client-id", "reports")
    secret = created.pop("client_secret")

    assert run_json("clients", "list") == [created]
    assert run_json("clients", "show", "reports") == created
    for arguments in (["list"], ["show", "reports"]):
        result = run("clients", *arguments)
        assert "Reports" in result.stdout
        assert secret not in result.stdout + result.stderr


def test_people_read_words(run: Run) -> None:
    """Without `--json`, a line for each member; the secret's note goes to stderr."""
    result = run("clients", "create", "Reports", "--client-id", "reports")

    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert lines["client_id"] == "reports"
    assert lines["client_secret"].startswith("tapcs_")
    assert (lines["public"], lines["scope"]) == ("no", "-")
    assert "not shown again" in result.stderr
    assert "not shown again" not in run("clients", "show", "reports").stderr


def test_update_replaces_what_is_named(run_json: Callable[..., Any]) -> None:
    """All else stays as it was."""
    created = run_json(
        *("clients", "create", "Reports", "--client-id", "reports", "--scope", "a b"),
        *("--expires-in", "90", "--secret-expires-at", "2030-01-01"),
    )
    del created["client_secret"]

    updated = run_json("clients", "update", "reports", "--scope", "c", "--name", "New")
    assert updated == {**created, "scope": "c", "client_name": "New"}

    cleared = run_json(
        *("clients", "update", "reports", "--expires-in", "default"),
        *("--secret-expires-at", "never", "--resource-server"),
        *("--grant-type", "implicit", "--redirect-uri", "https://a.example/"),
    )
    assert cleared == {
        **updated,
        "expires_in": None,
        "secret_expires_at": None,
        "resource_server": True,
        "grant_types": ["implicit"],
        "redirect_uris": ["https://a.example/"],
    }
    assert run_json("clients", "show", "reports") == cleared


@pytest.mark.parametrize(
    "options",
    [
        [],
        ["--grant-type", "implicit"],
        ["--expires-in", "-1"],
        ["--expires-in", "never"],
        ["--scope", 'a"b'],
        ["--name", " "],
    ],
)
def test_a_wrong_update_changes_nothing(
    run: Run, run_json: Callable[..., Any], options: list[str]
) -> None:
    """The contract: exit code 2, nothing written."""
    run_json("clients", "create", "Reports", "--client-id", "reports")
    before = run_json("clients", "show", "reports")

    refused(run("clients", "update", "reports", *options), 2)

    assert run_json("clients", "show", "reports") == before


def secret_works(http: FlaskClient, client_id: str, secret: str) -> bool:
    parameters = {"grant_type": "client_credentials", "client_id": client_id}
    answer = http.post("/oauth/token", data={**parameters, "client_secret": secret})
    return answer.status_code == 200


def test_rotate_secret_shows_a_new_one(
    run_json: Callable[..., Any], http: FlaskClient
) -> None:
    """The contract: `rotate-secret`, its grace, and its end."""
    first = run_json("clients", "create", "Reports", "--client-id", "reports")
    second = run_json("clients", "rotate-secret", "reports", "--grace", "60")
    secrets = [first["client_secret"], second["client_secret"]]
    assert [secret_works(http, "reports", secret) for secret in secrets] == [True, True]

    third = run_json("clients", "rotate-secret", "reports")
    secrets.append(third["client_secret"])
    works = [secret_works(http, "reports", secret) for secret in secrets]
    assert works == [False, False, True]


def test_a_rotated_secret_takes_a_new_date(
    run_json: Callable[..., Any], http: FlaskClient
) -> None:
    """RFC 7591 §3.2.1: the date is the secret's, so a new secret has its own or none.

    Grace revives no secret that had expired.
    """
    first = run_json(
        *("clients", "create", "R", "--client-id", "r"),
        *("--secret-expires-at", "2026-01-01"),
    )

    second = run_json("clients", "rotate-secret", "r", "--grace", "3600")

    assert second["secret_expires_at"] is None
    assert secret_works(http, "r", second["client_secret"])
    assert not secret_works(http, "r", first["client_secret"])
    dated = run_json(
        "clients", "rotate-secret", "r", "--secret-expires-at", "2030-01-01"
    )
    assert dated["secret_expires_at"] == "2030-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "options", [["--grace", "-1"], ["--grace", "long"], ["--grace", "9" * 20]]
)
def test_a_wrong_grace_is_wrong_input(
    run: Run, run_json: Callable[..., Any], options: list[str]
) -> None:
    """The contract: exit code 2."""
    run_json("clients", "create", "Reports", "--client-id", "reports")

    refused(run("clients", "rotate-secret", "reports", *options), 2)


def test_a_public_client_has_no_secret_to_rotate(
    run: Run, run_json: Callable[..., Any]
) -> None:
    """RFC 6749 §2.1."""
    run_json("clients", "create", "Page", "--public", "--client-id", "page")

    assert "public" in refused(run("clients", "rotate-secret", "page"), 2)
    dated = run("clients", "update", "page", "--secret-expires-at", "2030-01-01")
    assert "public" in refused(dated, 2)


def test_disable_enable_and_delete(run: Run, run_json: Callable[..., Any]) -> None:
    """The contract's commands; repeating one is no mistake, but for a deletion."""
    run_json("clients", "create", "Reports", "--client-id", "reports")

    for command, state in [("disable", "disabled"), ("enable", "active")]:
        for _ in range(2):
            assert run_json("clients", command, "reports")["state"] == state
    assert "(disabled)" not in run("clients", "list").stdout
    assert run_json("clients", "delete", "reports") == {
        "client_id": "reports",
        "deleted": True,
    }
    refused(run("clients", "delete", "reports"), 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["clients", "show"],
        ["clients", "update", "--name", "New"],
        ["clients", "rotate-secret"],
        ["clients", "disable"],
        ["clients", "enable"],
        ["clients", "delete"],
        ["tokens", "issue"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("client_id", ["nobody", "ünknown", "", "x" * 300, "a\0b"])
def test_an_unknown_client_is_exit_code_1(
    run: Run, arguments: list[str], client_id: str
) -> None:
    """The contract."""
    group, command, *options = arguments

    line = refused(run(group, command, client_id, *options), 1)

    assert "there is no client" in line


def test_issue_prints_a_token_that_works(
    run_json: Callable[..., Any], http: FlaskClient
) -> None:
    """The contract: `tokens issue`; the token response, as at the endpoint."""
    run_json("clients", "create", "R", "--client-id", "r", "--scope", "orders:read a")

    everything = run_json("tokens", "issue", "r")
    some = run_json(
        "tokens", "issue", "r", "--scope", "orders:read", "--expires-in", "9"
    )

    assert everything["scope"] == "orders:read a"
    assert (some["token_type"], some["expires_in"]) == ("Bearer", 9)
    headers = bearer(some["access_token"])
    assert http.get("/orders", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "options",
    [
        ["--scope", "b"],
        ["--scope", "ü"],
        ["--expires-in", "0"],
        ["--expires-in", "9" * 20],
    ],
)
def test_a_wrong_token_is_wrong_input(
    run: Run, run_json: Callable[..., Any], options: list[str]
) -> None:
    """The contract: exit code 2."""
    run_json("clients", "create", "R", "--client-id", "r", "--scope", "a")

    refused(run("tokens", "issue", "r", *options), 2)


@pytest.mark.parametrize("command", ["disable", "update"])
def test_a_client_shut_out_is_issued_no_token(
    run: Run, run_json: Callable[..., Any], command: str
) -> None:
    """A token that opens nothing would only puzzle."""
    run_json("clients", "create", "R", "--client-id", "r")
    options = ["--secret-expires-at", "2026-01-01"] if command == "update" else []
    run_json("clients", command, "r", *options)

    refused(run("tokens", "issue", "r"), 2)


def test_missing_tables_are_named(run: Run, app: Flask) -> None:
    """A newcomer who forgot the migration is told so, not shown a stack trace."""
    app.extensions["sqlalchemy"].drop_all()

    assert "db.create_all()" in refused(run("clients", "list"), 1)


@pytest.mark.parametrize("group", [[], ["clients"], ["tokens"]])
def test_a_group_alone_shows_its_help(run: Run, group: list[str]) -> None:
    """Click's habit: what commands there are."""
    result = run(*group)

    assert "Commands:" in result.output
    assert "Error" not in result.output
