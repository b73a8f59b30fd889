"""Run the doctor on an app, and read its findings."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth

from ...conftest import MakeApp
from ...outside import run_command

GOOD: dict[str, Any] = {
    "SECRET_KEY": "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "TAPAUTH_ISSUER": "https://orders.example",
}


class Found(NamedTuple):
    level: str
    message: str


class Report(dict[str, Found]):
    """The findings by the name of their check, and the exit code."""

    exit_code: int


def examine(app: Flask, *options: str) -> Report:
    result = run_command(app, "doctor", "--json", *options)
    findings = json.loads(result.stdout)
    report = Report(
        {each["check"]: Found(*list(each.values())[1:]) for each in findings}
    )
    report.exit_code = result.exit_code
    return report


Examine = Callable[..., Report]


@pytest.fixture
def examined(make_app: MakeApp) -> Examine:
    """Make an app that works, with these settings, and examine it."""
    return lambda **settings: examine(make_app(**GOOD, **settings))


@pytest.fixture
def unready(db: SQLAlchemy, tapauth: TapAuth, tmp_path: Path) -> Examine:
    """Examine an app with these settings, whose tables nobody made."""

    def unready(**settings: Any) -> Report:
        app = Flask("host")
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/host.db"
        app.config.update({**GOOD, **settings})
        db.init_app(app)
        tapauth.init_app(app)
        try:
            return examine(app)
        finally:
            with app.app_context():
                for engine in db.engines.values():
                    engine.dispose()

    return unready
