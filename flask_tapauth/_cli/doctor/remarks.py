"""What a check looks at, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from ..._app.app_state import AppState
from .asking import Answers

Level = Literal["ok", "warning", "error"]

LEVELS: Final[tuple[Level, ...]] = ("ok", "warning", "error")

MOST_NAMES: Final = 10


class Remark(NamedTuple):
    """A sentence that says what is wrong and what to do, or what is in order."""

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
        """Combine the remarks of a check: the worst level counts."""
        given = list(remarks)
        level = max((each.level for each in given), key=LEVELS.index)
        return cls(check, level, " ".join(each.sentence for each in given))


def names(listed: Sequence[str]) -> str:
    """Return names for a sentence; a long list is cut."""
    shown = ", ".join(listed[:MOST_NAMES])
    return f"{shown} and others" if len(listed) > MOST_NAMES else shown
