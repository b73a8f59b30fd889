"""A refreshed token is for what was granted, or for less (RFC 8707 §2.2)."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient

from ..conftest import ELSEWHERE, ISSUER
from .conftest import (
    THIRD,
    ask,
    assert_invalid_target,
    audience,
    refresh,
)


@pytest.mark.parametrize(
    ("first", "asked", "given"),
    [
        ([], [], ISSUER),
        ([], [ISSUER], ISSUER),
        ([ELSEWHERE], [], [ELSEWHERE]),
        ([ELSEWHERE, ISSUER], [], [ELSEWHERE, ISSUER]),
        ([ELSEWHERE, ISSUER], [ISSUER], ISSUER),
        ([ELSEWHERE, ISSUER, THIRD], [THIRD, ELSEWHERE], [THIRD, ELSEWHERE]),
    ],
    ids=str,
)
def test_a_refreshed_token_is_for_the_same_or_fewer_resources(
    http: FlaskClient,
    registered: RegisteredClient,
    first: list[str],
    asked: list[str],
    given: Any,
) -> None:
    """RFC 8707 §2.2: for all that were granted, if none is named."""
    answer = refresh(http, registered, ask(http, registered, *first), *asked)

    assert audience(http, registered, answer) == given


@pytest.mark.parametrize(
    ("first", "asked"),
    [
        ([], [ELSEWHERE]),
        ([ELSEWHERE], [ISSUER]),
        ([ELSEWHERE], [ELSEWHERE, ISSUER]),
        ([ELSEWHERE, ISSUER], [THIRD]),
        pytest.param(
            [ELSEWHERE],
            [" "],
        ),
    ],
    ids=str,
)
def test_a_resource_that_was_not_granted_is_refused_at_refresh(
    http: FlaskClient, registered: RegisteredClient, first: list[str], asked: list[str]
) -> None:
    """RFC 8707 §2.2: invalid_target, even if the app allows the resource."""
    assert_invalid_target(
        refresh(http, registered, ask(http, registered, *first), *asked)
    )


def test_a_narrowed_token_does_not_narrow_the_grant(
    http: FlaskClient, registered: RegisteredClient
) -> None:
    """RFC 8707 §2.2: the next token may be for the other resources."""
    first = ask(http, registered, ELSEWHERE, ISSUER)
    second = refresh(http, registered, first, ISSUER)

    third = refresh(http, registered, second, ELSEWHERE)

    assert audience(http, registered, third) == [ELSEWHERE]


def test_a_refused_resource_does_not_use_a_refresh_token_up(
    http: FlaskClient, registered: RegisteredClient
) -> None:
    """RFC 9700 §4.14.2: the client has no new one, and must try again."""
    first = ask(http, registered)
    assert_invalid_target(refresh(http, registered, first, ELSEWHERE))

    assert refresh(http, registered, first).status_code == 200
