"""Clients that are updated, disabled, enabled and deleted by commands."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import ClientMixin

from ..conftest import Run
from . import Expire, RunJson, refused


def test_update_replaces_what_is_named(run_json: RunJson) -> None:
    """All other columns must stay as they are."""
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
    ("option", "member"),
    [("skip-consent", "skip_consent"), ("resource-server", "resource_server")],
)
def test_update_takes_a_permission_back(
    run_json: RunJson, option: str, member: str
) -> None:
    """A client that is no longer trusted must ask for consent, or not introspect."""
    created = run_json("clients", "create", "R", "--client-id", "r", f"--{option}")
    assert created[member] is True

    assert run_json("clients", "update", "r", f"--no-{option}")[member] is False
    assert run_json("clients", "show", "r")[member] is False


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
    run: Run, run_json: RunJson, options: list[str]
) -> None:
    """A refused update must leave the client as it was."""
    run_json("clients", "create", "Reports", "--client-id", "reports")
    before = run_json("clients", "show", "reports")

    refused(run("clients", "update", "reports", *options), 2)

    assert run_json("clients", "show", "reports") == before


def secret_works(http: FlaskClient, client_id: str, secret: str) -> bool:
    parameters = {"grant_type": "client_credentials", "client_id": client_id}
    answer = http.post("/oauth/token", data={**parameters, "client_secret": secret})
    return answer.status_code == 200


def test_rotate_secret_shows_a_new_one(run_json: RunJson, http: FlaskClient) -> None:
    """Running programs keep working until they have the new secret."""
    first = run_json("clients", "create", "Reports", "--client-id", "reports")
    second = run_json("clients", "rotate-secret", "reports", "--grace", "60")
    secrets = [first["client_secret"], second["client_secret"]]
    assert [secret_works(http, "reports", secret) for secret in secrets] == [True, True]

    third = run_json("clients", "rotate-secret", "reports")
    secrets.append(third["client_secret"])
    works = [secret_works(http, "reports", secret) for secret in secrets]
    assert works == [False, False, True]


def test_a_rotated_secret_takes_a_new_date(
    run_json: RunJson, http: FlaskClient, expire: Expire
) -> None:
    """RFC 7591 §3.2.1: the date belongs to the secret, so a new secret has its own.

    Grace revives no secret that had expired.
    """
    first = run_json(
        *("clients", "create", "R", "--client-id", "r"),
        *("--secret-expires-at", "2030-01-01"),
    )
    expire("r")

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
    run: Run, run_json: RunJson, options: list[str]
) -> None:
    """A script must see that its grace time was refused."""
    run_json("clients", "create", "Reports", "--client-id", "reports")

    refused(run("clients", "rotate-secret", "reports", *options), 2)


def test_a_public_client_has_no_secret_to_rotate(run: Run, run_json: RunJson) -> None:
    """RFC 6749 §2.1."""
    run_json(
        *("clients", "create", "Page", "--public", "--client-id", "page"),
        *("--grant-type", "implicit", "--redirect-uri", "https://page.example/"),
    )

    assert "public" in refused(run("clients", "rotate-secret", "page"), 2)
    dated = run("clients", "update", "page", "--secret-expires-at", "2030-01-01")
    assert "public" in refused(dated, 2)


def test_disable_enable_and_delete(run: Run, run_json: RunJson) -> None:
    """A script may repeat a command; only deleting a missing client is an error."""
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


def test_a_second_disable_keeps_the_first_date(
    app: Flask, run_json: RunJson, wait: Callable[[int], None]
) -> None:
    """After a theft, the date tells since when the client's tokens were refused."""

    def disabled_at() -> int | None:
        client: ClientMixin = app.extensions["tapauth"].clients.get("reports")
        return client.disabled_at

    run_json("clients", "create", "Reports", "--client-id", "reports")
    run_json("clients", "disable", "reports")
    first = disabled_at()
    wait(60)
    run_json("clients", "disable", "reports")

    assert first is not None
    assert disabled_at() == first
