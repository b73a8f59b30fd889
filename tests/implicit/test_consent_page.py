"""What people see: safe to look at, for everybody, and the host's to change."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from flask_tapauth import TapAuth

from ..conftest import Register
from .conftest import Browser, MakeHost, Open, Person, error_page, fragment

HOSTILE = "<script>alert(1)</script>\"'&<b>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;&lt;b&gt;"


def login_redirect(browser: Browser) -> TestResponse:
    browser.sign_out()
    return browser.ask()


ANSWERS = {
    "consent page": lambda browser: browser.ask(),
    "error page": lambda browser: browser.ask(client_id="unknown"),
    "stale page": lambda browser: browser.post({"decision": "allow"}),
    "token": lambda browser: browser.allow(),
    "error to the client": lambda browser: browser.ask(scope="unknown"),
    "deny": lambda browser: browser.decide(browser.ask(), "deny"),
    "redirect to the login view": login_redirect,
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_every_answer_is_kept_out_of_frames_referrers_and_caches(
    browser: Browser, answer: Any
) -> None:
    """The issue, point 4, and RFC 9700 §4.2.4 and §4.16."""
    headers = answer(browser).headers

    directives = re.split(r"\s*;\s*", headers["Content-Security-Policy"])
    assert "frame-ancestors 'none'" in directives
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_everything_shown_is_escaped(make_host: MakeHost, tapauth: TapAuth) -> None:
    """The issue, point 4: client, account, description and address are text."""
    uri = "https://spa.example/'&amp"
    app = make_host(TAPAUTH_SCOPES={"<i>'&": HOSTILE})
    tapauth.current_user_loader(lambda: Person("<u>", HOSTILE))
    with app.app_context():
        client = tapauth.register_client(
            HOSTILE,
            public=True,
            grant_types=["implicit"],
            scopes=["<i>'&"],
            redirect_uris=[uri],
        )
    page = Browser(app, client.client_id).ask(redirect_uri=uri, scope="<i>'&").text

    assert page.count(ESCAPED) == 4  # title, heading, account, description
    assert "&lt;i&gt;&#39;&amp;" in page
    assert "https://spa.example/&#39;&amp;amp" in page
    for raw in ("<script", "<b>", "<i>", "<u>"):
        assert raw not in page


def test_the_page_says_who_asks_whom_and_where_it_leads(browser: Browser) -> None:
    """The issue, point 2: client, account, and where one will be sent."""
    page = browser.ask().text

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

    assert f"<strong>{shown}</strong>" in browser.ask().text


@pytest.mark.parametrize("changes", [{}, {"client_id": "unknown"}, {"scope": None}])
def test_a_page_works_without_javascript_and_has_a_structure(
    browser: Browser, changes: dict[str, str | None]
) -> None:
    """The issue, point 2: plain HTML, with what a screen reader goes by."""
    page = browser.ask(**changes).text

    assert page.lstrip().startswith("<!doctype html>")
    assert re.search(r'<html lang="en">', page)
    assert re.search(r'<meta name="viewport" content="[^"]*width=device-width', page)
    assert re.search(r"<title>[^<]+</title>", page)
    assert re.findall(r"<h\d", page)[0] == "<h1"
    assert page.count("<h1") == page.count("<main>") == 1
    for label in re.findall(r'aria-labelledby="(.*?)"', page):
        assert f'id="{label}"' in page
    assert not re.search(r"<script|<link|<img|@import|url\(|\son\w+=|javascript:", page)


def test_both_buttons_have_words_and_only_post(browser: Browser) -> None:
    """The issue, point 2: Allow and Deny; a GET must never say yes."""
    page = browser.ask().text

    [form] = re.findall(r"<form.*?</form>", page, re.DOTALL)
    assert 'method="post"' in form
    buttons = re.findall(r'<button name="decision" value="(\w+)">([^<]+)</b', form)
    assert sorted(buttons) == [("allow", "Allow"), ("deny", "Deny")]


def test_a_client_without_scopes_is_said_to_ask_for_nothing(
    register: Register, open_browser: Open
) -> None:
    """A page with an empty list would say nothing."""
    page = open_browser("ann", register(scopes=[])).ask(scope=None).text

    assert "<ul" not in page
    assert "asks for nothing" in page


def test_a_scope_without_description_shows_itself(
    make_host: MakeHost, tapauth: TapAuth
) -> None:
    """The contract: descriptions are TAPAUTH_SCOPES'; without it there are none."""
    app = make_host(TAPAUTH_SCOPES=None)
    with app.app_context():
        client = tapauth.register_client(
            "Explorer",
            public=True,
            grant_types=["implicit"],
            scopes=["orders:read"],
            redirect_uris=["https://spa.example/callback"],
        )
    browser = Browser(app, client.client_id)
    browser.sign_in("ann")

    assert "<li>orders:read</li>" in browser.ask().text


def write_template(app: Flask, folder: Path, name: str, text: str) -> None:
    (folder / "tapauth").mkdir(exist_ok=True)
    (folder / "tapauth" / name).write_text(text, encoding="utf-8")
    app.template_folder = str(folder)


def test_a_host_has_its_own_pages(app: Flask, browser: Browser, tmp_path: Path) -> None:
    """The contract: `tapauth/authorize.html` and `tapauth/error.html` are the host's
    to override, with all that the page needs at hand."""
    write_template(
        app,
        tmp_path,
        "authorize.html",
        "{{ client.client_name }}|{{ account }}|{{ scopes }}|{{ redirect_uri }}"
        '<input type="hidden" name="consent" value="{{ consent }}">{{ _("Allow") }}',
    )
    write_template(app, tmp_path, "error.html", "Our own: {{ error.error }}")

    page = browser.ask()

    assert page.text.startswith("Explorer|Ann Archer|[(&#39;orders:read&#39;, &#39;See")
    assert "access_token" in fragment(browser.decide(page))
    assert error_page(browser.ask(client_id="x")) == "Our own: invalid_client"


def test_a_host_has_its_own_frame_round_the_pages(
    app: Flask, browser: Browser, tmp_path: Path
) -> None:
    """The issue, point 2: the blocks go into whatever layout the host has."""
    write_template(
        app,
        tmp_path,
        "base.html",
        "<title>{% block title %}{% endblock %} - Shop</title>"
        "<nav>Shop</nav>{% block content %}{% endblock %}",
    )

    page = browser.ask()

    assert page.text.startswith("<title>Allow Explorer access? - Shop</title><nav>")
    assert "access_token" in fragment(browser.decide(page))
    assert "<nav>Shop</nav>" in error_page(browser.ask(client_id="x"))


def test_a_host_extends_the_page_it_replaces(
    app: Flask, browser: Browser, tmp_path: Path
) -> None:
    """The issue, point 2: a block of ours changed, the rest kept."""
    write_template(
        app,
        tmp_path,
        "authorize.html",
        '{% extends "tapauth/default/authorize.html" %}'
        "{% block heading %}Shop asks{% endblock %}",
    )

    page = browser.ask()

    assert "<h1>Shop asks</h1>" in page.text
    assert "access_token" in fragment(browser.decide(page))
