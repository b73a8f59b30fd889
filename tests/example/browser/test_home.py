"""The example's first page, in Chromium: it gets a token and tries it in each place."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, expect

from ..conftest import Example
from .conftest import get_token

PLACES = {
    "Authorization: Bearer": "\nAuthorization: Bearer tapat_",
    "access_token header": "\naccess_token: tapat_",
    "Access-Token header": "\nAccess-Token: tapat_",
    "JSON body": '"access_token":"tapat_',
    "URL": "&access_token=tapat_",
}


@pytest.fixture
def home(page: Page) -> Page:
    page.goto("/")
    return page


def press(page: Page, name: str) -> Request:
    """Press the button of a place, and return the request that the page sends."""
    with page.expect_request("**/api/v1/**") as sent:
        page.get_by_role("button", name=name, exact=True).click()
    return sent.value


def test_the_page_tries_each_place_for_a_token(
    complaints: list[str], home: Page, example: Example
) -> None:
    """RFC 6750 §2, and the header `access_token`: each is accepted by itself."""
    get_token(home, example)

    for name, shown in PLACES.items():
        request = press(home, name)
        expect(home.locator("#request")).to_contain_text(shown.strip())
        expect(home.locator("#answer")).to_contain_text("20")  # 200 or 204
        headers = request.all_headers()
        carried = [
            headers.get("authorization"),
            headers.get("access_token"),
            headers.get("access-token"),
            request.post_data,
            request.url if "access_token" in request.url else None,
        ]
        answer = request.response()
        assert answer is not None
        assert answer.ok, name
        assert [bool(place) for place in carried] == [name == p for p in PLACES], name
    assert complaints == []


def test_the_page_shows_how_a_request_is_refused(home: Page, example: Example) -> None:
    """RFC 6750 §3: status, challenge and error code."""
    get_token(home, example)
    answer = home.locator("#answer")

    press(home, "No token")
    expect(answer).to_contain_text("401")
    expect(answer).to_contain_text('WWW-Authenticate: Bearer scope="orders:read"')
    press(home, "A wrong token")
    expect(answer).to_contain_text('WWW-Authenticate: Bearer error="invalid_token"')
    press(home, "Two places at once")
    expect(answer).to_contain_text("400")
    expect(answer).to_contain_text('"error": "invalid_request"')


def test_a_wrong_secret_is_reported(complaints: list[str], home: Page) -> None:
    """RFC 6749 §5.2: the page says why there is no token."""
    home.get_by_label("Client secret").fill("tapcs_wrong")
    home.get_by_role("button", name="Get a token").click()

    expect(home.get_by_role("status")).to_contain_text("No token: ")
    expect(home.get_by_role("button", name="URL")).to_be_disabled()
    assert [line for line in complaints if "status of 401" not in line] == []


def test_the_page_keeps_and_shows_no_whole_token(home: Page, example: Example) -> None:
    """RFC 9700 §4.3: others could read a token that the browser keeps or shows."""
    get_token(home, example)
    authorization = press(home, "Authorization: Bearer").headers["authorization"]
    token = authorization.removeprefix("Bearer ")

    for name in [*PLACES, "Two places at once"]:
        press(home, name)
        expect(home.locator("[aria-current=true]")).to_have_text(name)
        assert token not in home.content(), name
        assert example.client_secret not in home.content(), name
    assert home.url == f"{example.url}/"
    kept = "JSON.stringify([localStorage, sessionStorage, document.cookie])"
    assert "tap" not in home.evaluate(kept)


def test_the_page_works_by_keyboard(home: Page, example: Example) -> None:
    """WCAG 2.1.1, 2.4.7: Enter gets the token, Tab reaches the places."""
    secret = home.get_by_label("Client secret")
    secret.fill(example.client_secret)
    secret.press("Enter")
    expect(home.get_by_role("status")).to_contain_text("You have a token")

    home.keyboard.press("Tab")
    home.keyboard.press("Tab")
    focused = home.locator(":focus")
    expect(focused).to_have_text("Authorization: Bearer")
    assert focused.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    home.keyboard.press("Enter")
    expect(home.locator("#answer")).to_contain_text("200")
