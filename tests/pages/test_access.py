"""Who sees the pages, and from where a form may be posted."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from flask_tapauth import ConfigError, TapAuth, require_token, verify_token

from ..conftest import MakeApp, bearer
from .conftest import MakePages, Pages, seal_of, text_of

FOR_PEOPLE = ["/applications"]
FOR_OPERATORS = [
    "/operator/clients",
    "/operator/clients/new",
    "/operator/client?client_id=reports",
    "/operator/client/delete?client_id=reports",
    "/operator/events",
]
POSTED = [
    "/operator/clients/new",
    "/operator/client/rotate-secret",
    "/operator/client/disable",
    "/operator/client/enable",
    "/operator/client/delete",
]

RAW_QUERY = {"QUERY_STRING": "a=\xff"}


@pytest.fixture
def reports(app: Flask, tapauth: TapAuth) -> str:
    return tapauth.clients.create("Reports", client_id="reports").client_id


def is_sent_to_sign_in(answer: TestResponse, back: str) -> bool:
    target = urlsplit(answer.headers["Location"])
    return (
        answer.status_code == 303
        and target.path == "/login"
        and parse_qs(target.query)["next"] == [back]
    )


def test_the_pages_are_off_by_default(make_app: MakeApp) -> None:
    """how-to/app/pages: a host registers them, or has none."""
    rules = [rule.rule for rule in make_app().url_map.iter_rules()]

    assert not [rule for rule in rules if "applications" in rule or "operator" in rule]


@pytest.mark.parametrize("path", [*FOR_PEOPLE, *FOR_OPERATORS])
def test_people_who_are_not_signed_in_sign_in_first(app: Flask, path: str) -> None:
    """As at the authorization endpoint; the login view sends them back to the page."""
    answer = Pages(app, None).get(path)

    assert is_sent_to_sign_in(answer, f"/account{path}")


def test_bytes_in_the_query_that_are_no_text_do_no_harm(app: Flask) -> None:
    """A stranger's raw bytes in the query were answered 500, in front of sign-in."""
    answer = Pages(app, None).get("/applications", environ_overrides=RAW_QUERY)

    assert is_sent_to_sign_in(
        answer, "/account/applications?a=\N{REPLACEMENT CHARACTER}"
    )


@pytest.mark.parametrize("path", POSTED)
def test_what_is_posted_after_signing_out_is_not_done(
    app: Flask, tapauth: TapAuth, reports: str, path: str
) -> None:
    """The session may end while a page is open."""
    answer = Pages(app, None).post(path, client_id=reports)

    assert is_sent_to_sign_in(answer, "/account/operator/clients")
    assert [c.client_id for c in tapauth.clients.list(state="active")] == [reports]


@pytest.mark.parametrize("path", FOR_OPERATORS)
def test_operators_pages_are_for_operators(
    operator: Pages, bob: Pages, reports: str, path: str
) -> None:
    """`@tapauth.operator` decides, each time."""
    assert operator.get(path).status_code == 200
    assert bob.get(path).status_code == 403


@pytest.mark.parametrize("path", POSTED)
def test_others_cannot_post_to_the_operators_pages(
    bob: Pages, tapauth: TapAuth, reports: str, path: str
) -> None:
    """With a seal of their own, too."""
    tapauth.tokens.issue(reports, user_id="bob")
    seal = seal_of(bob.get("/applications"))

    assert bob.post(path, seal=seal, client_id=reports).status_code == 403
    assert [c.client_id for c in tapauth.clients.list(state="active")] == [reports]


@pytest.mark.parametrize("path", [*FOR_OPERATORS, *POSTED])
def test_without_a_check_there_are_no_operators_pages(
    app: Flask, operator: Pages, tapauth: TapAuth, path: str
) -> None:
    """A host that registers the pages for its people gives nobody its clients."""
    app.extensions["tapauth"].hooks.operator = None

    for answer in (operator.get(path), operator.post(path)):
        assert answer.status_code in (404, 405)
    page = operator.get("/applications")
    assert page.status_code == 200
    assert "operator" not in page.text


@pytest.mark.parametrize("answer", [None, 1, "no", lambda: False])
def test_a_check_says_true_or_false(
    app: Flask, operator: Pages, tapauth: TapAuth, answer: Any
) -> None:
    """A method that nobody called is true for Python: everybody would be operator."""
    tapauth.operator(lambda: answer)

    with pytest.raises(ConfigError, match="return True or False"):
        operator.get("/operator/clients")


def test_a_check_is_a_plain_function(tapauth: TapAuth) -> None:
    """A coroutine is true for Python, too."""

    async def check() -> bool:
        return False

    with pytest.raises(ConfigError, match="operator is a coroutine"):
        tapauth.operator(check)  # type: ignore[type-var]


@pytest.mark.parametrize("path", ["/applications", "/operator/clients"])
def test_a_person_known_by_a_token_is_not_signed_in(
    app: Flask, tapauth: TapAuth, path: str
) -> None:
    """The token's holder would see, and end, more than the token allows."""
    client = tapauth.clients.create("Mobile")
    token = tapauth.tokens.issue(client, user_id="ann")["access_token"]
    person: Any = type("Person", (), {"id": "ann"})()

    def load() -> Any:
        if "Authorization" not in request.headers:
            return None
        verify_token()
        return person

    tapauth.current_user_loader(load)
    tapauth.operator(lambda: True)

    answer = Pages(app, None).get(path, headers=bearer(token))

    assert is_sent_to_sign_in(answer, f"/account{path}")


def test_an_inactive_person_sees_nothing(app: Flask, tapauth: TapAuth) -> None:
    """Flask-Login's `is_active`: the account is suspended."""
    person: Any = type("Person", (), {"id": "ann", "is_active": False})()
    tapauth.current_user_loader(lambda: person)

    assert Pages(app).get("/applications").status_code == 403


def stale(pages: Pages, answer: TestResponse) -> bool:
    """Tell whether nothing was done, and the next page says so."""
    return answer.status_code == 303 and "Nothing was changed" in text_of(
        pages.get("/operator/clients")
    )


@pytest.mark.parametrize("path", POSTED)
@pytest.mark.parametrize("seal", [None, "", "junk", "a.b.c", "é"])
def test_a_form_that_no_page_of_ours_shows_does_nothing(
    operator: Pages, tapauth: TapAuth, reports: str, path: str, seal: str | None
) -> None:
    """A page of another site may post it, with the operator's cookies."""
    operator.get("/operator/clients/new")
    form = {} if seal is None else {"seal": seal}

    answer = operator.post(path, client_id=reports, name="New", **form)

    assert stale(operator, answer)
    clients = tapauth.clients.list(state="active")
    assert [client.client_id for client in clients] == [reports]
    assert tapauth.events.list(action="secret_rotated") == []


def test_the_seal_of_another_person_or_session_does_nothing(
    app: Flask, operator: Pages, reports: str
) -> None:
    """An attacker could plant a form of their own on an operator."""
    other = Pages(app)

    seal = seal_of(other.get("/operator/clients/new"))
    path = "/operator/client/disable"
    assert stale(operator, operator.post(path, seal=seal, client_id=reports))

    other.sign_in("bob")
    app.extensions["tapauth"].hooks.operator = lambda: True
    assert stale(other, other.post(path, seal=seal, client_id=reports))


def test_a_value_signed_for_the_consent_page_does_nothing(
    app: Flask, operator: Pages, reports: str
) -> None:
    """Each purpose has its own signature."""
    operator.get("/operator/clients/new")
    with operator.http.session_transaction() as session:
        bond = session["_tapauth_bond"]
    assert isinstance(app.secret_key, str)
    signer = URLSafeTimedSerializer(app.secret_key, salt="flask-tapauth-consent")
    seal = signer.dumps([bond, "ann"])

    answer = operator.post("/operator/client/disable", seal=seal, client_id=reports)

    assert stale(operator, answer)


def test_a_page_can_be_sent_for_twelve_hours(
    operator: Pages, reports: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form that takes long is not lost; one of yesterday counts no more."""
    seal = seal_of(operator.get("/operator/clients/new"))
    shown, path = time.time(), "/operator/client/disable"
    form = {"seal": seal, "client_id": reports}

    monkeypatch.setattr(time, "time", lambda: shown + 12 * 3600 - 5)
    done = operator.post(path, **form)
    assert "client_id=reports" in done.headers["Location"]
    monkeypatch.setattr(time, "time", lambda: shown + 12 * 3600 + 5)
    assert stale(operator, operator.post(path, **form))


@pytest.mark.parametrize("path", [*FOR_PEOPLE, *FOR_OPERATORS, "/operator/client"])
def test_pages_stay_out_of_caches_and_frames(
    operator: Pages, reports: str, path: str
) -> None:
    """RFC 9700 §4.16: as the consent page; errors too."""
    headers = operator.get(path).headers

    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer"


def test_operators_pages_need_https(make_pages: MakePages) -> None:
    """TAPAUTH_REQUIRE_HTTPS: a page with a new secret would go over plain http."""
    app = make_pages()

    for scheme, status in (("http", 400), ("https", 200)):
        pages = Pages(app, base_url=f"{scheme}://shop.example")
        assert pages.get("/operator/clients/new").status_code == status


def test_only_post_changes_anything(operator: Pages, reports: str) -> None:
    """RFC 9110 §9.2.1: a link, or an image, must not."""
    for path in POSTED:
        if path not in ("/operator/clients/new", "/operator/client/delete"):
            assert operator.get(f"{path}?client_id=reports").status_code == 405


def test_an_outage_is_a_page(
    app: Flask, operator: Pages, db: SQLAlchemy, tapauth: TapAuth
) -> None:
    """Programs get JSON; people a page that asks them to try again."""
    events = tapauth.Client.metadata.tables["tapauth_event"]
    events.drop(db.engine)

    answer = operator.get("/operator/events")

    assert answer.status_code == 503
    assert answer.mimetype == "text/html"
    assert "try again" in text_of(answer)
    assert answer.headers["Retry-After"] == "5"
    events.create(db.engine)


def test_guarded_views_are_as_before(app: Flask, tapauth: TapAuth) -> None:
    """The pages change nothing about the API beside them."""
    app.add_url_rule("/api", "api", require_token(lambda: "yes"))

    assert app.test_client().get("/api").status_code == 401
