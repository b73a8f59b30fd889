"""Native applications: loopback and private-use redirect URIs (RFC 8252 §§7, 8)."""

from __future__ import annotations

from typing import Any

import pytest

from flask_tapauth import RegistrationError, TapAuth

from ...conftest import Run
from .conftest import MakeFlow
from .flow import told

LOOPBACK = ["http://127.0.0.1/cb", "http://[::1]/cb", "http://localhost/cb?x=1"]
PRIVATE = ["com.example.app:/cb", "com.example.app://cb/x", "com.example.my-app:/"]


@pytest.mark.parametrize("uri", LOOPBACK)
@pytest.mark.parametrize("port", ["1", "8080", "65535"])
def test_any_port_of_loopback_matches(make_flow: MakeFlow, uri: str, port: str) -> None:
    """RFC 8252 §7.3: the application listens on whatever port is free."""
    flow = make_flow(redirect_uris=[uri])
    host, path = uri.removeprefix("http://").split("/")
    with_port = f"http://{host}:{port}/{path}"

    location = flow.allow(redirect_uri=with_port).location
    code = location.partition("code=")[2].partition("&")[0]

    assert location.startswith(with_port)
    assert flow.refusal(code, redirect_uri=uri) == (400, "invalid_grant")
    assert flow.exchange(code, redirect_uri=with_port).status_code == 200


@pytest.mark.parametrize(
    ("registered", "asked"),
    [
        ("http://127.0.0.1:8000/cb", "http://127.0.0.1:8001/cb"),
        ("http://127.0.0.1:8000/cb", "http://127.0.0.1/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:8000/other"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:8000/cb?x=1"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:8000/cb#x"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:8000/cb\n"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:080/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:8000.evil.example/cb"),
        ("http://127.0.0.1/cb", "http://localhost:8000/cb"),
        ("http://127.0.0.1/cb", "http://[::1]:8000/cb"),
        ("http://127.0.0.1/cb", "https://127.0.0.1:8000/cb"),
        ("http://127.0.0.1", "http://127.0.0.1:8000/"),
        ("http://127.0.0.2/cb", "http://127.0.0.2:8000/cb"),
        ("https://page.example/cb", "https://page.example:8000/cb"),
        ("com.example.app:/cb", "com.example.app:/cb2"),
        ("com.example.app:/cb", "COM.example.app:/cb"),
        ("com.example.app:/cb", "com.example.app2:/cb"),
    ],
)
def test_nothing_but_the_port_may_differ(
    make_flow: MakeFlow, registered: str, asked: str
) -> None:
    """RFC 8252 §8.4, RFC 9700 §2.1: all else is compared as a string."""
    flow = make_flow(redirect_uris=[registered])

    assert flow.ask(redirect_uri=asked).status_code == 400


@pytest.mark.parametrize("uri", PRIVATE)
def test_a_private_use_scheme_gets_a_code(make_flow: MakeFlow, uri: str) -> None:
    """RFC 8252 §7.1: a scheme of the application's own, which has a dot."""
    flow = make_flow(redirect_uris=[uri])

    code = told(flow.allow(redirect_uri=uri), uri)["code"]

    assert flow.exchange(code, redirect_uri=uri).status_code == 200


@pytest.mark.parametrize(
    "uri",
    [
        "myapp:/cb",
        "myapp://cb",
        "javascript:/cb",
        "com.example.app:cb",
        "api.example.com:8000/cb",
        "com.example.app:",
        "com.example.app:/cb#x",
        "com.example.app://ann@cb/",
        "COM.example.app:/cb",
        "*.example.app:/cb",
        "com.example.*:/cb",
        "com.example.app:/*",
        "com.example.app://*/cb",
        "https://*.page.example/cb",
        "https://page.example/*",
        "http://127.0.0.1:*/cb",
        "http://page.example/cb",
    ],
)
def test_a_bad_uri_is_not_registered(make_flow: MakeFlow, uri: str) -> None:
    """RFC 8252 §7.1, §8.4, RFC 9700 §4.1: no wildcard, no scheme that others share."""
    with pytest.raises(RegistrationError, match=r"redirect URI .* (is|has)"):
        make_flow(redirect_uris=["https://page.example/cb", uri])


@pytest.mark.parametrize("uri", PRIVATE)
def test_a_private_use_scheme_is_for_the_code_grant_alone(
    make_flow: MakeFlow, tapauth: TapAuth, uri: str
) -> None:
    """RFC 8252 §8.2: any application may have the scheme, and PKCE alone stops it."""
    both = ["authorization_code", "implicit"]
    flow = make_flow(redirect_uris=[uri])

    with pytest.raises(RegistrationError, match="authorization_code grant alone"):
        make_flow(grant_types=both, redirect_uris=[uri])
    with flow.app.app_context(), pytest.raises(RegistrationError, match="alone"):
        tapauth.clients.update(flow.client.client_id, grant_types=both)


def test_the_grant_needs_a_redirect_uri(make_flow: MakeFlow) -> None:
    """RFC 6749 §3.1.2.2: clients must register theirs."""
    with pytest.raises(RegistrationError, match="needs a redirect URI"):
        make_flow(redirect_uris=[])


@pytest.mark.parametrize("uri", [*LOOPBACK, PRIVATE[0]])
@pytest.mark.parametrize("settings", [{"TAPAUTH_REMEMBER_CONSENT": True}])
def test_a_program_on_the_device_is_always_asked_about(
    make_flow: MakeFlow, uri: str
) -> None:
    """RFC 8252 §8.6: any program on the machine can use a public client's id."""
    flow = make_flow(redirect_uris=[uri], skip_consent=True)
    flow.allow(redirect_uri=uri)

    page = flow.ask(redirect_uri=uri)

    assert page.status_code == 200
    assert "Shop runs on your own device" in page.text


def test_a_confidential_client_on_the_device_may_skip_the_page(
    make_flow: MakeFlow,
) -> None:
    """RFC 8252 §8.6 is about clients without a secret."""
    flow = make_flow(redirect_uris=LOOPBACK[:1], public=False, skip_consent=True)

    assert "code" in told(flow.ask(redirect_uri=LOOPBACK[0]), LOOPBACK[0])


def test_the_page_shows_the_host_that_gets_the_answer(make_flow: MakeFlow) -> None:
    """People cannot tell from a client's name where it is."""
    uri = "https://shop.page.example:8443/cb"
    page = make_flow(redirect_uris=[uri]).ask(redirect_uri=uri).text

    assert "<strong>shop.page.example:8443</strong>" in page
    assert "your own device" not in page


@pytest.mark.parametrize("uri", [LOOPBACK[0], PRIVATE[0], "https://page.example/cb"])
def test_the_command_registers_a_client_of_this_grant(run: Run, uri: str) -> None:
    """`clients create --grant-type authorization_code`."""
    options = "--grant-type=authorization_code", "--grant-type=refresh_token", "--json"

    done: Any = run(
        "clients", "create", "App", "--public", *options, f"--redirect-uri={uri}"
    )

    assert done.exit_code == 0, done.stderr
    assert uri in done.stdout
