"""The consent page is safe, accessible, and the host can change it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from flask_tapauth import TapAuth

from ...conftest import Register
from .browser import Browser
from .conftest import MakeHost, Open, Person

HOSTILE = "<script>alert(1)</script>\"'&<b>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;&lt;b&gt;"


def login_redirect(browser: Browser) -> TestResponse:
    browser.sign_out()
    return browser.follow_link()


ANSWERS = {
    "consent page": lambda browser: browser.follow_link(),
    "error page": lambda browser: browser.follow_link(client_id="unknown"),
    "stale page": lambda browser: browser.post({"decision": "allow"}),
    "token": lambda browser: browser.allow(),
    "error to the client": lambda browser: browser.follow_link(scope="unknown"),
    "deny": lambda browser: browser.decide(browser.follow_link(), "deny"),
    "redirect to the login view": login_redirect,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_is_kept_out_of_frames_referrers_and_caches(
    browser: Browser, answer: Any
) -> None:
    """RFC 9700 §4.2.4, §4.16: another site could read or frame the page."""
    headers = answer(browser).headers

    directives = re.split(r"\s*;\s*", headers["Content-Security-Policy"])
    assert "frame-ancestors 'none'" in directives
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_everything_shown_is_escaped(make_host: MakeHost, tapauth: TapAuth) -> None:
    """A client's name would run as a script in the browser of each person."""
    uri = "https://spa.example/'&amp"
    app = make_host(TAPAUTH_SCOPES={"<i>'&": HOSTILE})
    tapauth.current_user_loader(lambda: Person("<u>", HOSTILE))
    with app.app_context():
        client = tapauth.clients.create(
            HOSTILE,
            public=True,
            grant_types=["implicit"],
            scopes=["<i>'&"],
            redirect_uris=[uri],
        )
    page = (
        Browser(app, client.client_id).follow_link(redirect_uri=uri, scope="<i>'&").text
    )

    assert page.count(ESCAPED) == 4  # title, heading, account, description
    assert "&lt;i&gt;&#39;&amp;" in page
    assert "https://spa.example/&#39;&amp;amp" in page
    for raw in ("<script", "<b>", "<i>", "<u>"):
        assert raw not in page


def test_the_page_names_the_client_the_account_and_the_destination(
    browser: Browser,
) -> None:
    """People cannot decide without all three."""
    page = browser.follow_link().text

    for shown in ("Explorer", "Ann Archer", "https://spa.example/callback"):
        assert shown in page


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        (
            {
                "display_name": "Ann A.",
                "name": "Ann Archer",
                "email": "ann@example.com",
            },
            "Ann A.",
        ),
        ({"name": "", "email": "ann@example.com"}, "ann@example.com"),
        ({"username": "archer"}, "archer"),
        ({}, "ann-17"),
    ],
)
def test_an_account_has_the_best_name_there_is(
    browser: Browser, tapauth: TapAuth, attributes: dict[str, str], shown: str
) -> None:
    """Hosts name their users differently; the id is better than nothing."""
    user = type("User", (), {"id": "ann-17", **attributes})()
    tapauth.current_user_loader(lambda: user)

    assert f"<strong>{shown}</strong>" in browser.follow_link().text


@pytest.mark.parametrize("changes", [{}, {"client_id": "unknown"}, {"scope": None}])
def test_a_page_works_without_javascript_and_has_a_structure(
    browser: Browser, changes: dict[str, str | None]
) -> None:
    """WCAG 1.3.1: people with a screen reader could not answer the page."""
    page = browser.follow_link(**changes).text

    assert page.lstrip().startswith("<!doctype html>")
    assert re.search(r'<html lang="en">', page)
    assert re.search(r'<meta name="viewport" content="[^"]*width=device-width', page)
    assert re.search(r"<title>[^<]+</title>", page)
    assert re.findall(r"<h\d", page)[0] == "<h1"
    assert page.count("<h1") == page.count("<main>") == 1
    for label in re.findall(r'aria-labelledby="(.*?)"', page):
        assert f'id="{label}"' in page
    assert re.findall("<link.*?>", page) == [
        '<link rel="stylesheet" href="/oauth/style.css">'
    ]
    assert not re.search(r"<script|<style|style=|<img|\son\w+=|javascript:", page)


def test_both_buttons_have_words_and_only_post(browser: Browser) -> None:
    """RFC 9110 §9.2.1: a browser that preloads links would say yes by a GET."""
    page = browser.follow_link().text

    [form] = re.findall(r"<form.*?</form>", page, re.DOTALL)
    assert 'method="post"' in form
    buttons = re.findall(r'<button name="decision" value="(\w+)">([^<]+)</b', form)
    assert sorted(buttons) == [("allow", "Allow"), ("deny", "Deny")]


def test_the_page_of_a_client_without_scopes_says_so(
    register: Register, open_browser: Open
) -> None:
    """An empty list would say nothing."""
    page = open_browser("ann", register(scopes=[])).follow_link(scope=None).text

    assert "<ul" not in page
    assert "asks for nothing" in page


def test_a_scope_without_description_shows_itself(
    make_host: MakeHost, tapauth: TapAuth
) -> None:
    """The page shows the descriptions of TAPAUTH_SCOPES, or plain scopes."""
    app = make_host(TAPAUTH_SCOPES=None)
    with app.app_context():
        client = tapauth.clients.create(
            "Explorer",
            public=True,
            grant_types=["implicit"],
            scopes=["orders:read"],
            redirect_uris=["https://spa.example/callback"],
        )
    browser = Browser(app, client.client_id)
    browser.sign_in("ann")

    assert "<li>orders:read</li>" in browser.follow_link().text
