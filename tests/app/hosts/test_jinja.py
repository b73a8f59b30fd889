"""A Jinja environment of the host's own making, and our pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from flask_tapauth import TapAuth

from ...server.implicit.conftest import (
    REDIRECT_URI,
    Browser,
    error_page,
    fragment,
    register_spa,
)
from .conftest import Start

SCRIPT = "<script>alert(1)</script>"


def delimiters(app: Flask) -> None:
    app.jinja_options = {
        "variable_start_string": "[[",
        "variable_end_string": "]]",
        "block_start_string": "<%",
        "block_end_string": "%>",
        "comment_start_string": "<#",
        "comment_end_string": "#>",
        "line_statement_prefix": "<",
    }


def strict(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined


def no_autoescape(app: Flask) -> None:
    app.jinja_options = {"autoescape": False}


def trimmed(app: Flask) -> None:
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}


def finalized(app: Flask) -> None:
    app.jinja_options = {"finalize": lambda value: "" if value else "nothing"}


def asynchronous(app: Flask) -> None:
    app.jinja_options = {"enable_async": True}


def sandboxed(app: Flask) -> None:
    class Environment(SandboxedEnvironment):
        def __init__(self, app: Flask, **options: Any) -> None:
            super().__init__(loader=app.create_global_jinja_loader(), **options)
            self.app = app

    app.jinja_environment = Environment  # type: ignore[assignment]


def other_loader(app: Flask) -> None:
    app.jinja_env.loader = DictLoader({})


def own_underscore(app: Flask) -> None:
    app.jinja_env.globals["_"] = lambda key: {"a": "b"}[key]


def own_gettext(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    environment: Any = app.jinja_env
    environment.install_null_translations(newstyle=False)


def taken_names(app: Flask) -> None:
    names = ["client", "error", "scopes", "lang", "resources", "account", "consent"]
    names += ["action", "stylesheet", "redirect_uri", "_"]
    app.context_processor(lambda: dict.fromkeys(names, 7))
    app.jinja_env.globals.update(dict.fromkeys(names, 8))


def other_babel(app: Flask) -> None:
    app.extensions["babel"] = object()


def plain(app: Flask) -> None:
    pass


ENVIRONMENTS = [
    delimiters,
    strict,
    no_autoescape,
    trimmed,
    finalized,
    asynchronous,
    sandboxed,
    other_loader,
    own_underscore,
    own_gettext,
    taken_names,
    other_babel,
]
RequestState = Callable[..., Browser]


@pytest.fixture
def visit(start: Start, db: SQLAlchemy, tapauth: TapAuth) -> RequestState:
    """Open a browser in which Ann is signed in, on a host that was set up so."""
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
    """StrictUndefined, or anything else in the environment, broke them."""
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


def test_a_hosts_template_is_read_with_the_hosts_delimiters(
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
def test_a_hosts_template_has_what_the_host_gives_its_templates(
    visit: RequestState, tmp_path: Path, set_up: Callable[[Flask], None]
) -> None:
    """Filters, globals and context processors of the host's, in a frame of its own."""
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
    """As the example's sign-in page does, in the host's own environment."""
    browser = visit(strict)
    template = '{% extends "tapauth/base.html" %}{% block content %}Hello{% endblock %}'

    with browser.app.test_request_context("/"):
        page = browser.app.jinja_env.from_string(template).render()

    assert 'href="/oauth/style.css"' in page
    assert "Hello" in page
