"""Our pages in a Jinja environment that the host has changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...server.implicit.browser import (
    REDIRECT_URI,
    Browser,
    error_page,
    fragment,
    register_spa,
)
from .conftest import Start
from .jinja_environments import (
    ENVIRONMENTS,
    SCRIPT,
    asynchronous,
    delimiters,
    plain,
    sandboxed,
    strict,
)

RequestState = Callable[..., Browser]


@pytest.fixture
def visit(start: Start, db: SQLAlchemy, tapauth: TapAuth) -> RequestState:
    """Return a function that opens a browser, signed in as Ann, on a host."""
    person: Any = type("Person", (), {"id": "ann", "name": SCRIPT})()
    tapauth.current_user_loader(lambda: person)

    def visit(
        set_up: Callable[[Flask], None] = plain, templates: Path | None = None
    ) -> Browser:
        app = Flask("host", template_folder=templates)
        set_up(app)
        start(db, tapauth, app, SECRET_KEY="a key for tests")
        with app.app_context():
            return Browser(app, register_spa(tapauth, SCRIPT).client_id)

    return visit


def ours(visit: RequestState, set_up: Callable[[Flask], None]) -> tuple[str, str]:
    browser = visit(set_up)
    page = browser.follow_link()
    error = error_page(browser.follow_link(client_id="unknown"))
    told = fragment(browser.decide(page))
    assert "access_token" in told
    for text in (page.text, error):
        assert SCRIPT not in text
        assert 'lang="en"' in text
        assert 'href="/oauth/style.css"' in text
    return page.text, error


@pytest.mark.parametrize("set_up", ENVIRONMENTS)
def test_our_pages_are_the_same_in_every_environment(
    visit: RequestState, set_up: Callable[[Flask], None]
) -> None:
    """StrictUndefined and other settings of the environment broke our pages."""
    page, error = ours(visit, set_up)

    assert '<button name="decision" value="allow">Allow</button>' in page
    assert f"Either way you will be sent to {REDIRECT_URI}" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; would like" in page
    assert "<h1>This request cannot be answered</h1>" in error
    assert "<code>invalid_client</code>" in error


def write(folder: Path, **templates: str) -> Path:
    (folder / "tapauth").mkdir()
    for name, text in templates.items():
        (folder / "tapauth" / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


def test_a_hosts_template_has_the_hosts_delimiters(
    visit: RequestState, tmp_path: Path
) -> None:
    """how-to/app/consent-page: your file replaces ours, and may extend it."""
    templates = write(
        tmp_path,
        authorize='<% extends "tapauth/default/authorize.html" %>'
        "<% block heading %>[[ client.client_name ]] asks {{ as it is }}<% endblock %>",
        base='<% extends "tapauth/default/base.html" %>'
        "<% block style %>[[ super() ]]<i>[[ url_for('whoami') ]]</i><% endblock %>",
    )

    page = visit(delimiters, templates).follow_link().text

    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt; asks {{ as it is }}</h1>" in page
    assert '<link rel="stylesheet" href="/oauth/style.css">' in page
    assert "<i>/whoami</i>" in page
    assert ">Allow</button>" in page


@pytest.mark.parametrize("set_up", [plain, asynchronous, strict, sandboxed])
def test_a_hosts_template_has_the_hosts_filters_and_globals(
    visit: RequestState, tmp_path: Path, set_up: Callable[[Flask], None]
) -> None:
    """A host's frame needs its filters, globals and context processors."""
    templates = write(
        tmp_path,
        base="<nav>{{ shop|shout }} {{ menu() }}</nav>"
        "{% block content %}{% endblock %}",
    )

    def add(app: Flask) -> None:
        set_up(app)
        app.context_processor(lambda: {"shop": "shop"})
        app.template_filter("shout")(str.upper)
        app.template_global("menu")(lambda: "Menu")

    browser = visit(add, templates)

    assert "<nav>SHOP Menu</nav>" in browser.follow_link().text
    assert "<nav>SHOP Menu</nav>" in error_page(
        browser.follow_link(client_id="unknown")
    )


def test_hosts_pages_may_extend_our_frame(visit: RequestState) -> None:
    """The sign-in page of the example extends `tapauth/base.html`."""
    browser = visit(strict)
    template = '{% extends "tapauth/base.html" %}{% block content %}Hello{% endblock %}'

    with browser.app.test_request_context("/"):
        page = browser.app.jinja_env.from_string(template).render()

    assert 'href="/oauth/style.css"' in page
    assert "Hello" in page
