"""Hosts replace our pages, or blocks of them, with templates of their own."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from .browser import Browser, error_page, fragment


def write_template(app: Flask, folder: Path, name: str, text: str) -> None:
    (folder / "tapauth").mkdir(exist_ok=True)
    (folder / "tapauth" / name).write_text(text, encoding="utf-8")
    app.template_folder = str(folder)


def test_a_host_has_its_own_pages(app: Flask, browser: Browser, tmp_path: Path) -> None:
    """A host's own template must find all that the page needs."""
    write_template(
        app,
        tmp_path,
        "authorize.html",
        "{{ client.client_name }}|{{ account }}|{{ scopes }}|{{ redirect_uri }}"
        '<input type="hidden" name="consent" value="{{ consent }}">{{ _("Allow") }}',
    )
    write_template(app, tmp_path, "error.html", "Our own: {{ error.error }}")

    page = browser.follow_link()

    assert page.text.startswith("Explorer|Ann Archer|[(&#39;orders:read&#39;, &#39;See")
    assert "access_token" in fragment(browser.decide(page))
    assert error_page(browser.follow_link(client_id="x")) == "Our own: invalid_client"


def test_a_host_has_its_own_frame_round_the_pages(
    app: Flask, browser: Browser, tmp_path: Path
) -> None:
    """Hosts show the pages in the layout of their site."""
    write_template(
        app,
        tmp_path,
        "base.html",
        "<title>{% block title %}{% endblock %} - Shop</title>"
        "<nav>Shop</nav>{% block content %}{% endblock %}",
    )

    page = browser.follow_link()

    assert page.text.startswith("<title>Allow Explorer access? - Shop</title><nav>")
    assert "access_token" in fragment(browser.decide(page))
    assert "<nav>Shop</nav>" in error_page(browser.follow_link(client_id="x"))


def test_a_host_extends_the_page_it_replaces(
    app: Flask, browser: Browser, tmp_path: Path
) -> None:
    """Hosts change one block and still get our later corrections of the rest."""
    write_template(
        app,
        tmp_path,
        "authorize.html",
        '{% extends "tapauth/default/authorize.html" %}'
        "{% block heading %}Shop asks{% endblock %}",
    )

    page = browser.follow_link()

    assert "<h1>Shop asks</h1>" in page.text
    assert "access_token" in fragment(browser.decide(page))
