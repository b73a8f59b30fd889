"""What the database has of a code."""

from __future__ import annotations

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from ...store.secrets.test_at_rest import stored
from .flow import VERIFIER, Flow


def test_neither_code_nor_verifier_is_stored(flow: Flow, db: SQLAlchemy) -> None:
    """A stolen dump must not be usable, before the code is used and afterwards."""
    unused, used = flow.get_code(), flow.get_code()
    flow.tokens(used)
    with flow.app.app_context():
        tables = sa.inspect(db.engine).get_table_names()

    for table in tables:
        for value in stored(flow.app, db, table):
            text = value.decode("latin-1") if isinstance(value, bytes) else value
            for secret in (unused, used, VERIFIER):
                assert secret[6:-8] not in text


def test_the_stored_digest_of_a_code_is_refused(flow: Flow, db: SQLAlchemy) -> None:
    """What a dump has opens nothing, the challenge neither."""
    flow.get_code()

    for value in stored(flow.app, db, "tapauth_code"):
        text = value.hex() if isinstance(value, bytes) else value
        assert flow.refusal(text) == (400, "invalid_grant")
        assert flow.refusal(f"tapac_{text}") == (400, "invalid_grant")
