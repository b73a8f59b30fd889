"""A host with the pages, and the browsers of its people."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import pytest
from flask import Flask, session
from werkzeug.test import TestResponse

from flask_tapauth import TapAuth

from ..conftest import MakeApp
from ..server.implicit.conftest import make_host as make_host

OPERATOR = "ann"
PATH = "/account"


class MakePages(Protocol):
    def __call__(self, **settings: Any) -> Flask: ...


@pytest.fixture
def make_pages(make_host: MakeApp, tapauth: TapAuth) -> MakePages:
    """Make hosts that registered the pages, where Ann is an operator and Bob is not."""

    def make(**settings: Any) -> Flask:
        app = make_host(**{"TAPAUTH_AUDIT": True, **settings})
        app.register_blueprint(tapauth.pages, url_prefix=PATH)
        tapauth.operator(lambda: session.get("person") == OPERATOR)
        return app

    return make


@pytest.fixture
def app(make_pages: MakePages) -> Flask:
    return make_pages()


@dataclass
class Pages:
    """A person's browser at the pages: it posts the forms that it is shown."""

    app: Flask
    person: str | None = OPERATOR
    base_url: str = "http://localhost"

    def __post_init__(self) -> None:
        self.http = self.app.test_client()
        if self.person is not None:
            self.sign_in(self.person)

    def sign_in(self, person: str) -> None:
        form = {"person": person, "next": "/"}
        self.http.post("/login", data=form, base_url=self.base_url)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.http.get(PATH + path, base_url=self.base_url, **options)

    def post(self, path: str, **form: Any) -> TestResponse:
        return self.http.post(PATH + path, data=form, base_url=self.base_url)

    def send(self, path: str, *, shown_at: str, **form: Any) -> TestResponse:
        """Post a form as the page that shows it would."""
        return self.post(path, seal=seal_of(self.get(shown_at)), **form)

    def act(self, action: str, client_id: str, **form: Any) -> TestResponse:
        """Press a button of a client's page."""
        return self.send(
            f"/operator/client/{action}",
            shown_at=f"/operator/client?{urlencode({'client_id': client_id})}",
            client_id=client_id,
            **form,
        )

    def create(self, **form: Any) -> TestResponse:
        """Send the form for a new client."""
        path = "/operator/clients/new"
        form = {"name": "Reports", "grant_types": "client_credentials", **form}
        return self.send(path, shown_at=path, **form)


@pytest.fixture
def operator(app: Flask) -> Pages:
    return Pages(app)


@pytest.fixture
def bob(app: Flask) -> Pages:
    return Pages(app, "bob")


def seal_of(page: TestResponse) -> str:
    assert page.status_code == 200, page.text
    found = re.search(r'name="seal" value="(.*?)"', page.text)
    assert found is not None, page.text
    return html.unescape(found[1])


def text_of(page: TestResponse) -> str:
    """What a person reads on a page."""
    text = re.sub(r"<(head|script)\b.*?</\1>|<[^>]+>", " ", page.text, flags=re.DOTALL)
    return " ".join(html.unescape(text).split())


def secret_of(page: TestResponse) -> str:
    found = re.search(r"tapcs_[\w-]+", page.text)
    assert found is not None, text_of(page)
    return found[0]
