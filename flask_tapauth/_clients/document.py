"""Read the document in which a client describes itself.

It is a Client ID Metadata Document (draft-ietf-oauth-client-id-metadata-document-01),
and its https URL is the client's id.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from .._base.ids import MAX_NAME
from ..errors import RegistrationError
from .argument_checks import ArgumentChecks
from .consistency import check_one_key_source
from .uris import check_redirect_uri

_URL: Final = re.compile(r"https://[A-Za-z0-9\-._~:/?@!$&'()*+,;=%\[\]]+")
_HOST: Final = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(:[1-9][0-9]{0,4})?")
_GRANT_TYPES: Final = ("authorization_code", "refresh_token")
_SECRETS: Final = ("client_secret", "client_secret_expires_at")


def is_document_url(client_id: str) -> bool:
    """Tell whether a client id may be the URL of a document (§3).

    A URL has one spelling here: its host is in lower case, and no segment of its path,
    encoded or not, is one or two dots.
    """
    if len(client_id) > MAX_NAME or not _URL.fullmatch(client_id):
        return False
    try:
        parts = urlsplit(client_id)
        _ = parts.port  # raises ValueError if it is not a port
    except ValueError:
        return False
    segments = unquote(parts.path).split("/")
    return (
        _HOST.fullmatch(parts.netloc) is not None  # so there is no user name
        and parts.path != ""
        and not {".", ".."} & {*segments}
    )


def read_document(url: str, body: bytes, checks: ArgumentChecks) -> dict[str, Any]:
    """Return what a document says, as columns of the client.

    :raises ValueError: it is no such document, or the client may not be registered. The
        message is for the client's developer: it repeats what the document says.
    """
    members = _parse(body)
    if members.get("client_id") != url:
        raise ValueError("its client_id is not its URL")
    for name in _SECRETS:
        if name in members:
            raise ValueError(f"it has {name}: what everybody can read is no secret")
    for name in ("client_name", "redirect_uris"):
        if not members.get(name):
            raise ValueError(f"it has no {name}")
    try:
        return checks.check(
            {
                "name": members["client_name"],
                "grant_types": _grant_types(members, checks.offered_grant_types()),
                "redirect_uris": _redirect_uris(members["redirect_uris"]),
                **_keys(members),
            }
        )
    except RegistrationError as error:
        # The author of the document must not choose a text of our error page.
        member = {"name": "client_name"}.get(error.argument or "", error.argument)
        raise ValueError(f"its {member} cannot be used here") from error


def _parse(body: bytes) -> Mapping[str, Any]:
    try:
        members = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    if not isinstance(members, dict):
        raise ValueError("it is not a JSON object")
    return members


def _grant_types(members: Mapping[str, Any], offered: Collection[str]) -> list[str]:
    asked = members.get("grant_types", ["authorization_code"])  # RFC 7591 §2
    if not isinstance(asked, list) or "authorization_code" not in asked:
        raise ValueError("its grant_types do not include authorization_code")
    return [each for each in _GRANT_TYPES if each in asked and each in offered]


def _redirect_uris(uris: Any) -> list[str]:
    """Return the URIs that a client could be registered with here.

    The others are ignored: a client may have one for each kind of device.
    """
    if not isinstance(uris, list):
        raise ValueError("its redirect_uris are not a list")
    usable = []
    for uri in uris:
        with contextlib.suppress(ValueError):
            usable.append(check_redirect_uri(uri))
    if not usable:
        raise ValueError("it has no redirect URI that can be used here")
    return usable


def _keys(members: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys that the client signs with; none if it is public (§6.2)."""
    keys = {name: members.get(name) for name in ("jwks", "jwks_uri")}
    has_keys = any(value is not None for value in keys.values())
    default = "private_key_jwt" if has_keys else "none"
    method = members.get("token_endpoint_auth_method", default)
    if method == "none":
        return dict.fromkeys(keys)
    if method != "private_key_jwt":
        raise ValueError(
            "its token_endpoint_auth_method is neither none nor private_key_jwt"
        )
    if not has_keys:
        raise ValueError("its token_endpoint_auth_method needs jwks or jwks_uri")
    check_one_key_source(keys["jwks"], keys["jwks_uri"])
    if not isinstance(keys["jwks"], dict | None):
        raise ValueError("its jwks is not an object")
    return keys
