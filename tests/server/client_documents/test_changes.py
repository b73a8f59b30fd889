"""A document changes, and the row and the consents follow."""

from __future__ import annotations

from typing import Any

import pytest

from flask_tapauth import TapAuth
from flask_tapauth.errors import RegistrationError

from ...conftest import Run
from ..authorization_code.flow import Flow, told
from ..private_key_jwt.key_server import KeyServer
from .conftest import Person, Publish
from .test_fetching import now as now

OTHER = "https://other.example/cb"
CHANGES: list[dict[str, Any]] = [
    {"client_name": "Renamed"},
    {"redirect_uris": ["https://page.example/cb", OTHER]},
    {"grant_types": ["authorization_code"]},
    {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://k.example"},
]
REMEMBERING = {"TAPAUTH_REMEMBER_CONSENT": True}


def test_the_row_says_what_was_allowed_last(
    flow: Flow, publish: Publish, tapauth: TapAuth, now: list[float], url: str
) -> None:
    """Draft §6.3: a change counts once a person has allowed it."""
    flow.get_code()
    publish(client_name="Renamed", redirect_uris=[OTHER])
    now[0] += 300

    page = flow.ask(redirect_uri=OTHER)
    assert "Renamed" in page.text
    with flow.app.app_context():
        assert tapauth.clients.get(url).client_name == "Agent"

    told(flow.decide(page), OTHER)
    with flow.app.app_context():
        client = tapauth.clients.get(url)
        assert (client.client_name, client.redirect_uris) == ("Renamed", (OTHER,))


def test_a_redirect_uri_that_was_withdrawn_is_refused(
    flow: Flow, publish: Publish, now: list[float]
) -> None:
    """The document counts, not the row."""
    flow.get_code()
    publish(redirect_uris=[OTHER])
    now[0] += 300

    assert flow.ask().status_code == 400


def test_tokens_that_are_out_stay(
    flow: Flow, publish: Publish, now: list[float]
) -> None:
    """A new name is no reason to sign everybody out."""
    tokens = flow.tokens(flow.get_code())
    publish(client_name="Renamed")
    now[0] += 300
    flow.get_code()

    assert flow.opens(tokens["access_token"])
    assert flow.renew(tokens["refresh_token"]).status_code == 200


@pytest.mark.parametrize("settings", [REMEMBERING])
def test_a_consent_is_remembered_while_the_document_says_the_same(
    flow: Flow, publish: Publish, now: list[float]
) -> None:
    """TAPAUTH_REMEMBER_CONSENT, also when the document is fetched again."""
    flow.get_code()
    now[0] += 300

    assert "code" in told(flow.ask())


@pytest.mark.parametrize("settings", [REMEMBERING])
@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: next(iter(changes)))
def test_a_changed_document_asks_everybody_again(
    flow: Flow,
    publish: Publish,
    person: list[Person],
    now: list[float],
    changes: dict[str, Any],
) -> None:
    """Draft §6.3: whoever takes the host over gets no code without a question."""
    flow.get_code()
    person[0].id = "bob"
    flow.get_code()
    publish(**changes)
    now[0] += 300

    page = flow.ask()
    assert page.status_code == 200
    flow.decide(page)  # Bob has allowed it, and Ann has not

    person[0].id = "ann"
    assert flow.ask().status_code == 200


def test_a_changed_document_loses_what_an_operator_trusted_it_with(
    flow: Flow,
    publish: Publish,
    tapauth: TapAuth,
    person: list[Person],
    now: list[float],
    url: str,
) -> None:
    """`--skip-consent`: who takes the host over could allow it, and get Ann's codes."""
    flow.get_code()
    with flow.app.app_context():
        tapauth.clients.update(url, skip_consent=True)
    assert flow.ask().status_code == 302
    publish(redirect_uris=[OTHER])
    now[0] += 300
    person[0].id = "mallory"
    flow.decide(flow.ask(redirect_uri=OTHER))

    person[0].id = "ann"
    assert flow.ask(redirect_uri=OTHER).status_code == 200


@pytest.mark.parametrize("settings", [REMEMBERING])
def test_what_an_operator_set_stays(
    flow: Flow, publish: Publish, tapauth: TapAuth, now: list[float], url: str
) -> None:
    """`clients update URL --expires-in 60`: no document says that."""
    flow.get_code()
    with flow.app.app_context():
        tapauth.clients.update(url, expires_in=60)
    publish(client_name="Renamed")
    now[0] += 300

    assert flow.tokens(flow.get_code())["expires_in"] == 60


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        ("name", "Mine"),
        ("scopes", "orders:read"),
        ("grant_types", ["authorization_code"]),
        ("redirect_uris", [OTHER]),
        ("jwks_uri", "https://keys.example/jwks"),
    ],
)
def test_an_operator_cannot_set_what_the_document_says(
    flow: Flow, publish: Publish, tapauth: TapAuth, url: str, argument: str, value: Any
) -> None:
    """`clients update URL --scope orders:read`: the next consent would undo it."""
    flow.get_code()
    with (
        flow.app.app_context(),
        pytest.raises(RegistrationError, match=f"{argument}: it comes from"),
    ):
        tapauth.clients.update(url, **{argument: value})


def test_a_disabled_client_cannot_come_back_by_a_change(
    flow: Flow,
    publish: Publish,
    tapauth: TapAuth,
    server: KeyServer,
    now: list[float],
    url: str,
) -> None:
    """`clients disable`: its document is not even fetched."""
    flow.get_code()
    with flow.app.app_context():
        tapauth.clients.disable(url)
    publish(client_name="Renamed")
    now[0] += 300
    before = server.connections

    assert flow.ask().status_code == 400
    assert server.connections == before


# The end.

DAY = 24 * 3600


def purged(run: Run) -> str:
    return str(run("tokens", "purge", "--json").stdout)


@pytest.mark.parametrize("settings", [REMEMBERING])
def test_it_is_purged_when_unused(
    flow: Flow, publish: Publish, run: Run, tapauth: TapAuth, wait: Any, url: str
) -> None:
    """`tokens purge`: 90 days after its last use, and without tokens."""
    flow.tokens(flow.get_code())
    wait(89 * DAY)
    assert '"document_clients": 0' in purged(run)

    wait(2 * DAY)
    assert '"document_clients": 1' in purged(run)
    with flow.app.app_context():
        assert tapauth.clients.list() == []
        assert tapauth.consents.list() == []


@pytest.mark.parametrize(
    "what",
    ["disabled", "skip_consent", "networks", "expires_in", "used", "registered"],
)
def test_it_is_not_purged(
    flow: Flow,
    publish: Publish,
    run: Run,
    tapauth: TapAuth,
    wait: Any,
    url: str,
    what: str,
) -> None:
    """A disabled or restricted one would come back free, and others are in use."""
    flow.tokens(flow.get_code())
    with flow.app.app_context():
        if what == "disabled":
            tapauth.clients.disable(url)
        elif what == "skip_consent":
            tapauth.clients.update(url, skip_consent=True)
        elif what == "networks":
            tapauth.clients.update(url, allowed_networks=["192.0.2.0/24"])
        elif what == "expires_in":
            tapauth.clients.update(url, expires_in=60)
        elif what == "registered":
            tapauth.clients.delete(url)
            tapauth.clients.create("Reports")
    wait(91 * DAY)
    if what == "used":
        with flow.app.app_context():
            tapauth.tokens.issue(url)

    assert '"document_clients": 0' in purged(run)
    with flow.app.app_context():
        assert len(tapauth.clients.list()) == 1
