"""Split a file into clients: JSON lines, or the array of ``clients list --json``."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from ..errors import ImportRefusedError

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # some editors put it at the start of a file
_SPACE = re.compile(r"[ \t\r\n]*")


def split_file(lines: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield the text of each client, with the number of its first line."""
    numbered = enumerate(lines, 1)
    for number, line in numbered:
        if line.removeprefix(_BYTE_ORDER_MARK).lstrip().startswith(b"["):
            rest = b"".join(more for _, more in numbered)
            yield from _split_array(number, line.removeprefix(_BYTE_ORDER_MARK) + rest)
            return
        if line.strip():
            yield number, line
            break
    for number, line in numbered:
        if line.strip():
            yield number, line


def _split_array(number: int, raw: bytes) -> Iterator[tuple[int, bytes]]:
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        number += raw.count(b"\n", 0, error.start)
        fault = "it has characters that are not UTF-8"
        raise ImportRefusedError({number: fault}) from None

    def skip_space(start: int) -> int:
        return _SPACE.match(text, start).end()  # type: ignore[union-attr]

    position = last = skip_space(skip_space(0) + 1)
    taken: dict[int, None] = {}
    try:
        while text[position] != "]":
            _, end = json.JSONDecoder().raw_decode(text, position)
            line = number + text.count("\n", 0, position)
            while line in taken:  # clients on one line get different numbers
                line += 1
            taken[line] = None
            yield line, text[position:end].encode()
            last = position = skip_space(end)
            if text[position] == ",":
                last = position = skip_space(position + 1)
                if text[position] == "]":
                    raise ValueError
            elif text[position] != "]":
                raise ValueError
        last = skip_space(position + 1)
        if last != len(text):
            raise ValueError
    except (ValueError, IndexError, RecursionError):
        number += text.count("\n", 0, last)
        raise ImportRefusedError({number: "it is not JSON"}) from None
