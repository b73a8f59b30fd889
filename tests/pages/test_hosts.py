"""Hosts of many kinds register the pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Blueprint, Flask, url_for
from flask_babel import Babel  # type: ignore[import-untyped,unused-ignore]
from flask_login import LoginManager, UserMixin, login_user
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect

from flask_tapauth import NotInitialisedError, TapAuth

from ..app.hosts.conftest import Start
from ..app.hosts.conftest import start as start
from ..app.hosts.jinja_environments import ENVIRONMENTS, SCRIPT, delimiters
from .conftest import PATH, MakePages, Pages, secret_of, text_of

PAGES = [
    "/applications",
    "/operator/clients",
    "/operator/clients/new",
    "/operator/client?client_id=reports",
    "/operator/client/delete?client_id=reports",
    "/operator/events",
]


@pytest.fixture
def visit(start: Start, db: SQLAlchemy, tapauth: TapAuth) -> Callable[..., Pages]:
    """Register the pages on an app where an operator is signed in, with a client."""
    person: Any = type("Person", (), {"id": "ann", "name": SCRIPT})()
    tapauth.current_user_loader(lambda: person)
    tapauth.operator(lambda: True)

    def visit(app: Flask, base_url: str = "http://localhost", **options: Any) -> Pages:
        app.secret_key = "a key for tests"
        start(db, tapauth, app, TAPAUTH_AUDIT=True)
        app.register_blueprint(tapauth.pages, **{"url_prefix": PATH, **options})
        with app.app_context():
            client = tapauth.clients.create(
                SCRIPT, client_id="reports", scopes="orders:read"
            )
            tapauth.tokens.issue(client, user_id="ann")
        return Pages(app, None, base_url)

    return visit


def works(pages: Pages) -> None:
    """Go through all pages and forms."""
    for path in PAGES:
        answer = pages.get(path)
        assert answer.status_code == 200, answer.text
        assert SCRIPT not in answer.text
        assert 'lang="en"' in answer.text
    created = pages.create(name=SCRIPT, client_id="new")
    assert SCRIPT not in created.text
    secret_of(created)
    secret_of(pages.act("rotate-secret", "new"))
    for action in ("disable", "enable"):
        assert pages.act(action, "new").status_code == 303
    answer = pages.send(
        "/applications/revoke", shown_at="/applications", client_id="reports"
    )
    assert answer.status_code == 303
    assert "No application may act for you." in text_of(pages.get("/applications"))


@pytest.mark.parametrize("set_up", ENVIRONMENTS)
def test_the_pages_are_the_same_in_every_environment(
    visit: Callable[..., Pages], set_up: Callable[[Flask], None]
) -> None:
    """StrictUndefined, other delimiters, no autoescape: whatever the host has set."""
    app = Flask("host")
    set_up(app)

    works(visit(app))


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("name", ["tapauth_pages", "renamed"])
def test_csrf_protect_neither_breaks_the_forms_nor_is_needed(
    visit: Callable[..., Pages], is_first: bool, name: str
) -> None:
    """The forms have a seal; Flask-WTF's token they have not."""
    app = Flask("host")
    app.secret_key = "a key for tests"
    if is_first:
        CSRFProtect(app)
    pages = visit(app, name=name)
    if not is_first:
        CSRFProtect(app)
    app.post("/hosts-own")(lambda: "posted")

    works(pages)
    assert app.test_client().post("/hosts-own").status_code == 400


def test_every_host_of_the_app_has_the_pages(visit: Callable[..., Pages]) -> None:
    """With `host_matching`, Flask finds a rule without a host nowhere."""
    app = Flask("host", host_matching=True, static_host="static.example")

    works(visit(app, "https://one.example"))


def test_a_subdomain_may_have_the_pages(visit: Callable[..., Pages]) -> None:
    """`register_blueprint(..., subdomain=…)` is the host's choice."""
    app = Flask("host", subdomain_matching=True)
    app.config["SERVER_NAME"] = "shop.example"
    pages = visit(app, "https://account.shop.example", subdomain="account")

    works(pages)
    elsewhere = app.test_client().get(
        f"{PATH}/applications", base_url="https://shop.example"
    )
    assert elsewhere.status_code == 404


def test_the_pages_have_the_hosts_prefix(visit: Callable[..., Pages]) -> None:
    """None, or a parent blueprint's, or that of the place the app is mounted at."""
    app = Flask("host")
    pages = visit(app, url_prefix=None)

    environ = {"SCRIPT_NAME": "/shop"}
    page = pages.http.get("/applications", environ_overrides=environ)
    assert 'href="/shop/pages.css"' in page.text
    assert 'action="/shop/applications/revoke"' in page.text
    assert pages.http.get("/pages.css").mimetype == "text/css"


def test_the_pages_may_be_nested(visit: Callable[..., Pages], tapauth: TapAuth) -> None:
    """A host's own blueprint registers them."""
    app = Flask("host")
    parent = Blueprint("parent", "host", url_prefix="/my")
    parent.register_blueprint(tapauth.pages, url_prefix=PATH)
    app.register_blueprint(parent)
    pages = visit(app, name="unnested", url_prefix="/elsewhere")

    page = pages.http.get(f"/my{PATH}/applications")

    assert f'href="/my{PATH}/operator/clients"' in page.text
    with app.test_request_context():
        address = url_for("parent.tapauth_pages.list_applications")
    assert address == f"/my{PATH}/applications"


def test_two_apps_register_the_pages_of_one_tapauth(
    make_pages: MakePages, tapauth: TapAuth, tmp_path: Path
) -> None:
    """Each shows its own clients."""
    apps = [
        make_pages(SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/{name}.db")
        for name in ("one", "two")
    ]
    for app, name in zip(apps, ("one", "two"), strict=True):
        Pages(app).create(name=f"Client of {name}")

    for app, own, other in zip(apps, ("one", "two"), ("two", "one"), strict=True):
        text = text_of(Pages(app).get("/operator/clients"))
        assert f"Client of {own}" in text
        assert f"Client of {other}" not in text


def test_without_init_app_the_pages_say_so(tapauth: TapAuth) -> None:
    """An app that forgot `init_app` got an AttributeError."""
    app = Flask("host")
    app.register_blueprint(tapauth.pages)
    app.testing = True

    with pytest.raises(NotInitialisedError):
        app.test_client().get("/applications")


def test_flask_talismans_policy_leaves_the_pages_their_style(
    visit: Callable[..., Pages],
) -> None:
    """`default-src 'self'` forbids a style and a script that are in the page."""
    app = Flask("host")
    Talisman(app, force_https=False)
    pages = visit(app)

    for path in PAGES:
        page = pages.get(path).text
        assert not re.search(r"<style|style=|<script|\son\w+=", page)


def test_flask_login_tells_who_is_signed_in(
    start: Start, db: SQLAlchemy, tapauth: TapAuth
) -> None:
    """Neither a user loader nor a login view of ours is needed."""
    manager = LoginManager()
    manager.login_view = "sign_in"

    class Person(UserMixin):
        id = "ann"

    manager.user_loader(lambda person_id: Person())
    app = start(db, tapauth, SECRET_KEY="a key for tests")
    manager.init_app(app)
    app.add_url_rule("/in", "sign_in", lambda: str(login_user(Person())))
    app.register_blueprint(tapauth.pages, url_prefix=PATH)
    pages = Pages(app, None)

    first = pages.get("/applications")
    assert first.headers["Location"] == "/in?next=/account/applications"
    pages.http.get("/in")
    assert "You are signed in as ann." in text_of(pages.get("/applications"))


def write(folder: Path, **templates: str) -> Path:
    (folder / "tapauth").mkdir()
    for name, text in templates.items():
        (folder / "tapauth" / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


def test_a_host_replaces_pages_and_blocks(
    visit: Callable[..., Pages], tmp_path: Path
) -> None:
    """As the consent page: a template of the same name, which may extend ours."""
    templates = write(
        tmp_path,
        applications='{% extends "tapauth/default/applications.html" %}'
        "{% block heading %}Your apps{% endblock %}",
        pages='{% extends "tapauth/default/pages.html" %}'
        "{% block navigation %}<nav>Shop</nav>{% endblock %}",
        events="{{ events|length }} events",
    )
    pages = visit(Flask("host", template_folder=templates))

    page = pages.get("/applications").text
    assert "<h1>Your apps</h1>" in page
    assert "<nav>Shop</nav>" in page
    assert "Take back" in page
    assert pages.get("/operator/events").text.endswith(" events")


def test_a_replacement_has_the_hosts_delimiters(
    visit: Callable[..., Pages], tmp_path: Path
) -> None:
    """And ours around it have our own."""
    templates = write(
        tmp_path,
        applications='<% extends "tapauth/default/applications.html" %>'
        "<% block heading %>[[ account ]] {{ as it is }}<% endblock %>",
    )
    app = Flask("host", template_folder=templates)
    delimiters(app)

    page = visit(app).get("/applications").text

    assert "<h1>&lt;script&gt;alert(1)&lt;/script&gt; {{ as it is }}</h1>" in page


def test_the_hosts_catalogue_translates_the_pages(
    visit: Callable[..., Pages], tmp_path: Path
) -> None:
    """Flask-Babel, as on the consent page."""
    german = {"Connected applications": "Verbundene Apps", "Take back": "Entziehen"}
    catalogue = Catalog(locale="de")
    for text, translated in german.items():
        catalogue.add(text, translated)
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    app = Flask("host")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(tmp_path)
    Babel(app, locale_selector=lambda: "de")

    page = visit(app).get("/applications").text

    assert '<html lang="de"' in page
    assert "<h1>Verbundene Apps</h1>" in page
    assert ">Entziehen</button>" in page
