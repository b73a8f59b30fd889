"""The pages fit small screens, and pass the accessibility rules of axe-core."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from ..conftest import Example
from .conftest import ARTEFACTS, allow, get_token, sign_in, violations


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_fits_and_passes_axe(
    browser: Browser, example: Example, width: int, scheme: str
) -> None:
    """WCAG 2.1 A and AA by axe-core, 1.4.10 reflow; screenshots to look at."""
    context = browser.new_context(
        base_url=example.url,
        viewport={"width": width, "height": 640},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    context.set_default_timeout(10_000)
    page = context.new_page()

    def check_fit(name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        file = ARTEFACTS / f"{name}-{width}-{scheme}.png"
        page.screenshot(path=file, full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name

    def check(name: str) -> None:
        check_fit(name)
        assert violations(page) == [], name

    page.goto("/")
    check("home")
    get_token(page, example)
    for button in ("Authorization: Bearer", "A wrong token"):
        page.get_by_role("button", name=button).click()
        expect(page.locator("[aria-current=true]")).to_have_text(button)
        check(f"home-{button.split(':')[0].replace(' ', '-').lower()}")
    page.goto("/reference")
    page.locator(".opblock").first.wait_for()
    check_fit("reference")  # what axe-core finds there is Swagger UI's own
    page.goto("/explorer")
    check("explorer-signed-out")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Password").wait_for()
    check("sign-in")
    page.get_by_label("E-mail address").fill("mira@example.com")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("alert").wait_for()
    check("sign-in-failed")
    page.goto("/explorer")
    sign_in(page)
    check("consent")
    allow(page)
    expect(page.locator("tbody tr")).to_have_count(10)
    check("explorer-signed-in")
    page.goto("/explorer/implicit")
    check("explorer-implicit-signed-out")
    page.get_by_role("button", name="Sign in").click()
    allow(page)
    expect(page.locator("tbody tr")).to_have_count(10)
    check("explorer-implicit-signed-in")
    page.goto("/oauth/authorize?client_id=nobody")
    check("error")
    context.close()


def test_the_consent_page_is_not_shown_in_a_frame(page: Page, example: Example) -> None:
    """RFC 9700 §4.16: a frame would allow clickjacking."""
    query = (
        "response_type=token&client_id=explorer-implicit"
        f"&redirect_uri={example.url}/explorer/implicit"
    )
    sign_in(page)
    page.goto("/oauth/style.css")  # the example's pages allow no frames in themselves
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))

    page.evaluate(
        """src => new Promise(done => {
            const frame = document.createElement("iframe");
            frame.onload = done;
            frame.src = src;
            document.body.append(frame);
        })""",
        f"/oauth/authorize?{query}",
    )

    assert any("frame-ancestors" in text for text in refused), refused
