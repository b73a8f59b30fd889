"""The example's first page, as the server sends it."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
import requests

from .conftest import Example


def test_the_home_page_shows_the_client_but_no_secret(example: Example) -> None:
    """Everyone who reaches the port reads the page; the secret is in the terminal."""
    page = requests.get(example.url, timeout=10)

    assert page.status_code == 200
    assert f"<code>{example.client_id}</code>" in page.text
    assert "tapcs_" in page.text  # how a secret begins, in the empty field
    assert example.client_secret not in page.text


def test_every_link_of_the_home_page_leads_somewhere(example: Example) -> None:
    """A first page with a dead link would end the visit."""
    page = requests.get(example.url, timeout=10).text
    links = re.findall(r'(?:href|src)="(/[^"]*)"', page)

    assert len(links) >= 6
    for link in links:
        answer = requests.get(urljoin(example.url, link), timeout=10)
        assert answer.status_code == 200, link


@pytest.mark.parametrize(
    "path", ["/", "/reference", "/explorer", "/explorer/implicit", "/sign-in"]
)
def test_a_page_runs_only_the_scripts_of_the_example(
    example: Example, path: str
) -> None:
    """W3C CSP Level 3: no script inside a page, none from elsewhere, and no frame."""
    headers = requests.get(example.url + path, timeout=10).headers

    policy = dict(
        part.strip().split(" ", 1)
        for part in headers["Content-Security-Policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_consent_page_keeps_its_own_policy(example: Example) -> None:
    """how-to/app/consent-page: no other site may frame it."""
    page = requests.get(f"{example.url}/oauth/authorize?client_id=nobody", timeout=10)

    assert page.headers["Content-Security-Policy"].startswith("frame-ancestors 'none'")
    assert page.headers["X-Frame-Options"] == "DENY"
