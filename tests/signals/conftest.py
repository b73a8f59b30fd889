"""Record what an app signals, and renew tokens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_tapauth import signals

from ..conftest import Register, Registered, grant

NAMES = (
    "client_registered",
    "client_authenticated",
    "client_authentication_failed",
    "token_issued",
    "token_authenticated",
    "token_rejected",
    "token_revoked",
)


@pytest.fixture
def heard(app: Flask) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """The signals that the app sends: the name and the arguments of each."""
    heard: list[tuple[str, dict[str, Any]]] = []
    with ExitStack() as stack:
        for name in NAMES:

            def hear(sender: object, _name: str = name, **arguments: Any) -> None:
                assert sender is app
                if client := arguments.get(
                    "client"
                ):  # it can be read only in its session
                    arguments["client"] = client.client_id
                heard.append((_name, arguments))

            signal = getattr(signals, name)
            stack.enter_context(signal.connected_to(hear))
        yield heard


def refresh(http: FlaskClient, client: Registered, token: str) -> Any:
    wanted = {"grant_type": "refresh_token", "refresh_token": token}
    return http.post("/oauth/token", data=grant(client, **wanted)).get_json()


@pytest.fixture
def refreshing(register: Register) -> Registered:
    return register(grant_types=["client_credentials", "refresh_token"])
