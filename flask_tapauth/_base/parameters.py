"""Read the parameters of a request out of bytes, and refuse what is doubtful.

Whatever is wrong is a :class:`ValueError` whose message repeats nothing that the
caller sent, so that it may be answered and logged as it stands.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl, unquote_plus

MAX_BODY: Final = 64 * 1024
"""Bytes of a body that are read in search of parameters; a longer one is refused."""

MAX_VALUE: Final = 4096
"""Characters of a parameter's value, or of one word of a list of words."""

MAX_LONG: Final = 32 * 1024
"""Characters of a JWT and of a list of words. We issue and register none that is
longer, so that all of them can be sent to us."""

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
"""What clients post to our endpoints. A grant of the host's may read other parameters,
which are strings too."""

FORM: Final = "application/x-www-form-urlencoded"
JSON: Final = "application/json"


def is_parameters(mimetype: str) -> bool:
    """Tell whether a body of this media type (lower case, bare) carries parameters."""
    return mimetype in (FORM, JSON)


def parse_body(mimetype: str, body: bytes) -> list[tuple[str, object]]:
    """Return the members of a form or of a JSON object, in the order sent.

    :param mimetype: one that :func:`is_parameters` accepts.
    :raises ValueError: the body is not what its media type says.
    """
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
    """A JSON object as pairs: a dict would hide that a member came twice."""


def unique_parameters(members: Iterable[tuple[str, object]]) -> dict[str, str]:
    """Return parameters by name; those without a value count as not sent.

    A member that is neither a string nor known here is no parameter, and is left out.

    ``resource`` alone may come several times (RFC 8707 §2); its URIs are joined by
    spaces, which none has.

    :raises ValueError: a parameter came twice (RFC 6749 §3.2) or has a value that no
        parameter can have.
    """
    parameters: dict[str, str] = {}
    seen: set[str] = set()
    for name, value in members:
        if name not in _KNOWN and not isinstance(value, str):
            continue
        if name in seen and name != "resource":
            raise ValueError("A parameter is repeated.")
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
    """Return `value` as it is, if it can be stored and compared.

    :param limit: characters.
    :raises ValueError: it is too long, has a NUL character, or is no Unicode text.
    """
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
    """Return the readings of client id and secret in HTTP Basic credentials.

    RFC 6749 §2.3.1 has both form-encoded before they are joined; many clients, curl
    among them, send them as they are. So each has its encoded reading first, and its
    plain one where that differs.

    :param credentials: what follows the scheme in the ``Authorization`` header.
    :raises ValueError: it is not Base64, not UTF-8, or has no colon.
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
