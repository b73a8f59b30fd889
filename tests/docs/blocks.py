"""The code blocks of a page, and what is to be done with each of them.

CONTRIBUTING.md says how a page's author writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

RUN = ("python", "shell")
SHOWN = (
    *("apache", "css", "go", "html", "http", "ini", "javascript", "jinja", "json"),
    *("mermaid", "nginx", "sql", "text", "toml", "yaml"),
)
"""Languages of blocks that are looked at, or saved as files, and never run."""

PORTS = (5000, 5001, 8000, 8001, 8002, 8080)
"""The numbers in blocks that stand for ports; a run puts free ports in their place."""

_COMMENT = re.compile(
    r"<!--\s*(?P<what>setup|not run|file|from):[ ]*"
    r"(?P<first>.*?)[ ]*(?:\n(?P<rest>.*))?-->",
    re.DOTALL,
)
_DIRECTIVE = re.compile(r"\{(?P<name>[\w-]+)\}\s*(?P<argument>\S*)")
_OPTION = re.compile(r":(?P<name>[\w-]+):[ ]?(?P<value>.*)\n?")


class Fate(Enum):
    """What becomes of a block."""

    RUN = auto()
    SAVED = auto()
    SHOWN = auto()
    NOT_RUN = auto()


@dataclass(frozen=True)
class Block:
    language: str
    code: str
    line: int
    """The line of the page that the code begins on."""
    fate: Fate
    file: str | None = None
    reason: str | None = None


class PageError(Exception):
    """A page has a block that the reader of this file cannot place."""


def read_page(page: Path) -> list[Block]:
    """Return the blocks of a page, and its invisible preparation, in order.

    :raises PageError: naming the line of what is wrong.
    """
    return list(_read(page.read_text(encoding="utf-8"), page, 0))


def _read(text: str, page: Path, offset: int) -> Iterator[Block]:
    comment: re.Match[str] | None = None  # right before the block that comes
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "html_block":
            comment = _COMMENT.match(token.content.strip())
            if comment is not None and comment["what"] == "setup":
                yield _preparation(comment, _line(token, offset), page.name)
                comment = None
            elif comment is not None and comment["what"] == "from":
                yield _file_of(comment["first"], _line(token, offset), page)
                comment = None
        elif token.type in ("fence", "code_block"):
            yield from _block(token, comment, page, offset)
            comment = None
        elif comment is not None:
            line = _line(token, offset)
            raise PageError(f"{page.name}:{line}: a code block must follow")
    if comment is not None:
        raise PageError(
            f"{page.name}: ends with a comment that a code block must follow"
        )


def _preparation(comment: re.Match[str], line: int, page: str) -> Block:
    if comment["first"] not in RUN:
        raise PageError(f"{page}:{line}: write `setup: python` or `setup: shell`")
    return Block(comment["first"], comment["rest"] or "", line + 1, Fate.RUN)


def _file_of(source: str, line: int, page: Path) -> Block:
    """Return the block of another page that is saved as a file.

    :param source: the other page, relative to this one, a space, and the file's name.
    """
    other, _, name = source.partition(" ")
    try:
        blocks = read_page(page.parent / other)
    except OSError:
        blocks = []
    for block in reversed(blocks):
        if block.file == name:
            return block
    raise PageError(f"{page.name}:{line}: {other!r} has no block for {name!r}")


def _block(
    token: Token, comment: re.Match[str] | None, page: Path, offset: int
) -> Iterator[Block]:
    line, code = _line(token, offset) + 1, token.content
    language, file = token.info.strip(), None
    if directive := _DIRECTIVE.match(language):
        if directive["name"] != "code-block":
            # A note or a tab has text of its own, which may have blocks.
            yield from _read(code, page, line - 1)
            return
        language = directive["argument"]
        while option := _OPTION.match(code):
            if option["name"] == "caption":
                file = option["value"]
            code, line = code[option.end() :], line + 1
    if language not in (*RUN, *SHOWN):
        raise PageError(
            f"{page.name}:{line - 1}: got a block of {language or 'no language'}, "
            f"expected one that is run ({', '.join(RUN)}) or shown ({', '.join(SHOWN)})"
        )
    reason = None
    if comment is not None and comment["what"] == "file":
        file = comment["first"]
    elif comment is not None:
        reason = comment["first"]
        if not reason:
            raise PageError(f"{page.name}:{line - 1}: `not run` needs a reason")
    fate = Fate.RUN if language in RUN else Fate.SHOWN
    if reason is not None:
        fate = Fate.NOT_RUN
    elif file is not None:
        fate = Fate.SAVED
    yield Block(language, code, line, fate, file, reason)


def _line(token: Token, offset: int) -> int:
    """The number of a token's first line, counted from 1."""
    return (token.map or [0])[0] + 1 + offset
