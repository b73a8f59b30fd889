"""A code is exchanged for tokens, by the client it was issued to (RFC 6749 §4.1.3)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import HERE, THERE, MakeFlow
from .flow import CALLBACK, Flow

GRANTED = 200
Wait = Callable[[int], None]


@pytest.mark.parametrize("code", [None, ""])
def test_a_code_is_required(flow: Flow, code: str | None) -> None:
    """RFC 6749 §5.2: `invalid_request`."""
    assert flow.refusal(code) == (400, "invalid_request")


@pytest.mark.parametrize("code", ["x", "tapac_x", "é" * 100])
def test_an_unknown_code_is_refused(flow: Flow, code: str) -> None:
    """RFC 6749 §5.2: `invalid_grant`."""
    assert flow.refusal(code) == (400, "invalid_grant")


def test_a_code_is_bound_to_its_client(flow: Flow, make_flow: MakeFlow) -> None:
    """RFC 6749 §4.1.3: another client gets nothing, and does not use it up."""
    code = flow.get_code()

    for other in (make_flow(), make_flow(public=False)):
        assert other.refusal(code) == (400, "invalid_grant")
    assert flow.exchange(code).status_code == GRANTED


def test_a_confidential_client_must_authenticate(make_flow: MakeFlow) -> None:
    """RFC 6749 §4.1.3: PKCE takes the place of no secret; the code stays good."""
    flow = make_flow(public=False)
    code = flow.get_code()

    for secret in (None, "wrong"):
        refused = flow.refusal(code, client_secret=secret)
        assert refused == (401, "invalid_client")
    assert flow.exchange(code).status_code == GRANTED


def test_a_public_client_must_name_itself(flow: Flow) -> None:
    """RFC 6749 §4.1.3: `client_id` is required without client authentication."""
    assert flow.refusal(flow.get_code(), client_id=None) == (401, "invalid_client")


@pytest.mark.parametrize(
    "uri", ["https://page.example/", f"{CALLBACK}?", "https://evil.example/cb"]
)
def test_the_redirect_uri_must_be_the_same(make_flow: MakeFlow, uri: str) -> None:
    """RFC 6749 §4.1.3: identical values, even if the other one is registered too."""
    flow = make_flow(redirect_uris=[CALLBACK, "https://page.example/"])
    code = flow.get_code()

    assert flow.refusal(code, redirect_uri=uri) == (400, "invalid_grant")
    assert flow.exchange(code).status_code == GRANTED


def test_the_redirect_uri_need_not_be_repeated(flow: Flow) -> None:
    """OAuth 2.1 §10.2: clients leave it out; PKCE has taken its place."""
    assert flow.exchange(flow.get_code(), redirect_uri=None).status_code == GRANTED


@pytest.mark.parametrize(("seconds", "status"), [(59, GRANTED), (60, 400)])
def test_a_code_lives_a_minute(
    wait: Wait, flow: Flow, seconds: int, status: int
) -> None:
    """RFC 6749 §4.1.2: ten minutes are the maximum."""
    code = flow.get_code()

    wait(seconds)

    assert flow.exchange(code).status_code == status


def test_scope_is_ignored(flow: Flow) -> None:
    """RFC 6749 §4.1.3 has no `scope`: the person decided, and nobody widens that."""
    for scope in ("orders:write", "unknown", "orders:read orders:write"):
        tokens = flow.tokens(flow.get_code(), scope=scope)
        assert tokens["scope"] == "orders:read"


def test_a_resource_may_be_narrowed(flow: Flow) -> None:
    """RFC 8707 §2.2: of two resources that were granted, a token for one."""
    code = flow.get_code(resource=f"{HERE} {THERE}")

    narrow = flow.tokens(code, resource=THERE)

    assert not flow.opens(narrow["access_token"])
    wide = flow.renew(narrow["refresh_token"]).get_json()
    assert flow.opens(wide["access_token"])


def test_a_resource_is_not_widened(flow: Flow) -> None:
    """RFC 8707 §2.2: `invalid_target`, and the code stays good."""
    code = flow.get_code(resource=THERE)

    assert flow.refusal(code, resource=HERE) == (400, "invalid_target")
    assert not flow.opens(flow.tokens(code)["access_token"])


def test_a_code_in_the_url_is_refused(flow: Flow) -> None:
    """RFC 6749 §3.2: parameters in the URL would be in logs."""
    code = flow.get_code()
    form = {"grant_type": "authorization_code", "client_id": flow.client.client_id}

    answer = flow.http.post("/oauth/token", query_string={"code": code}, data=form)

    assert answer.get_json()["error"] == "invalid_request"


def test_a_json_body_is_understood(flow: Flow) -> None:
    """The members are those of the form; a code that is no string is malformed."""
    form = {"grant_type": "authorization_code", "client_id": flow.client.client_id}

    answer = flow.http.post("/oauth/token", json={**form, "code": ["x"]})

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")
