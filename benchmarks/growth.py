"""Measure the speed and the size of the token table as it grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from flask_tapauth._base import secrets as _secrets

from .bench import Bench
from .load import Ratio
from .targets import Data, Target, get

SIZES: Final = tuple(10**power for power in range(3, 8))
COMPARED_WITH: Final = 10**4
_ASKED_FOR: Final = 5000
"""Tokens that are asked for in turn, from all over the table."""

_FILL: Final = """
INSERT INTO tapauth_token (digest, client_pk, scope, issued_at, expires_at)
SELECT coalesce(asked.digest, sha256(int8send(row))), client.id, client.scope,
       extract(epoch FROM now()) - (:rows - row) / 100,
       extract(epoch FROM now()) - (:rows - row) / 100 + 30 * 86400
FROM tapauth_client AS client, generate_series(1, :rows) AS row
LEFT JOIN asked USING (row)
"""
"""A hundred tokens a second, of 30 days; digests are as random as those of tokens."""


@dataclass(frozen=True)
class Grown:
    """A table with a number of rows, and how fast it was.

    :param rate: the speed, compared with a table of ``COMPARED_WITH`` rows.
    """

    rows: int
    bytes_per_row: float
    rate: Ratio


def measure_growth(bench: Bench, sizes: Sequence[int]) -> list[Grown]:
    """Fill a table of each size on PostgreSQL, and measure them in turn."""
    targets, bytes_per_row = [], []
    for rows in sizes:
        data = Data(f"rows_{rows}", "ours", rows=1)
        url, _ = bench.fill(data)
        tokens = [
            _secrets.generate("access_token") for _ in range(min(rows, _ASKED_FOR))
        ]
        bytes_per_row.append(_fill(url, rows, tokens) / rows)
        targets.append(Target(_name(rows), "ours", _asking_for(tokens), data))
    rates = bench.measure(targets)
    compared = rates[_name(COMPARED_WITH)]
    return [
        Grown(rows, size, Ratio.of(rates[_name(rows)], compared))
        for rows, size in zip(sizes, bytes_per_row, strict=True)
    ]


def _fill(url: str, rows: int, tokens: Sequence[str]) -> int:
    """Fill a table, and return its size in bytes, with all indexes."""
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:

        def run(statement: str, parameters: Any = None) -> Any:
            return connection.execute(sa.text(statement), parameters)

        run("TRUNCATE tapauth_token")
        run("CREATE TEMPORARY TABLE asked (row bigint PRIMARY KEY, digest bytea)")
        step = rows // len(tokens)
        run(
            "INSERT INTO asked VALUES (:row, :digest)",
            [
                {"row": 1 + number * step, "digest": _secrets.digest(token)}
                for number, token in enumerate(tokens)
            ],
        )
        run("SET session_replication_role = replica")  # foreign keys are right here
        run(_FILL, {"rows": rows})
        run("VACUUM ANALYZE tapauth_token")
        size: int = run("SELECT pg_total_relation_size('tapauth_token')").scalar_one()
        run("CHECKPOINT")  # now, and not while it is measured
    return size


def _name(rows: int) -> str:
    return f"ours, {rows} rows"


def _asking_for(tokens: Sequence[str]) -> Any:
    return lambda _: [get(token) for token in tokens]
