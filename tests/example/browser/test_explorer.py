"""A browser application gets a token with the implicit grant, and uses it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from ..conftest import Example
from .conftest import PASSWORD, allow, sign_in


def test_a_person_signs_in_consents_and_sees_records(page: Page) -> None:
    """RFC 6749 §4.2: from the button to the data of two collections."""
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


def test_the_token_is_neither_stored_nor_in_the_address_bar(
    page: Page, example: Example
) -> None:
    """RFC 9700 §4.3: others could read a token that the browser keeps."""
    sign_in(page)
    allow(page)

    assert page.url == f"{example.url}/explorer"
    kept = page.evaluate(
        "JSON.stringify([localStorage, sessionStorage, document.cookie, history.state])"
    )
    assert "tapat_" not in kept
    page.reload()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_person_denies_access(page: Page, example: Example) -> None:
    """RFC 6749 §4.2.2.1: the error code is `access_denied`."""
    sign_in(page)
    page.get_by_role("button", name="Deny").click()

    expect(page.get_by_role("status")).to_have_text(
        "You did not let this page read anything."
    )
    assert page.url == f"{example.url}/explorer"


def test_signing_out_revokes_the_token(page: Page, example: Example) -> None:
    """RFC 7009 §2: the page forgets the token, and the server refuses it."""
    sent: list[str] = []
    page.on("request", lambda r: sent.append(r.headers.get("authorization", "")))
    sign_in(page)
    allow(page)
    expect(page.locator("tbody tr")).to_have_count(10)
    [authorization, *_] = [value for value in sent if value]

    def status() -> int:
        url = f"{example.url}/api/v1/orders"
        headers = {"Authorization": authorization}
        return requests.get(url, headers=headers, timeout=10).status_code

    assert status() == 200
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_contain_text("You are signed out")
    expect(page.locator("tbody tr")).to_have_count(0)
    assert status() == 401


@pytest.fixture
def short_lived(example: Example) -> Iterator[None]:
    """Let the explorer's tokens expire after two seconds."""
    command = ("clients", "update", "explorer", "--expires-in")
    example.run(*command, "2")
    yield
    example.run(*command, "default")


@pytest.mark.usefixtures("short_lived")
def test_an_expired_token_is_noticed(page: Page) -> None:
    """RFC 6749 §4.2.2, expires_in: the page counts down, and asks again."""
    sign_in(page)
    allow(page)

    expect(page.get_by_role("status")).to_contain_text("expired")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_an_answer_that_the_page_did_not_request_is_ignored(
    page: Page, example: Example
) -> None:
    """RFC 6749 §10.12: `state` shows whose request was answered."""
    page.goto(
        f"/explorer#access_token=tapat_x&expires_in=9&scope=a&state=b&iss={example.url}"
    )
    page.reload()

    expect(page.get_by_role("status")).to_contain_text("does not belong")
    assert "tapat_x" not in page.url


def test_consent_works_without_javascript(browser: Browser, example: Example) -> None:
    """A person whose browser blocks scripts must be able to consent."""
    context = browser.new_context(base_url=example.url, java_script_enabled=False)
    page = context.new_page()
    uri = f"{example.url}/explorer"
    page.goto(
        f"/oauth/authorize?response_type=token&client_id=explorer&redirect_uri={uri}"
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
