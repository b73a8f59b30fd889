"""Check client ids and chosen client secrets."""

from __future__ import annotations

import re
from typing import Any

from .._base.ids import MAX_NAME
from .._base.parameters import check_text
from .._base.secrets import looks_generated
from ..errors import RegistrationError

_VISIBLE = re.compile(r"[\x20-\x7e]+")  # VSCHAR of RFC 6749 appendix A
_MIN_SECRET = 16


def is_client_id(value: str) -> bool:
    """Tell whether a client could have this id (RFC 6749 appendix A.1)."""
    return len(value) <= MAX_NAME and _VISIBLE.fullmatch(value) is not None


def check_client_id(client_id: Any, *, may_be_url: bool = False) -> str:
    """Check a client's id.

    :param may_be_url: whether it may be the URL of a document, as in an import.
    """
    if not isinstance(client_id, str) or not is_client_id(client_id):
        fault = f"a client id is 1 to {MAX_NAME} visible ASCII characters"
    elif looks_generated(client_id):
        fault = "a client id must not begin like a secret or token: 'tapcs_', 'eyJ'"
    elif client_id.lower().startswith("https://") and not may_be_url:
        # Otherwise the client at that URL could take the registered one over.
        fault = (
            "a client id must not begin with 'https://': such a client is the one at "
            "that URL, which TAPAUTH_CLIENT_ID_METADATA accepts"
        )
    elif client_id != client_id.strip():
        # Some collations of MariaDB ignore trailing spaces: two ids would be equal.
        fault = "a client id must not begin or end with a space"
    else:
        return str(client_id)
    raise RegistrationError(fault, "client_id")


def check_secret(secret: Any) -> str:
    """Check a secret that the caller chose."""
    if not isinstance(secret, str) or len(secret.strip()) < _MIN_SECRET:
        raise RegistrationError(
            f"a chosen secret needs at least {_MIN_SECRET} characters; leave it out to "
            "have a safe secret generated",
            "client_secret",
        )
    try:
        return check_text(secret)
    except ValueError as error:
        fault = f"the client secret cannot be used: {error}"
        raise RegistrationError(fault, "client_secret") from None
