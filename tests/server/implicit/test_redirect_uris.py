"""Where people may be sent: to a registered URI, compared as a string (RFC 9700 §2.1).

Tricks and rules are those of RFC 6749 §3.1.2 and RFC 9700 §4.1.
"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from flask_tapauth import RegistrationError

from ...conftest import Register, Registered, Run
from .browser import REDIRECT_URI, Browser, error_page, fragment, wanted
from .conftest import Open

TRICKS = {
    "suffix of the host": "https://spa.example.evil.example/callback",
    "prefix of the host": "https://evil-spa.example/callback",
    "subdomain": "https://www.spa.example/callback",
    "host as user": "https://spa.example@evil.example/callback",
    "host as user and password": "https://spa.example:443@evil.example/callback",
    "user": "https://ann@spa.example/callback",
    "default port": "https://spa.example:443/callback",
    "other port": "https://spa.example:8443/callback",
    "empty port": "https://spa.example:/callback",
    "case of the host": "https://SPA.example/callback",
    "dot after the host": "https://spa.example./callback",
    "case of the scheme": "HTTPS://spa.example/callback",
    "case of the path": "https://spa.example/Callback",
    "suffix of the path": "https://spa.example/callback2",
    "prefix of the path": "https://spa.example/call",
    "below the path": "https://spa.example/callback/evil",
    "trailing slash": "https://spa.example/callback/",
    "double slash": "https://spa.example//callback",
    "path traversal": "https://spa.example/callback/../evil",
    "path traversal to itself": "https://spa.example/x/../callback",
    "encoded path traversal": "https://spa.example/callback/%2e%2e/evil",
    "path parameter": "https://spa.example/callback;evil",
    "empty query": "https://spa.example/callback?",
    "extra query": "https://spa.example/callback?next=https://evil.example",
    "encoded letter": "https://spa.example/%63allback",
    "encoded slash": "https://spa.example%2Fcallback",
    "fragment": "https://spa.example/callback#evil",
    "empty fragment": "https://spa.example/callback#",
    "http": "http://spa.example/callback",
    "other scheme": "ftp://spa.example/callback",
    "script": "javascript:alert(1)//https://spa.example/callback",
    "data": "data:text/html,https://spa.example/callback",
    "no scheme": "//spa.example/callback",
    "path alone": "/callback",
    "backslash": "https://spa.example\\callback",
    "backslash before the host": "https://evil.example\\@spa.example/callback",
    "space before": " https://spa.example/callback",
    "space after": "https://spa.example/callback ",
    "line break": "https://spa.example/callback\r\nX-Evil: 1",
    "tabulator": "https://spa.example/\tcallback",
    "lookalike letters": "https://spа.example/callback",  # noqa: RUF001 - on purpose
    "two URIs": "https://spa.example/callback https://evil.example/",
    "wildcard": "https://*.example/callback",
}


@pytest.mark.parametrize("uri", TRICKS.values(), ids=TRICKS.keys())
def test_a_similar_uri_is_refused(browser: Browser, uri: str) -> None:
    """RFC 9700 §4.1: a URI that is not the registered string is another URI."""
    page = error_page(browser.follow_link(redirect_uri=uri))

    assert "invalid_request" in page
    assert "evil" not in page


def test_the_registered_uri_is_accepted(browser: Browser) -> None:
    """RFC 6749 §3.1.2.3: the test above would pass if every URI were refused."""
    assert "access_token" in fragment(browser.allow())


@pytest.mark.parametrize(
    "more", ["redirect_uri=https://evil.example/", "redirect_uri=%00"]
)
def test_a_second_redirect_uri_leads_to_no_token(
    browser: Browser, registered: Registered, more: str
) -> None:
    """RFC 6749 §3.1: an error may be sent to the registered URI, but no token."""
    answer = browser.follow(f"{urlencode(wanted(registered.client_id))}&{more}")

    if answer.status_code == 302:
        assert fragment(answer)["error"] == "invalid_request"
    else:
        error_page(answer)


def test_the_uri_of_another_client_is_refused(
    register: Register, open_browser: Open
) -> None:
    """RFC 6749 §3.1.2.3: a URI is registered for one client."""
    register(redirect_uris=["https://other.example/callback"])

    answer = open_browser("ann").follow_link(
        redirect_uri="https://other.example/callback"
    )

    assert "invalid_request" in error_page(answer)


@pytest.mark.parametrize(
    "uri",
    [
        "https://spa.example",
        "https://spa.example/callback?from=oauth&x=%C3%A9",
        "https://spa.example:8443/a/b;c",
        "http://localhost:3000/callback",
        "http://127.0.0.1/",
        "http://[::1]:8000/callback",
    ],
)
def test_an_answer_goes_to_the_registered_string(
    register: Register, open_browser: Open, uri: str
) -> None:
    """RFC 6749 §3.1.2: a query is kept, and all else; only the fragment is added."""
    browser = open_browser("ann", register(redirect_uris=[REDIRECT_URI, uri]))

    assert "access_token" in fragment(browser.allow(redirect_uri=uri), uri)


BAD = {
    "empty": "",
    "relative": "/callback",
    "no scheme": "//spa.example/callback",
    "no host": "https:///callback",
    "opaque": "https:spa.example",
    "fragment": "https://spa.example/#x",
    "empty fragment": "https://spa.example/#",
    "http": "http://spa.example/",
    "http that looks like loopback": "http://localhost.spa.example/",
    "http that begins like loopback": "http://127.0.0.1.spa.example/",
    "http on a private network": "http://192.168.0.1/",
    "script": "javascript:alert(1)",
    "script with a host": "javascript://localhost/%0Aalert(1)",
    "data": "data:text/html,x",
    "file": "file://localhost/etc/passwd",
    "ftp": "ftp://spa.example/",
    "custom scheme": "com.example.app:/callback",
    "user": "https://ann@spa.example/",
    "user and password": "https://ann:secret@spa.example/",
    "encoded dot in the host": "https://spa.example%2eevil.example/",
    "encoded slash in the host": "https://spa.example%2f.evil.example/",
    "backslash": "https://spa.example\\@evil.example/",
    "backslash in the path": "https://spa.example/a\\b",
    "space": "https://spa.example/a b",
    "line break": "https://spa.example/\r\n",
    "NUL": "https://spa.example/\0",
    "letters that no URI has": "https://spä.example/",
    "port": "https://spa.example:port/",
    "port beyond": "https://spa.example:99999/",
    "broken address": "https://[::1/",
    "too long": "https://spa.example/" + "x" * 2000,
}


@pytest.mark.parametrize("uri", BAD.values(), ids=BAD.keys())
def test_a_bad_uri_is_not_registered(register: Register, uri: str) -> None:
    """RFC 6749 §3.1.2: absolute, no fragment, over TLS except on the machine itself."""
    with pytest.raises(RegistrationError, match=r"redirect URI .* (is|has)"):
        register(redirect_uris=[REDIRECT_URI, uri])


def test_the_grant_needs_a_uri(register: Register) -> None:
    """RFC 6749 §3.1.2.2: a client of the implicit grant must register one."""
    with pytest.raises(RegistrationError, match="needs a redirect URI"):
        register(redirect_uris=[])


def test_the_command_refuses_a_bad_uri(run: Run) -> None:
    """A wrong redirect URI is exit code 2 and one line that says what to change."""
    result = run(
        "clients",
        "create",
        "Explorer",
        "--public",
        "--grant-type=implicit",
        "--redirect-uri=http://spa.example/",
    )

    assert result.exit_code == 2
    assert "is not https" in result.stderr
    assert len(result.stderr.splitlines()) == 1
