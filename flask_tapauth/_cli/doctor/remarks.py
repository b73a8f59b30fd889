"""What a check looks at, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from ..._app.app_state import AppState
from .asking import Answers

Level = Literal["ok", "warning", "error"]

LEVELS: Final[tuple[Level, ...]] = ("ok", "warning", "error")

_MOST_NAMES: Final = 10


class Remark(NamedTuple):
    """A sentence that says what is wrong and what to do; or why a check is content."""

    level: Level
    sentence: str


@dataclass(frozen=True, slots=True)
class Subject:
    """The app that is examined.

    :param answers: what the running server answered; None without ``--url``.
    """

    state: AppState
    answers: Answers | None


Check = Callable[[Subject], Iterator[Remark]]


class Finding(NamedTuple):
    """The result of one check."""

    check: str
    level: Level
    message: str

    @classmethod
    def of(cls, check: str, remarks: Iterable[Remark]) -> Finding:
        """Combine remarks: the worst level counts, and good news only without bad."""
        given = list(remarks)
        level = max((each.level for each in given), key=LEVELS.index)
        told = [each for each in given if level == "ok" or each.level != "ok"]
        return cls(check, level, " ".join(each.sentence for each in told))


def names(ids: list[str]) -> str:
    """Return a list of ids for a sentence; a long one is cut."""
    more = len(ids) - _MOST_NAMES
    listed = ", ".join(ids[:_MOST_NAMES])
    return f"{listed} and {more} more" if more > 0 else listed
