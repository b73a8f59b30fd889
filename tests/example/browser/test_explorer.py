"""A browser application signs a person in, by a code and by the implicit grant."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from playwright.sync_api import Browser, Page, Request, expect

from ..conftest import Example
from .conftest import PASSWORD, allow, sign_in

CODE, IMPLICIT = "/explorer", "/explorer/implicit"
both_pages = pytest.mark.parametrize("path", [CODE, IMPLICIT])


@pytest.fixture
def path() -> str:
    """Tests without `both_pages` are of the page with the code."""
    return CODE


@pytest.fixture(autouse=True)
def open_page(page: Page, path: str) -> None:
    page.goto(path)


def status_of(example: Example, authorization: str) -> int:
    url = f"{example.url}/api/v1/orders"
    headers = {"Authorization": authorization}
    return requests.get(url, headers=headers, timeout=10).status_code


def note_tokens(page: Page) -> list[str]:
    """Return a list that grows by each ``Authorization`` header that the page sends."""
    sent: list[str] = []

    def note(request: Request) -> None:
        sent.extend(filter(None, [request.headers.get("authorization")]))

    page.on("request", note)
    return sent


def note_token_requests(page: Page) -> list[dict[str, list[str]]]:
    """Return a list that grows by the parameters of each request for a token."""
    sent: list[dict[str, list[str]]] = []

    def note(request: Request) -> None:
        if urlsplit(request.url).path == "/oauth/token":
            sent.append(parse_qs(request.post_data or ""))

    page.on("request", note)
    return sent


@both_pages
def test_a_person_signs_in_consents_and_sees_records(page: Page) -> None:
    """RFC 6749 §4.1, §4.2: from the button to the data of two collections."""
    sign_in(page)
    allow(page)

    expect(page.locator("tbody tr")).to_have_count(10)
    expect(page.locator("caption")).to_contain_text("customers")
    expect(page.locator("#scopes li")).to_have_text(
        ["Look customers up", "Look orders up"]
    )
    assert 3000 < int(page.locator("#seconds").inner_text()) <= 3600
    page.get_by_label("Collection").select_option("orders")
    expect(page.locator("caption")).to_contain_text("10 of 400 orders")


@both_pages
def test_nothing_is_stored_nor_in_the_address_bar(
    page: Page, example: Example, path: str
) -> None:
    """RFC 9700 §4.3: others could read what the browser keeps; the verifier, too."""
    sign_in(page)
    allow(page)

    assert page.url == f"{example.url}{path}"
    kept = page.evaluate(
        "JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])"
    )
    assert kept == '[{},{},"",null]'
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_the_code_comes_with_its_verifier(page: Page) -> None:
    """RFC 7636 §4.1, §4.5: 43 characters that only this page knows."""
    asked = page.expect_request("**/oauth/authorize?**")
    token_requests = note_token_requests(page)
    with asked as opened:
        sign_in(page)
    allow(page)

    sent = parse_qs(urlsplit(opened.value.url).query)
    [exchange] = token_requests
    assert sent["code_challenge_method"] == ["S256"]
    assert len(sent["code_challenge"][0]) == len(exchange["code_verifier"][0]) == 43
    assert exchange["code"][0].startswith("tapac_")


def test_the_page_renews_its_token(page: Page, example: Example) -> None:
    """RFC 6749 §6, RFC 9700 §4.14.2: the second time with the new refresh token."""
    token_requests, tokens = note_token_requests(page), note_tokens(page)
    sign_in(page)
    allow(page)
    expect(page.locator("tbody tr")).to_have_count(10)

    for _ in range(2):
        with page.expect_response("**/api/v1/customers**"):
            page.get_by_role("button", name="Renew").click()

    assert [each["grant_type"][0] for each in token_requests] == [
        "authorization_code",
        "refresh_token",
        "refresh_token",
    ]
    assert len(set(tokens)) == 3
    assert status_of(example, tokens[-1]) == 200


def test_one_click_too_many_renews_once(page: Page) -> None:
    """Two requests with one refresh token look like a theft, and end the sign-in."""
    token_requests = note_token_requests(page)
    sign_in(page)
    allow(page)

    with page.expect_response("**/api/v1/customers**"):
        page.evaluate(
            "const it = document.querySelector('#renew'); it.click(); it.click()"
        )

    assert len(token_requests) == 2
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


@both_pages
def test_a_person_denies_access(page: Page, example: Example, path: str) -> None:
    """RFC 6749 §4.1.2.1, §4.2.2.1: the error code is `access_denied`."""
    sign_in(page)
    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_role("status")).to_have_text(
        "You did not let this page read anything."
    )
    assert page.url == f"{example.url}{path}"


@both_pages
def test_signing_out_revokes_all_tokens(
    page: Page, example: Example, path: str
) -> None:
    """RFC 7009 §2.1: the page forgets the token, and the server refuses it."""
    tokens = note_tokens(page)
    sign_in(page)
    allow(page)
    expect(page.locator("tbody tr")).to_have_count(10)
    if path == CODE:
        with page.expect_response("**/api/v1/customers**"):
            page.get_by_role("button", name="Renew").click()

    assert status_of(example, tokens[-1]) == 200
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out")
    expect(page.locator("tbody tr")).to_have_count(0)
    assert {status_of(example, token) for token in tokens} == {401}


@pytest.fixture
def short_lived(example: Example, path: str) -> Iterator[None]:
    """Let the page's tokens expire after two seconds."""
    client = "explorer" if path == CODE else "explorer-implicit"
    command = ("clients", "update", client, "--expires-in")
    example.run(*command, "2")
    yield
    example.run(*command, "default")


@pytest.mark.usefixtures("short_lived")
def test_an_expiring_token_is_renewed(page: Page) -> None:
    """RFC 6749 §6: the person reads on, and is not asked."""
    token_requests = note_token_requests(page)
    sign_in(page)
    allow(page)

    with page.expect_response("**/oauth/token"):
        pass
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    assert token_requests[-1]["grant_type"] == ["refresh_token"]


@pytest.mark.usefixtures("short_lived")
@pytest.mark.parametrize("path", [IMPLICIT])
def test_an_expired_token_is_noticed(page: Page) -> None:
    """RFC 6749 §4.2.2, expires_in: the page counts down, and asks again."""
    sign_in(page)
    allow(page)

    expect(page.get_by_role("status")).to_contain_text("expired")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_page_that_was_disconnected_asks_again(page: Page, example: Example) -> None:
    """RFC 6749 §5.2: a refresh token that was revoked is `invalid_grant`."""
    sign_in(page)
    allow(page)
    example.run("tokens", "revoke", "--client", "explorer", "--yes")

    page.get_by_role("button", name="Renew").click()

    expect(page.get_by_role("status")).to_contain_text("expired")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (CODE, "?code=tapac_x"),
        (IMPLICIT, "#access_token=tapat_x&expires_in=9&scope=a"),
    ],
)
def test_an_answer_that_the_page_did_not_request_is_ignored(
    page: Page, example: Example, path: str, answer: str
) -> None:
    """RFC 6749 §10.12: `state` shows whose request was answered."""
    token_requests = note_token_requests(page)
    page.goto(f"{path}{answer}&state=b&iss={example.url}")
    if path == IMPLICIT:
        page.reload()

    expect(page.get_by_role("status")).to_contain_text("does not belong")
    assert page.url == f"{example.url}{path}"
    assert token_requests == []


def test_consent_works_without_javascript(browser: Browser, example: Example) -> None:
    """A person whose browser blocks scripts must be able to consent."""
    context = browser.new_context(base_url=example.url, java_script_enabled=False)
    page = context.new_page()
    uri = f"{example.url}{IMPLICIT}"
    page.goto(
        "/oauth/authorize?response_type=token&client_id=explorer-implicit"
        f"&redirect_uri={uri}"
    )
    page.get_by_label("E-mail address").fill(PASSWORD[0])
    page.get_by_label("Password").fill(PASSWORD[1])
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Allow").click()

    assert page.url.startswith(f"{uri}#access_token=tapat_")
    context.close()


def test_consent_works_by_keyboard(page: Page) -> None:
    """WCAG 2.1.1, 2.4.3, 2.4.7: Tab reaches Deny, then Allow, with a visible focus."""
    sign_in(page)

    for name in ("Deny", "Allow"):
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        expect(focused).to_have_text(name)
        assert focused.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
