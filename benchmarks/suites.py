"""Which targets are measured together, and which ratios are expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from . import targets as t
from .targets import Target

DATABASES: Final = ("postgresql", "sqlite")


@dataclass(frozen=True)
class Bar:
    """A target must be so many times as fast as another.

    :param database: the database where this is expected; None means each.
    """

    target: Target
    least: float
    other: Target
    database: str | None = None


@dataclass(frozen=True)
class Suite:
    """Targets that are measured in one run.

    :param beside: targets that are measured only for comparison.
    """

    name: str
    bars: tuple[Bar, ...]
    beside: tuple[Target, ...] = ()

    def bars_on(self, database: str) -> list[Bar]:
        return [bar for bar in self.bars if bar.database in (None, database)]

    def targets_on(self, database: str) -> list[Target]:
        """Return the targets that the bars need on a database, bare Flask first."""
        pairs = ((bar.target, bar.other) for bar in self.bars_on(database))
        by_name = {target.name: target for pair in pairs for target in pair}
        beside = {target.name: target for target in self.beside}
        return list({t.BARE.name: t.BARE, **by_name, **beside}.values())


_PG, _SQLITE = DATABASES

SUITES: Final = (
    Suite(
        "views",
        (
            Bar(t.OURS_CACHED, 0.80, t.BARE, _PG),
            Bar(t.OURS_CACHED, 3.0, t.AUTHLIB, _PG),
            Bar(t.OURS_CACHED, 1.6, t.JWT_RS256, _PG),
            Bar(t.OURS_CACHED_REDIS, 0.80, t.BARE),
            Bar(t.OURS, 0.85, t.FLOOR, _PG),
            Bar(t.OURS, 1.4, t.AUTHLIB, _PG),
        ),
        beside=(t.OURS, t.AUTHLIB, t.TOOLKIT),
    ),
    Suite(
        "jwt",
        (
            Bar(t.OURS_HS256_SEEN, 0.75, t.BARE),
            Bar(t.OURS_RS256_SEEN, 0.75, t.BARE),
            Bar(t.OURS_HS256, 1.0, t.JWT_HS256),
            Bar(t.OURS_RS256, 1.0, t.JWT_RS256),
        ),
    ),
    Suite(
        "refusals",
        (
            Bar(t.UNKNOWN, 1.0, t.OURS),
            Bar(t.MALFORMED, 1.0, t.OURS),
            Bar(t.FALSE_CHECKSUM, 0.80, t.BARE),
        ),
        beside=(t.BARE_REFUSAL,),
    ),
    Suite(
        "issuing",
        (
            Bar(t.OURS_ISSUING, 1.2, t.AUTHLIB_ISSUING, _PG),
            Bar(t.OURS_ISSUING, 100.0, t.TOOLKIT_ISSUING, _PG),
            Bar(t.OURS_ISSUING_CHOSEN, 0.90, t.OURS_ISSUING),
        ),
        beside=(t.AUTHLIB_ISSUING, t.TOOLKIT_FASTEST_ISSUING),
    ),
)
