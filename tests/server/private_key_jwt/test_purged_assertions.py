"""A purge forgets an assertion no sooner than a day after it expired, and then does."""

from __future__ import annotations

import time

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from .conftest import MakeAssertion, Refusal, refusal, request_token

LEEWAY = 60
DAY = 24 * 3600


def test_an_assertion_that_expired_a_moment_ago_outlives_a_purge(
    http: FlaskClient,
    tapauth: TapAuth,
    make_assertion: MakeAssertion,
    wrong_secret_refusal: Refusal,
) -> None:
    """RFC 7523 §3 (7): an assertion is remembered for as long as it is acceptable."""
    text = make_assertion(exp=int(time.time()) - LEEWAY + 5)
    assert request_token(http, text).status_code == 200

    tapauth.tokens.purge()

    assert refusal(request_token(http, text)) == wrong_secret_refusal


def test_a_purge_by_a_clock_that_is_ahead_forgets_no_assertion(
    http: FlaskClient,
    app: Flask,
    tapauth: TapAuth,
    make_assertion: MakeAssertion,
    wrong_secret_refusal: Refusal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One machine's clock was two hours ahead, and an assertion was accepted twice."""
    text = make_assertion()
    assert request_token(http, text).status_code == 200

    now = time.time()
    with monkeypatch.context() as ahead, app.app_context():
        ahead.setattr(time, "time", lambda: now + 7200)
        counted = app.extensions["tapauth"].store.purge.count(int(now) + 7200)
        tapauth.tokens.purge()

    assert counted.assertions == 0
    assert refusal(request_token(http, text)) == wrong_secret_refusal


@pytest.mark.parametrize(("later", "rows"), [(0, 1), (1, 0)])
@pytest.mark.parametrize("lifetime", [1, 3600])
def test_a_purge_deletes_an_assertion_a_day_after_it_expired(
    db: SQLAlchemy,
    http: FlaskClient,
    tapauth: TapAuth,
    make_assertion: MakeAssertion,
    monkeypatch: pytest.MonkeyPatch,
    lifetime: int,
    later: int,
    rows: int,
) -> None:
    """Every token request adds a row, so an app that purges must lose rows again."""
    expires_at = int(time.time()) + lifetime
    assert request_token(http, make_assertion(exp=expires_at)).status_code == 200

    end = expires_at + LEEWAY + 1 + DAY + later
    monkeypatch.setattr(time, "time", lambda: end)
    tapauth.tokens.purge()

    count = sa.select(sa.func.count()).select_from(tapauth._models.assertion)
    assert db.session.scalar(count) == rows


@pytest.mark.parametrize("change", [{"aud": "https://other.example"}, {"exp": 1}])
def test_a_refused_assertion_adds_no_row(
    db: SQLAlchemy,
    http: FlaskClient,
    tapauth: TapAuth,
    make_assertion: MakeAssertion,
    change: dict[str, object],
) -> None:
    """Otherwise anybody could fill the table without a key."""
    good = make_assertion()
    forged = good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB")

    for text in (forged, make_assertion(**change)):
        assert request_token(http, text).status_code == 401

    count = sa.select(sa.func.count()).select_from(tapauth._models.assertion)
    assert db.session.scalar(count) == 0
