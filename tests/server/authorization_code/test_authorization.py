"""The authorization request and its answer (RFC 6749 §§4.1.1, 4.1.2, RFC 9207)."""

from __future__ import annotations

import pytest

from flask_tapauth import TapAuth

from .conftest import THERE, MakeFlow
from .flow import CALLBACK, ISSUER, VERIFIER, Flow, told


def test_a_code_becomes_tokens_of_the_person(each_flow: Flow) -> None:
    """RFC 6749 §4.1: public and confidential clients, by way of the consent page."""
    tokens = each_flow.tokens(each_flow.get_code())

    whoami = {"Authorization": f"Bearer {tokens['access_token']}"}
    said = each_flow.http.get("/whoami", headers=whoami).get_json()
    assert (said["user_id"], said["scopes"]) == ("ann", ["orders:read"])
    assert said["client_id"] == each_flow.client.client_id
    renewed = each_flow.renew(tokens["refresh_token"]).get_json()
    assert each_flow.opens(renewed["access_token"])


def test_the_token_response_is_not_stored(flow: Flow) -> None:
    """RFC 6749 §§4.1.4, 5.1: the members of the response, and `no-store`."""
    answer = flow.exchange(flow.get_code())

    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json().keys() == {
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        "refresh_token",
    }


def test_there_is_no_refresh_token_for_a_client_without_that_grant(
    make_flow: MakeFlow,
) -> None:
    """RFC 6749 §4.1.4: a refresh token is optional."""
    flow = make_flow(grant_types=["authorization_code"])

    assert "refresh_token" not in flow.tokens(flow.get_code())


def test_state_and_issuer_come_back_with_the_code(flow: Flow) -> None:
    """RFC 6749 §4.1.2, RFC 9207 §2: `state` is unchanged, `iss` is the issuer."""
    answer = told(flow.allow())

    assert answer.keys() == {"code", "state", "iss"}
    assert (answer["state"], answer["iss"]) == ("kept & safe", ISSUER)
    assert answer["code"].startswith("tapac_")


def test_no_state_is_made_up(flow: Flow) -> None:
    """RFC 6749 §4.1.2: `state` comes back if the request had it."""
    assert told(flow.allow(state=None)).keys() == {"code", "iss"}


def test_the_only_redirect_uri_need_not_be_sent(flow: Flow) -> None:
    """RFC 6749 §4.1.1: `redirect_uri` is optional, and so it is afterwards."""
    code = flow.get_code(redirect_uri=None)

    assert flow.exchange(code, redirect_uri=None).status_code == 200


def test_the_query_of_the_redirect_uri_is_kept(make_flow: MakeFlow) -> None:
    """RFC 6749 §3.1.2: the answer is added to it."""
    flow = make_flow(redirect_uris=[f"{CALLBACK}?code=own"])

    location = flow.allow(redirect_uri=f"{CALLBACK}?code=own").location

    assert location.startswith(f"{CALLBACK}?code=own&code=tapac_")
    code = location.partition("&code=")[2].partition("&")[0]
    assert flow.exchange(code, redirect_uri=f"{CALLBACK}?code=own").status_code == 200


def test_without_scope_the_client_gets_all_of_its_scopes(flow: Flow) -> None:
    """RFC 6749 §3.3: the default that the documentation names."""
    tokens = flow.tokens(flow.get_code(scope=None))

    assert tokens["scope"] == "orders:read orders:write"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"scope": "everything"}, "invalid_scope"),
        ({"resource": "https://nowhere.example"}, "invalid_target"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
    ],
)
def test_an_error_goes_to_the_client(
    flow: Flow, changes: dict[str, str], error: str
) -> None:
    """RFC 6749 §4.1.2.1, RFC 9207 §2: in the query, with `state` and `iss`."""
    sent = told(flow.ask(**changes))

    assert (sent["error"], sent["state"], sent["iss"]) == (error, "kept & safe", ISSUER)
    assert "code" not in sent


def test_the_default_response_mode_may_be_named(flow: Flow) -> None:
    """OAuth 2.0 Multiple Response Types §2.1: `query` is the default of `code`."""
    assert "code" in told(flow.allow(response_mode="query"))


def test_a_client_of_another_grant_is_unauthorized(make_flow: MakeFlow) -> None:
    """RFC 6749 §4.1.2.1: `unauthorized_client`."""
    flow = make_flow(grant_types=["implicit"])

    assert told(flow.ask())["error"] == "unauthorized_client"


def test_a_denial_goes_to_the_client(flow: Flow) -> None:
    """RFC 6749 §4.1.2.1: `access_denied`."""
    answer = told(flow.decide(flow.ask(), "deny"))

    assert (answer["error"], answer["state"]) == ("access_denied", "kept & safe")


@pytest.mark.parametrize(
    "changes", [{"redirect_uri": "https://evil.example/"}, {"client_id": "nobody"}]
)
def test_nobody_is_sent_to_an_unproven_uri(flow: Flow, changes: dict[str, str]) -> None:
    """RFC 6749 §4.1.2.1: the person is told, and not redirected."""
    answer = flow.ask(**changes)

    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_two_codes_are_different(flow: Flow) -> None:
    """RFC 6749 §10.10: codes cannot be guessed, and each is its own grant."""
    first, second = flow.get_code(), flow.get_code()

    assert first != second
    assert len(first) > 43  # 256 bits
    for code in (first, second):
        assert flow.exchange(code).status_code == 200


def test_the_browser_does_not_send_the_form_on(flow: Flow) -> None:
    """RFC 9700 §4.12: 307 would send the consent form to the client."""
    assert flow.allow().status_code == 302


def test_a_client_of_the_apps_own_is_not_asked_for(make_flow: MakeFlow) -> None:
    """`--skip-consent`: the code comes at once, and PKCE is needed nevertheless."""
    flow = make_flow(skip_consent=True)

    code = told(flow.ask())["code"]

    assert flow.exchange(code, code_verifier="x" * 43).status_code == 400
    assert flow.exchange(code, code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize("settings", [{"TAPAUTH_REMEMBER_CONSENT": True}])
def test_a_consent_is_remembered(flow: Flow, tapauth: TapAuth) -> None:
    """TAPAUTH_REMEMBER_CONSENT: asked once, and again for more or another resource."""
    flow.allow()

    assert "code" in told(flow.ask())
    assert flow.ask(scope="orders:write").status_code == 200
    assert flow.ask(resource=THERE).status_code == 200


@pytest.mark.parametrize(
    "settings", [{"TAPAUTH_GRANT_TYPES": ["implicit", "client_credentials"]}]
)
def test_the_grant_can_be_switched_off(make_flow: MakeFlow) -> None:
    """TAPAUTH_GRANT_TYPES: `unsupported_response_type`, and no such grant type."""
    flow = make_flow(grant_types=["implicit"])

    assert told(flow.ask())["error"] == "unsupported_response_type"
    assert flow.refusal("tapac_x") == (400, "unsupported_grant_type")
