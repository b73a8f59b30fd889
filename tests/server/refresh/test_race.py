"""One refresh token is used several times at once, on each database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import MakeApp, Registered, bearer, grant
from ...services import SERVERS, own_database
from .conftest import BOTH, refresh

THREADS = 32

Answer = tuple[int, dict[str, Any]]
STRICT = "mariadb, as from 11.6 on"
ISOLATED = {"init_command": "SET SESSION innodb_snapshot_isolation=ON"}


@pytest.fixture(scope="module", params=[*SERVERS, STRICT])
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sa.URL]:
    """Make an empty database on a server, one of them with newer defaults."""
    is_strict = request.param == STRICT
    server = "mariadb" if is_strict else request.param
    with own_database(server, tmp_path_factory.mktemp("race")) as url:
        yield url.set(query=ISOLATED if is_strict else {})


class Race:
    """A token family, and the answers to the requests that race."""

    def __init__(self, host: Flask, client: Registered) -> None:
        self.host = host
        self._client = client
        self.answers: list[Answer] = []
        self.newest: str = self._post(grant(client))[1]["refresh_token"]

    def _post(self, parameters: dict[str, Any]) -> Answer:
        answer = self.host.test_client().post("/oauth/token", data=parameters)
        self.answers.append((answer.status_code, answer.get_json()))
        return self.answers[-1]

    def use(self, token: str) -> Answer:
        return self._post(refresh(self._client, token))

    def rotate(self) -> str:
        """Use the newest refresh token, and return it."""
        used = self.newest
        self.newest = self.use(used)[1]["refresh_token"]
        return used

    def run(self, tokens: list[str]) -> list[Answer]:
        """Use each token in a thread of its own, all at the same moment."""
        start = threading.Barrier(len(tokens))

        def use(token: str) -> Answer:
            start.wait()
            return self.use(token)

        with ThreadPoolExecutor(len(tokens)) as threads:
            return list(threads.map(use, tokens))

    def won(self) -> list[dict[str, Any]]:
        return [body for status, body in self.answers if status == 200]

    def opening(self) -> int:
        """Count the access tokens of the family that open a view."""
        http = self.host.test_client()
        return sum(
            http.get("/whoami", headers=bearer(body["access_token"])).status_code == 200
            for body in self.won()
        )


MakeRace = Callable[..., Race]


@pytest.fixture
def make_race(make_app: MakeApp, tapauth: TapAuth, database: sa.URL) -> MakeRace:
    def make(**settings: Any) -> Race:
        host = make_app(SQLALCHEMY_DATABASE_URI=database, **settings)
        with host.app_context():
            client = tapauth.clients.create("Reports", grant_types=BOTH)
        return Race(host, client)

    return make


def outcomes(answers: list[Answer]) -> list[tuple[int, str | None]]:
    return sorted((status, body.get("error")) for status, body in answers)


def test_of_many_who_use_one_refresh_token_one_gets_tokens(
    make_race: MakeRace,
) -> None:
    """RFC 9700 §4.14.2: the others look like a theft, which revokes those tokens."""
    race = make_race()

    answers = race.run([race.newest] * THREADS)

    lost = [(400, "invalid_grant")] * (THREADS - 1)
    assert outcomes(answers) == [(200, None), *lost]
    assert race.opening() == 0
    for body in race.won():
        assert race.use(body["refresh_token"])[0] == 400


@pytest.mark.parametrize("attempt", range(5))
def test_a_token_rotated_during_a_reuse_does_not_survive(
    make_race: MakeRace, attempt: int
) -> None:
    """RFC 9700 §4.14.2: the family ends, whichever request comes first."""
    race = make_race()
    used = race.rotate()

    *reused, rotated = race.run([*[used] * 4, race.newest])

    assert outcomes(reused) == [(400, "invalid_grant")] * 4
    assert rotated[0] in (200, 400)
    assert race.opening() == 0
    for body in race.won():
        assert race.use(body["refresh_token"])[0] == 400


@pytest.mark.parametrize("statement", ["UPDATE", "INSERT INTO"])
def test_a_reuse_in_the_middle_of_a_rotation_ends_it_too(
    make_race: MakeRace, db: SQLAlchemy, statement: str
) -> None:
    """RFC 9700 §4.14.2: no new token may survive the end of its family."""
    race = make_race()
    used = race.rotate()
    reused: list[Answer] = []

    def reuse(_c: Any, _k: Any, executed: str, *_: Any) -> None:
        if executed.startswith(f"{statement} tapauth_refresh_token") and not reused:
            reused.extend(race.run([used]))

    with race.host.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", reuse)

    race.rotate()

    assert outcomes(reused) == [(400, "invalid_grant")]
    assert race.opening() == 0
    assert race.use(race.newest)[0] == 400


def test_of_two_who_read_a_token_as_unused_the_second_ends_the_family(
    make_race: MakeRace, db: SQLAlchemy
) -> None:
    """RFC 9700 §4.14.2: a thief may be as fast as the client."""
    race = make_race()
    faster: list[Answer] = []

    def use_first(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        if statement.startswith("UPDATE tapauth_refresh_token") and not faster:
            faster.append((0, {}))  # so that its own UPDATE is let through
            faster[:] = race.run([race.newest])

    with race.host.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", use_first)

    slower = race.use(race.newest)

    assert outcomes([*faster, slower]) == [(200, None), (400, "invalid_grant")]
    assert race.opening() == 0
    assert race.use(faster[0][1]["refresh_token"])[0] == 400


def test_parallel_retries_in_the_grace_time_all_get_tokens(
    make_race: MakeRace,
) -> None:
    """With TAPAUTH_REFRESH_GRACE, each answer has tokens that work."""
    race = make_race(TAPAUTH_REFRESH_GRACE=60)

    answers = race.run([race.newest] * THREADS)

    assert outcomes(answers) == [(200, None)] * THREADS
    assert race.opening() == THREADS + 1
    last = race.run([body["refresh_token"] for _, body in answers])
    assert outcomes(last) == [(200, None)] * THREADS
    assert len({body["refresh_token"] for body in race.won()}) == 2 * THREADS + 1
