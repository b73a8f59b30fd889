"""``flask tapauth consents``: see what people let clients have, and take it back."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from flask_tapauth import signals

from ...conftest import Register, Registered, Run, bearer
from .browser import Browser, consent_field, fragment
from .conftest import MakeHost, Open


@pytest.fixture
def app(make_host: MakeHost) -> Flask:
    return make_host(TAPAUTH_REMEMBER_CONSENT=True)


def as_json(run: Run, *arguments: str) -> Any:
    result = run("consents", *arguments, "--json")
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def opens(browser: Browser, token: str) -> bool:
    answer = browser.http.get("/whoami", headers=bearer(token))
    return answer.status_code == 200


def test_the_list_has_person_client_scopes_and_time(
    browser: Browser, registered: Registered, run: Run
) -> None:
    """The host's staff sees all that a person allowed, in one line per client."""
    before = int(time.time())
    browser.allow(scope="orders:read")
    browser.allow(scope="orders:write")

    [consent] = as_json(run, "list")

    granted_at = datetime.fromisoformat(consent.pop("granted_at"))
    assert granted_at.tzinfo == UTC
    assert before <= granted_at.timestamp() <= time.time()
    assert consent == {
        "user_id": "ann",
        "client_id": registered.client_id,
        "scope": "orders:read orders:write",
    }


def test_the_list_can_be_narrowed(
    browser: Browser,
    open_browser: Open,
    register: Register,
    registered: Registered,
    run: Run,
) -> None:
    """The list of a host with many people is too long to search by eye."""
    other = register("Other")
    browser.allow()
    open_browser("bob").allow()
    open_browser("bob", other).allow()

    def pairs(*options: str) -> set[tuple[str, str]]:
        found = as_json(run, "list", *options)
        return {(consent["user_id"], consent["client_id"]) for consent in found}

    first, second = registered.client_id, other.client_id
    assert pairs() == {("ann", first), ("bob", first), ("bob", second)}
    assert pairs("--user", "bob") == {("bob", first), ("bob", second)}
    assert pairs("--client", first) == {("ann", first), ("bob", first)}
    assert pairs("--user", "ann", "--client", second) == set()
    assert pairs("--user", "nobody") == set()


def test_the_list_for_people_has_a_line_for_each(
    browser: Browser, registered: Registered, run: Run
) -> None:
    """Scripts read consents from `--json`."""
    browser.allow()

    [line] = run("consents", "list").stdout.splitlines()

    assert line.split()[:3] == ["ann", registered.client_id, "orders:read"]


def test_revoking_forgets_the_consent_and_revokes_the_tokens(
    browser: Browser, run: Run
) -> None:
    """A client would keep its access after the person took it back."""
    tokens = [fragment(browser.allow())["access_token"]]
    tokens.append(fragment(browser.follow_link())["access_token"])
    assert all(opens(browser, token) for token in tokens)

    assert as_json(run, "revoke", "ann") == {
        "user_id": "ann",
        "consents": 1,
        "tokens": 2,
    }

    assert not any(opens(browser, token) for token in tokens)
    assert consent_field(browser.follow_link())
    assert as_json(run, "list") == []


def test_a_consent_is_forgotten_before_its_tokens_are_revoked(
    app: Flask, browser: Browser, run: Run
) -> None:
    """In between, it could bring forth a token that would stay."""
    browser.allow()
    asked: list[bool] = []

    def ask(_: Flask, **__: Any) -> None:
        with app.app_context():
            asked.append("consent" in browser.follow_link().text)

    with signals.token_revoked.connected_to(ask, app):
        as_json(run, "revoke", "ann")

    assert asked == [True]


def test_revoking_leaves_other_people_and_machines_alone(
    app: Flask,
    browser: Browser,
    open_browser: Open,
    registered: Registered,
    issue_token: Any,
    run: Run,
) -> None:
    """Other people, and a nightly job, would lose their access."""
    bob = open_browser("bob")
    kept = [fragment(bob.allow())["access_token"], issue_token(registered)]
    browser.allow()

    as_json(run, "revoke", "ann")

    assert all(opens(bob, token) for token in kept)
    assert [consent["user_id"] for consent in as_json(run, "list")] == ["bob"]


def test_revoking_may_be_for_one_client(
    browser: Browser,
    open_browser: Open,
    register: Register,
    registered: Registered,
    run: Run,
) -> None:
    """The other client would lose an access that the person still wants."""
    other = open_browser("ann", register("Other"))
    ended = fragment(browser.allow())["access_token"]
    kept = fragment(other.allow())["access_token"]

    revoked = as_json(run, "revoke", "ann", "--client", registered.client_id)

    assert revoked == {"user_id": "ann", "consents": 1, "tokens": 1}
    assert not opens(browser, ended)
    assert opens(other, kept)
    assert [c["client_id"] for c in as_json(run, "list")] == [other.client_id]


def test_revoking_includes_tokens_without_a_consent(
    register: Register, open_browser: Open, run: Run
) -> None:
    """A client with `skip_consent` has no consent, but would keep its tokens."""
    browser = open_browser("ann", register(skip_consent=True))
    token = fragment(browser.follow_link())["access_token"]

    assert as_json(run, "revoke", "ann")["tokens"] == 1
    assert not opens(browser, token)


def test_revoking_what_was_never_given_changes_nothing(run: Run) -> None:
    """User ids belong to the host: an unknown id is not an error."""
    assert as_json(run, "revoke", "nobody") == {
        "user_id": "nobody",
        "consents": 0,
        "tokens": 0,
    }


@pytest.mark.parametrize("command", [["list"], ["revoke", "ann"]])
def test_an_unknown_client_is_said_to_be_one(
    browser: Browser, run: Run, command: list[str]
) -> None:
    """An unknown client is exit code 1, and changes nothing."""
    browser.allow()

    result = run("consents", *command, "--client", "unknown")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no client 'unknown'" in result.stderr
    assert len(as_json(run, "list")) == 1


def test_revoking_needs_a_person(run: Run) -> None:
    """Wrong input is exit code 2 and one line that names the option."""
    result = run("consents", "revoke")

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
