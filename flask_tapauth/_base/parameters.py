"""Read the parameters of a request, and refuse ambiguous ones.

A fault is a :class:`ValueError`. Its message repeats nothing that the caller sent, so
it can be sent to the caller and logged.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

MAX_BODY: Final = 64 * 1024
"""The most bytes of a body with parameters."""

MAX_VALUE: Final = 4096
"""The most characters of a value, or of one word in a list of words."""

MAX_LONG: Final = 32 * 1024
"""The most characters of a JWT or a list of words, whether we issue or receive it."""

_WORDS: Final = ("scope", "resource")

_KNOWN: Final = frozenset(
    {
        *_WORDS,
        "client_assertion",
        "client_assertion_type",
        "client_id",
        "client_secret",
        "code",
        "code_verifier",
        "grant_type",
        "redirect_uri",
        "refresh_token",
        "token",
        "token_type_hint",
    }
)
"""The parameters of our endpoints. A grant of the host may read others."""

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"


def is_parameters(mimetype: str) -> bool:
    """Tell whether a body of this media type, in lower case, has parameters."""
    return mimetype in (FORM, JSON)


def parse_body(mimetype: str, body: bytes) -> list[tuple[str, object]]:
    """Return the members of a form or of a JSON object, in the order sent."""
    if mimetype == FORM:
        try:
            return [*parse_qsl(body.decode(), keep_blank_values=True, errors="strict")]
        except UnicodeDecodeError:
            raise ValueError("The form is not encoded in UTF-8.") from None
    try:
        members = json.loads(body.decode(), object_pairs_hook=_Members)
    except (ValueError, RecursionError):
        raise ValueError("The body is not valid JSON.") from None
    if not isinstance(members, _Members):
        raise ValueError("The JSON body is not an object.")
    return members


class _Members(list[tuple[str, object]]):
    """A JSON object as pairs: a dict would hide repeated members."""


def unique_parameters(members: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return parameters by name, without those that have no value.

    Unknown members that are not strings are ignored. Only ``resource`` may be repeated
    (RFC 8707 §2); its URIs are joined by spaces.
    """
    parameters: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in members:
        if name not in _KNOWN and not isinstance(value, str):
            continue
        if name in seen and name != "resource":
            raise ValueError("A parameter is repeated.")  # RFC 6749 §3.2
        seen.add(name)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            raise ValueError("A parameter is not a string.")
        if name in parameters:
            value = f"{parameters[name]} {value}"
        is_long = name in _WORDS or value.startswith("eyJ")
        parameters[name] = check_text(value, MAX_LONG if is_long else MAX_VALUE)
        if name in _WORDS:
            for word in value.split(" "):
                check_text(word)
    return parameters


def check_text(value: str, limit: int = MAX_VALUE) -> str:
    """Return the value, if it can be stored and compared."""
    if len(value) > limit:
        raise ValueError(f"A value is longer than {limit} characters.")
    if "\0" in value:
        raise ValueError("A value has a NUL character.")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("A value is not Unicode text.") from None
    return value


def parse_basic(credentials: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the readings of the client id, and of the secret, in Basic credentials.

    RFC 6749 §2.3.1 wants both form-encoded, but many clients, such as curl, do not
    encode them. So each has a decoded reading, and a plain reading if that differs.
    """
    try:
        pair = base64.b64decode(credentials.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        raise ValueError("The Basic credentials are not Base64 of UTF-8.") from None
    client_id, colon, secret = pair.partition(":")
    if not colon:
        raise ValueError("The Basic credentials have no colon.")
    return _readings(client_id), _readings(secret)


def _readings(value: str) -> tuple[str, ...]:
    check_text(value)
    try:
        decoded = check_text(unquote_plus(value, errors="strict"))
    except UnicodeDecodeError:
        return (value,)
    return (value,) if decoded == value else (decoded, value)
