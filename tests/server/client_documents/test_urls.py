"""Which client ids are the URL of a document, and which URLs the settings accept."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import ConfigError
from flask_tapauth._clients.document import is_document_url

from ...conftest import MakeApp
from ..authorization_code.flow import Flow
from ..discovery.conftest import WELL_KNOWN
from ..implicit.browser import error_page
from ..private_key_jwt.key_server import KeyServer
from .conftest import Publish

SUPPORTED = "client_id_metadata_document_supported"


@pytest.mark.parametrize(
    "url",
    [
        "https://client.example/client.json",
        "https://client.example/",
        "https://client.example:8443/a/b/c",
        "https://client.example/a..b/.well-known/...",
        "https://client.example/client?v=1",  # §3: SHOULD NOT, but may
        "https://client.example/a%20b/%C3%BC",
        "https://xn--mnchen-3ya.example/client",
    ],
)
def test_an_https_url_with_a_path_is_a_client_id(url: str) -> None:
    """Draft §3."""
    assert is_document_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://client.example/client",
        "HTTPS://client.example/client",
        "ftp://client.example/client",
        "client.example/client",
        "https:///client",
        "https://client.example",  # no path
        "https://client.example?path=/client",
        "https://client.example/client#part",
        "https://client.example/client#",
        "https://ann@client.example/client",
        "https://ann:secret@client.example/client",
        "https://@client.example/client",
        "https://client.example/./client",
        "https://client.example/a/../client",
        "https://client.example/..",
        "https://client.example/a/.",
        "https://client.example/%2e/client",
        "https://client.example/a/%2E%2e/client",
        "https://client.example/a/.%2e/client",
        "https://client.example/a%2f..%2fclient",
        "https://Client.example/client",  # one client would have many ids
        "https://client.example:0/client",
        "https://client.example:99999/client",
        "https://client.example:x/client",
        "https://client.example:/client",
        "https://[::1/client",
        "https://cli ent.example/client",
        "https://client.example/cli\nent",
        "https://client.example\\@evil.example/client",
        "https://clïent.example/client",
        "https://client.example/" + "a" * 233,  # a client id has 255 characters
        "",
    ],
)
def test_any_other_url_is_not(url: str) -> None:
    """Draft §3: no dots, fragment or user, however they are written."""
    assert not is_document_url(url)


@pytest.mark.parametrize("path", ["/a/../client.json", "/%2e%2e/c", "/c#part"])
def test_a_wrong_url_is_an_unknown_client(
    flow: Flow, publish: Publish, server: KeyServer, path: str
) -> None:
    """Nothing is fetched for it, and nobody is sent anywhere."""
    answer = flow.ask(client_id=f"https://127.0.0.1:{server.port}{path}")

    error_page(answer)
    assert server.connections == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"TAPAUTH_CLIENT_ID_METADATA": setting}
        for setting in (False, ["client.example"], ["127.0.0.1"])
    ],
    ids=["off", "another", "without the port"],
)
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_a_host_that_the_settings_do_not_accept_is_not_asked(
    publish: Publish,
    server: KeyServer,
    flow: Flow,
    person: list[Any],
    is_signed_in: bool,
) -> None:
    """TAPAUTH_CLIENT_ID_METADATA: off by default, and the port is a part of a host."""
    if not is_signed_in:
        person.clear()

    answer = flow.ask()

    error_page(answer)
    assert server.connections == 0


class TestListed:
    @pytest.fixture
    def settings(self, server: KeyServer) -> dict[str, Any]:
        return {"TAPAUTH_CLIENT_ID_METADATA": [f"127.0.0.1:{server.port}"]}

    def test_a_listed_host_is_accepted(self, flow: Flow, publish: Publish) -> None:
        """TAPAUTH_CLIENT_ID_METADATA: a list of hosts."""
        assert flow.opens(flow.tokens(flow.get_code())["access_token"])


def test_a_client_with_a_row_stops_working_when_the_setting_is_off(
    flow: Flow, publish: Publish
) -> None:
    """The operator withdrew the setting: no new tokens for such clients."""
    tokens, code = flow.tokens(flow.get_code()), flow.get_code()
    # As after a restart; a second app on the test's database would drop its tables.
    documents = flow.app.extensions["tapauth"].document_clients
    documents._accepts_all = False

    assert flow.ask().status_code == 400
    assert flow.refusal(code) == (401, "invalid_client")
    assert flow.renew(tokens["refresh_token"]).status_code == 401


@pytest.mark.parametrize(
    "value",
    [
        None,
        "client.example",
        [],
        [1],
        ["https://client.example"],
        ["a/b"],
        ["A.example"],
    ],
    ids=str,
)
def test_a_wrong_setting_stops_the_app(make_app: MakeApp, value: object) -> None:
    """ConfigError names the setting, and what is allowed."""
    with pytest.raises(ConfigError, match=r"TAPAUTH_CLIENT_ID_METADATA.*list of hosts"):
        make_app(TAPAUTH_CLIENT_ID_METADATA=value)


def test_the_metadata_says_so(app: Flask) -> None:
    """Draft §5: clients read it before they send a person here."""
    assert app.test_client().get(WELL_KNOWN).get_json()[SUPPORTED] is True


@pytest.mark.parametrize(
    "settings",
    [
        {"TAPAUTH_CLIENT_ID_METADATA": False},
        {"TAPAUTH_GRANT_TYPES": ["client_credentials", "implicit"]},
    ],
    ids=["off", "no code grant"],
)
def test_the_metadata_does_not_say_so_otherwise(http: FlaskClient) -> None:
    """Draft §5: a person would end up at an error page."""
    assert SUPPORTED not in http.get(WELL_KNOWN).get_json()
