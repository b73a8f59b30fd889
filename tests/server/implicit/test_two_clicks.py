"""A person clicks on Allow twice, and both clicks are answered at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...services import SERVERS, own_database
from .browser import fragment, open_browser_on
from .conftest import MakeHost


@pytest.fixture(scope="module", params=SERVERS)
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.URL]:
    """A database that two requests write to at once; SQLite has one writer."""
    with own_database(request.param, tmp_path_factory.mktemp("clicks")) as url:
        yield url


def test_both_clicks_get_a_token_and_leave_one_consent(
    make_host: MakeHost, tapauth: TapAuth, db: SQLAlchemy, database: sa.URL
) -> None:
    """A person who double-clicked would get a 503."""
    host = make_host(SQLALCHEMY_DATABASE_URI=database, TAPAUTH_REMEMBER_CONSENT=True)
    browser = open_browser_on(host, tapauth)
    page = browser.follow_link()
    both = threading.Barrier(2)
    waited: list[int] = []

    def wait(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        # A third INSERT is the second try of a transaction that the database undid.
        if statement.startswith("INSERT INTO tapauth_consent") and len(waited) < 2:
            waited.append(threading.get_ident())
            both.wait(timeout=10)

    with host.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", wait)

    with ThreadPoolExecutor(2) as clicks:
        answers = list(clicks.map(browser.decide, [page, page]))

    tokens = {fragment(answer)["access_token"] for answer in answers}
    assert len(tokens) == len(set(waited)) == 2
    with host.app_context():
        consents = db.metadata.tables["tapauth_consent"]
        assert len(db.session.execute(sa.select(consents)).all()) == 1
