"""Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from ...services import skip_outside_ci
from ..conftest import ROOT, Example

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
ARTEFACTS = ROOT / "artefacts"
PASSWORD = ("mira@example.com", "tulip-seven")


@pytest.fixture(scope="module")  # its event loop would disturb async tests
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        skip_outside_ci("chromium is missing")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, example: Example) -> Iterator[Page]:
    """The explorer in a new browser profile."""
    context = browser.new_context(base_url=example.url)
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto("/explorer")
    yield page
    context.close()


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What goes wrong in the page, such as a refusal by its Content-Security-Policy."""
    lines: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            lines.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: lines.append(str(error)))
    return lines


def sign_in(page: Page) -> None:
    """Go from the explorer to the consent page, through the sign-in page."""
    page.get_by_role("button", name="Sign in").click()
    email, password = PASSWORD
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="would like to use your account").wait_for()


def allow(page: Page) -> None:
    page.get_by_role("button", name="Allow").click()
    page.get_by_role("button", name="Sign out").wait_for()


def get_token(page: Page, example: Example) -> None:
    """Have the home page get a token, with the secret that the terminal showed."""
    page.get_by_label("Client secret").fill(example.client_secret)
    page.get_by_role("button", name="Get a token").click()
    page.get_by_text("You have a token").wait_for()


def violations(page: Page) -> list[Any]:
    """Return what axe-core finds wrong with the page as it is."""
    if not AXE.exists():
        skip_outside_ci(
            f"axe-core is missing: npm ci --prefix {AXE.parents[2].relative_to(ROOT)}"
        )
    page.evaluate(AXE.read_text())
    found: list[Any] = page.evaluate("axe.run()")["violations"]
    return [(v["id"], [node["html"] for node in v["nodes"]]) for v in found]
