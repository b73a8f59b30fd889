"""What happens between the consent and the exchange of the code."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from flask_tapauth import TapAuth

from .conftest import MakeFlow, Person
from .flow import Flow, told

Change = Callable[[TapAuth, Flow], object]

ENDED: dict[str, tuple[Change, int, str]] = {
    "client disabled": (
        lambda t, f: t.clients.disable(f.client.client_id),
        401,
        "invalid_client",
    ),
    "client deleted": (
        lambda t, f: t.clients.delete(f.client.client_id),
        401,
        "invalid_client",
    ),
    "client lost the grant": (
        lambda t, f: t.clients.update(f.client.client_id, grant_types=["implicit"]),
        400,
        "unauthorized_client",
    ),
    "client lost the scope": (
        lambda t, f: t.clients.update(f.client.client_id, scopes="orders:write"),
        400,
        "invalid_scope",
    ),
    "consent withdrawn": (
        lambda t, f: t.consents.revoke("ann"),
        400,
        "invalid_grant",
    ),
    "account deleted": (lambda t, f: t.users.forget("ann"), 400, "invalid_grant"),
    "tokens revoked": (
        lambda t, f: t.tokens.revoke_all(user_id="ann"),
        400,
        "invalid_grant",
    ),
}


@pytest.mark.parametrize(
    ("change", "status", "error"), ENDED.values(), ids=ENDED.keys()
)
def test_a_code_ends_with_what_it_was_issued_for(
    app: Flask, tapauth: TapAuth, flow: Flow, change: Change, status: int, error: str
) -> None:
    """RFC 6749 §5.2: a minute is long enough for an administrator."""
    code = flow.get_code()
    with app.app_context():
        change(tapauth, flow)

    assert flow.refusal(code) == (status, error)


def test_a_person_who_was_deactivated_gives_no_tokens(flow: Flow, ann: Person) -> None:
    """RFC 6749 §4.1.3: the code is refused like that of a deleted account."""
    code = flow.get_code()
    ann.is_active = False

    assert flow.refusal(code) == (400, "invalid_grant")


def test_a_person_who_is_gone_gives_no_tokens(flow: Flow, tapauth: TapAuth) -> None:
    """Another person may get the id later."""
    code = flow.get_code()
    tapauth.user_loader(lambda user_id: None)

    assert flow.refusal(code) == (400, "invalid_grant")


def test_scopes_that_the_client_lost_are_left_out(
    app: Flask, tapauth: TapAuth, flow: Flow
) -> None:
    """RFC 6749 §3.3: the scope of the answer says what is left."""
    code = flow.get_code(scope="orders:read orders:write")
    with app.app_context():
        tapauth.clients.update(flow.client.client_id, scopes="orders:read")

    assert flow.tokens(code)["scope"] == "orders:read"


def test_a_code_without_scope_brings_none(
    app: Flask, tapauth: TapAuth, make_flow: MakeFlow
) -> None:
    """RFC 6749 §3.3: scopes that the client got later were not allowed."""
    flow = make_flow(scopes="")
    code = flow.get_code(scope=None)
    with app.app_context():
        tapauth.clients.update(flow.client.client_id, scopes="orders:read")

    assert flow.tokens(code)["scope"] == ""


def test_a_person_who_was_deactivated_allows_nothing(flow: Flow, ann: Person) -> None:
    """RFC 6749 §4.1.2.1: the page was open when the account was blocked."""
    page = flow.ask()
    ann.is_active = False

    assert told(flow.decide(page))["error"] == "access_denied"


def test_a_client_that_was_deleted_while_the_page_was_open_gets_no_code(
    app: Flask, tapauth: TapAuth, flow: Flow
) -> None:
    """Nobody is sent to the redirect URI of a client that is gone."""
    page = flow.ask()
    with app.app_context():
        tapauth.clients.delete(flow.client.client_id)

    assert flow.decide(page).status_code == 400
