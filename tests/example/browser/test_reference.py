"""Swagger UI runs in Chromium, from files of the example's own server."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from ..conftest import Example


def test_swagger_ui_gets_a_token_and_calls_the_api(
    page: Page, complaints: list[str], example: Example
) -> None:
    """OpenAPI 3.1.0, OAuth Flow Object: the reference is one to try out.

    It asks no other server, and the Content-Security-Policy refuses nothing of it.
    """
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/reference")

    page.get_by_role("button", name="Authorize").click()
    flow = page.locator(".auth-container").filter(has_text="clientCredentials")
    flow.get_by_label("client_id").fill(example.client_id)
    flow.get_by_label("client_secret").fill(example.client_secret)
    flow.get_by_role("button", name="Apply given OAuth2 credentials").click()
    flow.get_by_role("button", name="Remove authorization").wait_for()
    page.get_by_role("button", name="Close").first.click()
    daily = page.locator(".opblock").filter(has_text="/orders/daily-revenue")
    daily.locator(".opblock-summary-control").click()
    daily.get_by_role("button", name="Try it out").click()
    daily.get_by_role("button", name="Execute").click()

    expect(daily.locator(".live-responses-table")).to_contain_text('"revenue"')
    assert complaints == []
    local = (example.url, "data:")
    assert [url for url in asked if not url.startswith(local)] == []


def test_swagger_ui_follows_the_color_scheme(page: Page) -> None:
    """Dark text on a dark page cannot be read."""
    for scheme, background in (
        ("dark", "rgb(28, 32, 34)"),
        ("light", "rgba(0, 0, 0, 0)"),
    ):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.goto("/reference")
        page.locator(".opblock").first.wait_for()
        shown = "getComputedStyle(document.documentElement).backgroundColor"
        assert page.evaluate(shown) == background, scheme
