"""The pages for people and operators, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from ..conftest import Example
from .conftest import ARTEFACTS, PASSWORD, allow, sign_in, violations

CLIENTS = "/account/operator/clients"


def sign_in_for(page: Page, path: str, email: str, password: str) -> None:
    """Open a page, which asks to sign in first."""
    page.goto(path)
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def read_secret(page: Page) -> str:
    found = re.search(r"tapcs_[\w-]+", page.get_by_role("main").inner_text())
    assert found is not None
    return found[0]


def ask_for_token(example: Example, client_id: str, secret: str) -> int:
    form = {"grant_type": "client_credentials", "client_id": client_id}
    form["client_secret"] = secret
    return requests.post(f"{example.url}/oauth/token", form, timeout=10).status_code


def test_a_person_takes_back_what_an_application_may_do(
    complaints: list[str], page: Page, example: Example
) -> None:
    """how-to/app/pages: connected applications; the token is worth nothing after."""
    sign_in(page)
    with page.expect_request("**/api/v1/**") as sent:
        allow(page)
    headers = {"Authorization": sent.value.headers["authorization"]}
    url = f"{example.url}/api/v1/customers"
    assert requests.get(url, headers=headers, timeout=10).status_code == 200

    page.get_by_role("link", name="Connected applications").click()
    entry = page.get_by_role("listitem").filter(
        has=page.get_by_role("heading", name="Data explorer")
    )
    expect(entry).to_contain_text("orders:read")
    entry.get_by_role("button", name="Take back").click()

    expect(page.get_by_role("status")).to_contain_text("can no longer act for you")
    expect(page.get_by_role("heading", name="Data explorer")).to_have_count(0)
    assert requests.get(url, headers=headers, timeout=10).status_code == 401
    assert complaints == []


def test_an_operator_manages_a_client(
    complaints: list[str], page: Page, example: Example
) -> None:
    """how-to/app/pages: register, rotate with grace, disable, enable, delete."""
    sign_in_for(page, CLIENTS, *PASSWORD)
    page.get_by_role("link", name="Register a client").click()
    page.get_by_label("Name", exact=True).fill("Page test")
    page.get_by_label("Client id").fill("page-test")
    page.get_by_label("orders:read").check()
    press(page, "Register")
    secret = read_secret(page)
    assert ask_for_token(example, "page-test", secret) == 200
    assert secret not in page.url

    page.get_by_role("link", name="Go on to the client").click()
    assert secret not in page.content()
    page.get_by_label("How long the old secret").select_option("1 hour")
    press(page, "Make a new secret")
    new_secret = read_secret(page)
    assert ask_for_token(example, "page-test", secret) == 200
    assert ask_for_token(example, "page-test", new_secret) == 200

    page.get_by_role("link", name="Go on to the client").click()
    press(page, "Disable")
    expect(page.get_by_role("status")).to_contain_text("refused from now on")
    assert ask_for_token(example, "page-test", new_secret) == 401
    press(page, "Enable")
    expect(page.get_by_role("status")).to_contain_text("accepted again")
    assert ask_for_token(example, "page-test", new_secret) == 200

    page.get_by_role("link", name="Delete …").click()
    press(page, "Delete it for good")
    expect(page.get_by_role("status")).to_contain_text("are deleted")
    page.get_by_label("Name, or beginning of the id").fill("page-te")
    press(page, "Search")
    expect(page.get_by_text("There are no such clients.")).to_be_visible()
    page.get_by_role("link", name="Events").click()
    page.get_by_label("Client id").fill("page-test")
    press(page, "Search")
    actions = page.get_by_role("main").get_by_role("listitem").get_by_role("strong")
    expect(actions.first).to_have_text("client_deleted")
    assert complaints == []


def test_others_are_no_operators(page: Page) -> None:
    """@tapauth.operator decides."""
    with page.expect_response(f"**{CLIENTS}") as answer:
        sign_in_for(page, CLIENTS, "theo@example.com", "maple-eleven")
        page.wait_for_load_state()

    assert answer.value.status in (302, 303, 403)
    assert page.goto(CLIENTS).status == 403  # type: ignore[union-attr]
    page.goto("/account/applications")
    expect(page.get_by_role("link", name="Clients")).to_have_count(0)


def test_the_pages_need_no_javascript(browser: Browser, example: Example) -> None:
    """Issue I: plain pages, rendered by the server."""
    context = browser.new_context(base_url=example.url, java_script_enabled=False)
    context.set_default_timeout(10_000)
    page = context.new_page()

    sign_in_for(page, f"{CLIENTS}/new", *PASSWORD)
    page.get_by_label("Name", exact=True).fill("Without scripts")
    page.get_by_label("Client id").fill("no-scripts")
    press(page, "Register")
    secret = read_secret(page)
    assert ask_for_token(example, "no-scripts", secret) == 200
    page.get_by_role("link", name="Go on to the client").click()
    page.get_by_role("link", name="Delete …").click()
    press(page, "Delete it for good")
    assert ask_for_token(example, "no-scripts", secret) == 401
    context.close()


@pytest.fixture
def open_at(browser: Browser, example: Example) -> Callable[[int, str], Page]:
    def open_at(width: int, scheme: str) -> Page:
        context = browser.new_context(
            base_url=example.url,
            viewport={"width": width, "height": 640},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        context.set_default_timeout(10_000)
        return context.new_page()

    return open_at


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_pages_fit_and_pass_axe(
    open_at: Callable[[int, str], Page], width: int, scheme: str
) -> None:
    """WCAG 2.1 A and AA by axe-core, 1.4.10 reflow; screenshots to look at."""
    page = open_at(width, scheme)

    def check(name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        file = ARTEFACTS / f"account-{name}-{width}-{scheme}.png"
        page.screenshot(path=file, full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert violations(page) == [], name

    page.goto("/explorer")
    sign_in(page)
    allow(page)
    page.goto("/account/applications")
    check("applications")
    page.get_by_role("button", name="Take back").click()
    check("no-applications")
    page.goto(CLIENTS)
    check("clients")
    page.goto(f"{CLIENTS}?search=nobody")
    check("no-clients")
    page.goto(f"{CLIENTS}/new")
    check("new-client")
    page.get_by_label("Name", exact=True).fill("Nightly report of the sales department")
    page.get_by_label("Redirect URIs").fill("http://reports.example/back")
    page.get_by_label("An app in a browser").check()
    press(page, "Register")
    page.get_by_role("alert").wait_for()
    check("wrong-client")
    page.get_by_label("Redirect URIs").fill("https://reports.example/back")
    page.get_by_label("A server or a script").check()
    page.get_by_label("orders:read").check()
    press(page, "Register")
    check("secret")
    page.get_by_role("link", name="Go on to the client").click()
    page.get_by_label("How long the old secret").select_option("1 hour")
    press(page, "Make a new secret")
    page.get_by_role("link", name="Go on to the client").click()
    press(page, "Disable")
    check("client")
    page.get_by_role("link", name="Delete …").click()
    check("delete")
    press(page, "Delete it for good")
    page.goto("/account/operator/events")
    check("events")
    page.context.close()
