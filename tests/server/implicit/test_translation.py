"""The pages speak the host's language where it has Flask-Babel, and English else."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Flask
from flask_babel import Babel  # type: ignore[import-untyped,unused-ignore]

from flask_tapauth import TapAuth

from .browser import error_page, fragment, open_browser_on
from .conftest import MakeHost

GERMAN = {
    "Allow": "Erlauben",
    "Deny": "Ablehnen",
    "%(client)s would like to use your account": "%(client)s will Ihr Konto benutzen",
    "This request cannot be answered": "Diese Anfrage ist nicht zu beantworten",
}


@pytest.fixture
def translations(tmp_path: Path) -> Path:
    """A compiled German catalogue, as `pybabel compile` leaves it."""
    catalogue = Catalog(locale="de")
    for text, translated in GERMAN.items():
        catalogue.add(text, translated)
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    return tmp_path


@pytest.fixture
def language() -> list[str]:
    """The language of the person."""
    return ["de"]


@pytest.fixture
def host(make_host: MakeHost, translations: Path, language: list[str]) -> Flask:
    """A host with Flask-Babel. pytest-flask would keep the first language of `app`."""
    app = make_host(BABEL_TRANSLATION_DIRECTORIES=str(translations))
    Babel(app, locale_selector=lambda: language[0])
    return app


def test_the_hosts_catalogue_translates_the_pages(
    host: Flask, tapauth: TapAuth
) -> None:
    """People would read English pages in a German shop."""
    browser = open_browser_on(host, tapauth)

    page = browser.follow_link()

    assert "Explorer will Ihr Konto benutzen" in page.text
    assert ">Erlauben<" in page.text
    assert ">Ablehnen<" in page.text
    assert "access_token" in fragment(browser.decide(page))
    assert GERMAN["This request cannot be answered"] in error_page(
        browser.follow_link(client_id="unknown")
    )


def test_each_request_has_the_language_of_its_person(
    host: Flask, tapauth: TapAuth, language: list[str]
) -> None:
    """Flask-Babel calls its locale selector for each request."""
    browser = open_browser_on(host, tapauth)
    assert ">Erlauben<" in browser.follow_link().text

    language[0] = "en"

    assert ">Allow<" in browser.follow_link().text


@pytest.mark.parametrize("spoken", ["de", "en"])
def test_the_page_says_which_language_it_speaks(
    host: Flask, tapauth: TapAuth, language: list[str], spoken: str
) -> None:
    """WCAG 3.1.1: a screen reader chooses its voice by it."""
    language[0] = spoken

    assert f'<html lang="{spoken}"' in open_browser_on(host, tapauth).follow_link().text


@pytest.mark.parametrize("spoken", ["de", "en"])
def test_a_name_in_a_translated_text_is_escaped(
    host: Flask, tapauth: TapAuth, language: list[str], spoken: str
) -> None:
    """A client's name would run as HTML, or a percent sign in it end in a 500."""
    language[0] = spoken

    page = (
        open_browser_on(host, tapauth, name="<b>100%(client)s</b>").follow_link().text
    )

    assert "<b>" not in page
    assert "&lt;b&gt;100%(client)s&lt;/b&gt; w" in page


def test_without_flask_babel_the_pages_are_english(
    make_host: MakeHost, tapauth: TapAuth
) -> None:
    """The pages must work in an app without Flask-Babel."""
    browser = open_browser_on(make_host(), tapauth, name="<b>100%(client)s</b>")

    page = browser.follow_link()

    assert (
        "&lt;b&gt;100%(client)s&lt;/b&gt; would like to use your account" in page.text
    )
    assert ">Allow<" in page.text
    assert "This request cannot be answered" in error_page(
        browser.follow_link(client_id="x")
    )
