"""How a client proves who it is at an endpoint (RFC 6749 §2.3).

The functions have the signature that Authlib's ``register_client_auth_method`` takes.
Unlike Authlib's own, they answer every failure alike, and in about the same time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Request

from .._app.app_state import get_app_state
from .._base.parameters import parse_basic
from ..errors import UniformClientError
from ..models import ClientMixin

Query = Callable[[str], ClientMixin | None]
_PROOFS = {"client_secret", "client_assertion"}


def check_one_method(request: OAuth2Request) -> None:
    """Refuse a request with two client authentications, or for two clients (§2.3)."""
    scheme, _ = _authorization(request)
    posted: Mapping[str, str] = request.form
    if bool(scheme) + len(_PROOFS & posted.keys()) > 1:
        raise InvalidRequestError(
            "The request authenticates the client in two ways; use one."
        )
    if scheme == "basic" and "client_id" in posted:
        client_ids, _ = _basic(request)
        if posted["client_id"] not in client_ids:
            raise InvalidRequestError("The request names two clients.")


def authenticate_basic(query: Query, request: OAuth2Request) -> ClientMixin | None:
    """``client_secret_basic``."""
    scheme, _ = _authorization(request)
    if scheme != "basic":
        return None
    client_ids, secrets = _basic(request)
    return _verify(query, client_ids, secrets)


def authenticate_post(query: Query, request: OAuth2Request) -> ClientMixin | None:
    """``client_secret_post``."""
    posted: Mapping[str, str] = request.form
    if "client_id" not in posted or "client_secret" not in posted:
        return None
    return _verify(query, [posted["client_id"]], [posted["client_secret"]])


def authenticate_none(query: Query, request: OAuth2Request) -> ClientMixin | None:
    """``none``: a public client names itself, without a proof (RFC 6749 §2.1)."""
    posted: Mapping[str, str] = request.form
    scheme, _ = _authorization(request)
    if scheme or "client_id" not in posted or _PROOFS & posted.keys():
        return None
    client_id = posted["client_id"]
    client = query(client_id)
    if client is None:
        raise UniformClientError("unknown client", client_id)
    if not client.is_public:
        raise UniformClientError("no secret", client_id)
    return check_alive(client)


CONFIDENTIAL_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
METHODS = (*CONFIDENTIAL_METHODS, "none")
"""The names of all methods (RFC 7591 §2), in the order in which they are tried."""

SECRET_METHODS = {
    "client_secret_basic": authenticate_basic,
    "client_secret_post": authenticate_post,
    "none": authenticate_none,
}
"""The methods of this file, by name."""


def _verify(
    query: Query, client_ids: Sequence[str], secrets: Sequence[str]
) -> ClientMixin:
    client = next(filter(None, map(query, client_ids)), None)
    stored = client.current_secret_hashes() if client else []
    # Compared for an unknown client too, so that the time does not reveal it.
    matches = get_app_state().secrets.matches(secrets, stored)
    if client is None:
        raise UniformClientError("unknown client", client_ids[0])
    if not matches:
        raise UniformClientError("wrong secret", client.client_id)
    return check_alive(client)


def check_alive(client: ClientMixin) -> ClientMixin:
    """:raises UniformClientError: the client is disabled, or its secret has expired."""
    if client.is_disabled:
        raise UniformClientError("client disabled", client.client_id)
    if client.is_expired():
        raise UniformClientError("secret expired", client.client_id)
    return client


def _authorization(request: OAuth2Request) -> tuple[str, str]:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower(), credentials


def _basic(request: OAuth2Request) -> tuple[tuple[str, ...], tuple[str, ...]]:
    _, credentials = _authorization(request)
    try:
        return parse_basic(credentials)
    except ValueError as error:
        raise InvalidRequestError(str(error)) from None
