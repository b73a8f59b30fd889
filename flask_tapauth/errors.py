"""Errors for programmers, and OAuth errors for clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import (
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    MissingAuthorizationError,
    UnsupportedGrantTypeError,
)
from authlib.oauth2.rfc6750 import InsufficientScopeError, InvalidTokenError


class TapAuthError(Exception):
    """The base of the errors below that tell programmers what to change."""


class ConfigError(TapAuthError):
    """A ``TAPAUTH_*`` setting or an argument of ``TapAuth`` cannot work."""


class NotInitialisedError(TapAuthError, RuntimeError):
    """Flask-TapAuth was used on an app that ``TapAuth.init_app`` never saw."""


class RegistrationError(TapAuthError, ValueError):
    """The rules do not allow this client or token; nothing was written.

    :param reason: what is wrong, and what to do.
    :param argument: the wrong argument, if it is one; the message begins with its name.
    """

    def __init__(self, reason: str, argument: str | None = None) -> None:
        self.reason = reason
        self.argument = argument
        super().__init__(reason if argument is None else f"{argument}: {reason}")


class ImportRefusedError(RegistrationError):
    """Some clients of an import are invalid; nothing was written.

    :param faults: what to change, by the number of the line.
    """

    def __init__(self, faults: Mapping[int, str]) -> None:
        self.faults: dict[int, str] = dict(sorted(faults.items()))
        lines = [f"line {number}: {fault}" for number, fault in self.faults.items()]
        super().__init__("\n".join(lines))


class UnknownClientError(TapAuthError, LookupError):
    """There is no client with this id."""


class UniformClientError(InvalidClientError):
    """Client authentication failed (RFC 6749 §5.2).

    Every failure has this answer. Authlib's errors would tell a caller whether the
    client exists or only the secret is wrong.

    :param reason: what was wrong, for a signal; the caller does not see it.
    :param client_id: the client id that was sent.
    """

    description = "Client authentication failed."
    status_code: int = HTTPStatus.UNAUTHORIZED

    def __init__(self, reason: str, client_id: str | None = None) -> None:
        super().__init__()
        self.reason = reason
        self.client_id = client_id
        self.came_in_header = False
        """Whether the client used the ``Authorization`` header."""

    def get_headers(self) -> list[tuple[str, str]]:
        # With a Basic challenge, browsers would ask for a password, although a page's
        # script posted the secret.
        scheme = 'Basic realm="token", charset="UTF-8"'
        challenge = scheme if self.came_in_header else 'Bearer realm="token"'
        return [*OAuth2Error.get_headers(self), ("WWW-Authenticate", challenge)]


class InsecureRequestError(InvalidRequestError):
    """Credentials came without TLS (RFC 6749 §3.2, RFC 6750 §5.3)."""

    reason = "insecure"
    description = (
        "HTTPS is required here by TAPAUTH_REQUIRE_HTTPS. Behind a proxy that speaks "
        "HTTPS, have it send X-Forwarded-Proto and wrap the app in werkzeug's ProxyFix."
    )


class GrantNotOfferedError(UnsupportedGrantTypeError):
    """The server does not offer this grant (RFC 6749 §5.2)."""

    description = "The server does not offer this grant type."

    def get_error_description(self) -> str:
        return self.description  # Authlib's would repeat what the caller sent


class ClientDocumentError(OAuth2Error):
    """The document at a client's URL cannot be used; only a person reads this.

    :param reason: what is wrong with it.
    """

    error = "invalid_client"

    def __init__(self, reason: str) -> None:
        super().__init__(f"The document that describes the client {reason}.")


class ResponseTypeNotOfferedError(OAuth2Error):
    """The server does not offer this response type (RFC 6749 §4.2.2.1)."""

    error: str = "unsupported_response_type"
    description = "The server does not offer this response type."


class ServerError(OAuth2Error):
    """The app is set up wrongly; the log says how (RFC 6749 §4.1.2.1)."""

    error: str = "server_error"
    description = "The service is not set up for this request; its log says why."
    status_code: int = HTTPStatus.INTERNAL_SERVER_ERROR


class InvalidTargetError(OAuth2Error):
    """No token is issued for this resource (RFC 8707 §2)."""

    error: str = "invalid_target"
    description = "No token is issued for this resource."


class StaleConsentError(InvalidRequestError):
    """The posted consent form is too old, or was shown to somebody else."""

    description = "The page was no longer valid."
    is_stale = True


class RefreshTokenError(InvalidGrantError):
    """A refresh token is unknown, used, revoked, expired, or another client's."""

    description = "The refresh token cannot be used."


class NotItsTokenError(InvalidGrantError):
    """A client tried to revoke another client's token (RFC 7009 §2.1)."""

    description = "The token was issued to another client."


class _RetryLaterError(OAuth2Error):
    error: str = "temporarily_unavailable"
    retry_after = 5
    """Seconds after which a caller may try again."""

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("Retry-After", str(self.retry_after))]


class TemporarilyUnavailableError(_RetryLaterError):
    """The database cannot be reached; the same request may succeed later."""

    description = "The service cannot check credentials at the moment."
    status_code: int = HTTPStatus.SERVICE_UNAVAILABLE


class TooManyRequestsError(_RetryLaterError):
    """A caller sends more requests than ``TAPAUTH_RATE_LIMIT`` allows."""

    description = "Too many requests."
    status_code: int = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class TokenRequiredError(MissingAuthorizationError):
    """No access token was sent; the challenge names no error (RFC 6750 §3.1)."""

    error: str = "invalid_token"
    reason = "missing"
    description = "The request carries no access token."
    scopes: tuple[str, ...] = ()
    """Scopes that open the view."""

    def get_headers(self) -> list[tuple[str, str]]:
        scope = " ".join(self.scopes)
        challenge = f'Bearer scope="{scope}"' if scope else "Bearer"
        return [*OAuth2Error.get_headers(self), ("WWW-Authenticate", challenge)]


class BadTokenRequestError(InvalidRequestError):
    """The request carries its token in a wrong way (RFC 6750 §3.1)."""

    reason = "several"

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("WWW-Authenticate", _challenge(self))]


class TokenRefusedError(InvalidTokenError):
    """The token is not accepted (RFC 6750 §3.1).

    :param reason: why, in a word for the log and the signal; the caller never reads it.
    :param client_id: the client it was issued to, if that is known.
    """

    scopes: tuple[str, ...] = ()
    """Scopes that open the view."""

    def __init__(self, reason: str, client_id: str | None = None) -> None:
        super().__init__()
        self.reason = reason
        self.client_id = client_id

    def get_headers(self) -> list[tuple[str, str]]:
        challenge = _challenge(self, self.scopes)
        return [*OAuth2Error.get_headers(self), ("WWW-Authenticate", challenge)]


class ScopeRequiredError(InsufficientScopeError):
    """The token is valid, but does not have the scopes of the view (RFC 6750 §3.1).

    :param scopes: scopes that open the view. Authlib names them nowhere.
    """

    reason = "scope"

    def __init__(self, scopes: Iterable[str], token: object) -> None:
        super().__init__()
        self.scopes: tuple[str, ...] = tuple(scopes)
        self.token = token

    def get_body(self) -> list[tuple[str, str]]:
        return [*super().get_body(), ("scope", " ".join(self.scopes))]

    def get_headers(self) -> list[tuple[str, str]]:
        challenge = _challenge(self, self.scopes)
        return [*super().get_headers(), ("WWW-Authenticate", challenge)]


def _challenge(error: OAuth2Error, scopes: Iterable[str] = ()) -> str:
    """Return the ``WWW-Authenticate`` value of an error (RFC 6750 §3)."""
    described = error.get_error_description()
    challenge = f'Bearer error="{error.error}", error_description="{described}"'
    scope = " ".join(scopes)
    return f'{challenge}, scope="{scope}"' if scope else challenge
