"""A client that nobody registered gets a token for a person who allows it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import (
    ClientMixin,
    RegisteredClient,
    TapAuth,
    current_token,
    require_token,
)
from flask_tapauth.signals import client_registered

from ...conftest import Run, bearer
from ..authorization_code.flow import Flow, told
from ..implicit.browser import error_page
from ..private_key_jwt.key_server import KeyServer
from .conftest import SCOPES, Person, Publish


def test_the_consent_page_shows_the_host_of_the_document(
    flow: Flow, publish: Publish, server: KeyServer
) -> None:
    """Draft §6.4: anybody can publish the name of somebody else's application."""
    publish(client_name="Somebody else's")

    page = flow.ask()

    assert page.status_code == 200
    assert "Somebody else" in page.text
    assert f"<strong>127.0.0.1:{server.port}</strong>" in page.text


def test_it_gets_tokens_and_renews_them(flow: Flow, publish: Publish) -> None:
    """It has authorization_code and refresh_token, as a public client."""
    tokens = flow.tokens(flow.get_code())

    assert flow.opens(tokens["access_token"])
    assert tokens["scope"] == "orders:read"
    renewed = flow.renew(tokens["refresh_token"])
    assert renewed.status_code == 200
    assert flow.opens(renewed.get_json()["access_token"])


def test_the_document_is_fetched_once_for_all_of_it(
    flow: Flow, publish: Publish, server: KeyServer
) -> None:
    """Neither the answered page nor the token endpoint fetches it again."""
    flow.renew(flow.tokens(flow.get_code())["refresh_token"])

    assert server.connections == 1


def test_it_may_request_each_scope_of_the_settings(
    flow: Flow, publish: Publish
) -> None:
    """Any scope of TAPAUTH_SCOPES, whatever its document says."""
    publish(scope="orders:admin")

    assert flow.tokens(flow.get_code(scope=" ".join(SCOPES)))["scope"] == (
        " ".join(SCOPES)
    )
    answer = flow.ask(scope="orders:admin")
    assert told(answer)["error"] == "invalid_scope"


def test_a_client_that_nobody_allowed_is_sent_no_error(
    flow: Flow, publish: Publish
) -> None:
    """RFC 9700 §4.11.2: a link to us would send a person on to any URL at once."""
    publish()

    error_page(flow.ask(scope="orders:nope"))

    flow.tokens(flow.get_code())
    assert told(flow.ask(scope="orders:nope"))["error"] == "invalid_scope"


def test_it_has_a_row_once_a_person_allowed_it(
    flow: Flow, publish: Publish, tapauth: TapAuth, url: str
) -> None:
    """Not when it asks, and not when it is denied."""
    page = flow.ask()
    with flow.app.app_context():
        assert tapauth.clients.list() == []

    flow.decide(page, "deny")
    with flow.app.app_context():
        assert tapauth.clients.list() == []

    flow.decide(page)
    with flow.app.app_context():
        [client] = tapauth.clients.list()
        assert (client.client_id, client.client_name) == (url, "Agent")
        assert client.is_public


def test_the_second_person_gets_the_same_row(
    flow: Flow, publish: Publish, tapauth: TapAuth, person: list[Person]
) -> None:
    """A client is one client, whoever allows it."""
    first = flow.ask()
    flow.decide(first)
    person[0].id = "bob"

    flow.tokens(flow.get_code())

    with flow.app.app_context():
        assert len(tapauth.clients.list()) == 1


def test_two_people_may_allow_it_at_the_same_time(
    flow: Flow, publish: Publish, tapauth: TapAuth
) -> None:
    """Both saw the page before there was a row."""
    first, second = flow.ask(), flow.ask()

    assert "code" in told(flow.decide(first))
    assert "code" in told(flow.decide(second))


def test_a_view_knows_the_client(
    app: Flask, flow: Flow, publish: Publish, url: str
) -> None:
    """`current_token.client` is its row, as for other clients."""

    @app.get("/client")
    @require_token
    def client() -> list[Any]:
        return [current_token.client_id, getattr(current_token.client, "client_name")]  # noqa: B009

    token = flow.tokens(flow.get_code())["access_token"]

    answer = flow.http.get("/client", headers=bearer(token))
    assert answer.get_json() == [url, "Agent"]


def test_a_disabled_client_is_refused_everywhere(
    flow: Flow, publish: Publish, tapauth: TapAuth, server: KeyServer, url: str
) -> None:
    """`clients disable URL`: its tokens too, and its document is not fetched again."""
    tokens, code = flow.tokens(flow.get_code()), flow.get_code()
    before = server.connections
    with flow.app.app_context():
        tapauth.clients.disable(url)

    assert not flow.opens(tokens["access_token"])
    assert flow.refusal(code) == (401, "invalid_client")
    assert flow.renew(tokens["refresh_token"]).status_code == 401
    page = flow.ask()
    error_page(page)
    assert server.connections == before


def test_a_deleted_client_comes_back_when_it_is_allowed_again(
    flow: Flow, publish: Publish, tapauth: TapAuth, url: str
) -> None:
    """`clients delete` ends its tokens; `disable` is what keeps it out."""
    token = flow.tokens(flow.get_code())["access_token"]
    with flow.app.app_context():
        tapauth.clients.delete(url)
    assert not flow.opens(token)

    assert flow.opens(flow.tokens(flow.get_code())["access_token"])


@pytest.mark.parametrize(
    "grant_type", ["client_credentials", "implicit", "authorization_code"]
)
def test_it_may_use_no_other_grant(
    flow: Flow, publish: Publish, grant_type: str
) -> None:
    """It has authorization_code and refresh_token, whatever the document asks for."""
    every = ["authorization_code", "client_credentials", "implicit"]
    publish(grant_types=every)
    flow.tokens(flow.get_code())

    if grant_type == "client_credentials":
        answer = flow.exchange(None, grant_type=grant_type, code_verifier=None)
        assert answer.get_json()["error"] == "unauthorized_client"
    elif grant_type == "implicit":
        page = flow.ask(response_type="token")
        assert page.location is not None
        assert "error=unauthorized_client" in page.location
    else:
        assert "refresh_token" not in flow.tokens(flow.get_code())


def test_only_a_redirect_uri_of_the_document_is_answered(
    flow: Flow, publish: Publish
) -> None:
    """Draft §4.5, RFC 9700 §2.1: exact matching, and no redirect to another one."""
    answer = flow.ask(redirect_uri="https://evil.example/cb")

    error_page(answer)


def test_a_client_that_asked_nobody_is_unknown_at_the_endpoints(
    flow: Flow, publish: Publish, server: KeyServer, url: str
) -> None:
    """No row, no client: callers of the token endpoint make us fetch nothing."""
    for path in ("token", "revoke", "introspect"):
        form = {"grant_type": "refresh_token", "refresh_token": "x", "token": "x"}
        answer = flow.http.post(f"/oauth/{path}", data={**form, "client_id": url})
        assert answer.status_code == 401

    assert server.connections == 0


def test_a_stranger_makes_us_fetch_nothing(
    flow: Flow, publish: Publish, server: KeyServer, person: list[Person]
) -> None:
    """They are sent to sign in first, and come back to the same request."""
    person.clear()

    answer = flow.ask()

    assert answer.status_code == 302
    assert str(answer.location).startswith("/login?next=%2Foauth%2Fauthorize%3F")
    assert server.connections == 0


def test_a_person_who_may_not_sign_in_makes_us_fetch_nothing(
    flow: Flow, publish: Publish, server: KeyServer, person: list[Person]
) -> None:
    """`is_active` of Flask-Login is False, as for a blocked account."""
    person[0].is_active = False

    assert flow.ask().status_code == 400
    assert server.connections == 0


def test_the_commands_show_it_as_a_document(
    flow: Flow, publish: Publish, run: Run, tapauth: TapAuth, url: str
) -> None:
    """`clients list --kind document`, and `kind` in the JSON."""
    flow.get_code()
    with flow.app.app_context():
        tapauth.clients.create("Reports", client_id="reports")

    listed = {
        kind: [
            (each["client_id"], each["kind"])
            for each in json.loads(
                run("clients", "list", "--kind", kind, "--json").stdout
            )
        ]
        for kind in ("document", "registered")
    }

    assert listed == {
        "document": [(url, "document")],
        "registered": [("reports", "registered")],
    }


def test_what_list_prints_can_be_imported(
    flow: Flow, publish: Publish, run: Run, tapauth: TapAuth, url: str, tmp_path: Any
) -> None:
    """A disabled client must not come back with a new database."""
    flow.get_code()
    with flow.app.app_context():
        tapauth.clients.disable(url)
        file = tmp_path / "clients.json"
        file.write_text(run("clients", "list", "--json").stdout)
        tapauth.clients.delete(url)

        assert run("clients", "import", str(file)).exit_code == 0

        assert tapauth.clients.get(url).is_disabled
    assert flow.ask().status_code == 400


@pytest.mark.parametrize("client_id", ["https://a.example/c", "HTTPS://a.example/c"])
def test_an_operator_cannot_register_a_url(run: Run, client_id: str) -> None:
    """Draft §6.9: a client registered by hand is never taken over by a document."""
    result = run("clients", "create", "Mine", "--client-id", client_id)

    assert result.exit_code == 2
    assert "https://" in result.stderr


def test_a_hosts_own_row_with_a_secret_is_not_taken_over(
    flow: Flow, publish: Publish, tapauth: TapAuth, db: Any, url: str
) -> None:
    """Code of the host may have stored a client with such an id."""
    with flow.app.app_context():
        client = tapauth.clients.create(
            "Mine",
            client_id="mine",
            grant_types=["authorization_code"],
            redirect_uris=["https://mine.example/cb"],
        ).client
        client.client_id = url
        db.session.commit()

    assert flow.ask().status_code == 400
    page = flow.ask(redirect_uri="https://mine.example/cb", scope=None)
    assert "Mine" in page.text


def test_a_host_that_cannot_store_it_is_told_so(
    caplog: pytest.LogCaptureFixture, publish: Publish, url: str
) -> None:
    """A column of the host's without a default: an error for the client, no 500."""
    db = SQLAlchemy()

    class Client(ClientMixin, db.Model):  # type: ignore[name-defined]
        tenant = db.Column(db.String(20), nullable=False)

    tapauth = TapAuth(db=db, client_model=Client)
    app = Flask("host")
    app.config.update(
        SQLALCHEMY_DATABASE_URI="sqlite://",
        SECRET_KEY="a key for tests",
        TAPAUTH_SCOPES=SCOPES,
        TAPAUTH_CLIENT_ID_METADATA=True,
    )
    db.init_app(app)
    tapauth.init_app(app)
    tapauth.current_user_loader(Person)
    with app.app_context():
        db.create_all()
    flow = Flow(app, RegisteredClient(url, None, None))  # type: ignore[arg-type]

    assert told(flow.allow())["error"] == "server_error"
    assert "'tenant' needs a value" in caplog.text


def test_the_signal_says_who_was_registered(
    flow: Flow, publish: Publish, url: str
) -> None:
    """client_registered, once, with its row."""
    seen: list[str] = []

    def note(sender: Any, client: Any) -> None:
        seen.append(client.client_id)

    with client_registered.connected_to(note):
        flow.get_code()
        flow.get_code()

    assert seen == [url]
