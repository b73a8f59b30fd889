"""``flask tapauth doctor --url`` says of each server what the README's table says."""

from __future__ import annotations

import pytest

from ..cli.doctor.conftest import GOOD, Report, examine
from . import host
from .conftest import Serve, Stored
from .rows import ROWS, Setup

SETUPS = {
    f"{row.server}: default": (row.default, row.bearer_arrives, row.underscore_arrives)
    for row in ROWS
}
SETUPS |= {
    f"{row.server}: set up": (row.allowing, True, True) for row in ROWS if row.allowing
}


def ask(stored: Stored, port: int) -> Report:
    app = host.create_app(stored.database_url, **GOOD)
    with app.app_context():
        try:
            return examine(app, "--url", f"http://127.0.0.1:{port}")
        finally:
            host.db.session.remove()
            host.db.engine.dispose()


@pytest.mark.parametrize(("setup", "bearer", "header"), SETUPS.values(), ids=SETUPS)
def test_the_doctor_finds_which_headers_arrive(
    serve: Serve, stored: Stored, setup: Setup, bearer: bool, header: bool
) -> None:
    """Servers drop headers without a word, and the caller gets a 401."""
    report = ask(stored, serve(setup))

    found = report["token_locations"]
    assert found.level == ("warning" if bearer and header else "error")
    assert ("drops the header Authorization" in found.message) is not bearer
    assert ("drops the header access_token" in found.message) is not header
    arrive = ["Authorization"] * bearer + ["access_token"] * header + ["Access-Token"]
    assert f"These headers arrive: {', '.join(arrive)}." in found.message
    assert report.exit_code == (0 if bearer and header else 1)
