"""The methods of ``TapAuth`` that do for Python code what ``flask tapauth`` does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ._app.app_state import get_app_state
from ._base.ids import HasClientId
from ._clients.clients import RegisteredClient
from ._clients.registration import Registration
from ._tokens.token import TokenResponse
from .models import ClientMixin


class PythonAPI:
    """Methods for the clients and tokens of the current app.

    A call whose arguments are refused commits nothing, and leaves ``db.session`` as it
    was. In a block of ``db.session.begin()`` or ``begin_nested()``, each call raises
    `ConfigError`, as it would commit in the middle of it.
    """

    def register_client(
        self,
        name: str,
        *,
        client_id: str | None = None,
        client_secret: str | None = None,
        public: bool = False,
        grant_types: Iterable[str] = ("client_credentials",),
        scopes: str | Iterable[str] = (),
        redirect_uris: Iterable[str] = (),
        expires_in: int | None = None,
        secret_expires_at: datetime | None = None,
        resource_server: bool = False,
        resource: str | None = None,
        skip_consent: bool = False,
        jwks: Mapping[str, Any] | str | None = None,
        jwks_uri: str | None = None,
        **columns: Any,
    ) -> RegisteredClient:
        """Register a client in the current app, and commit ``db.session``.

        :param name: the name that people see.
        :param client_id: the client's identifier; generated if you leave it out.
        :param client_secret: a secret that you chose, of 16 characters or more. A
            generated secret is safer: leave it out.
        :param public: register a client without a secret (RFC 6749 §2.1).
        :param grant_types: the grant types that the client may use.
        :param scopes: the scopes that the client may ask for.
        :param redirect_uris: the URIs that users may be sent back to; a request must
            match one of them exactly.
        :param expires_in: lifetime of the client's access tokens, in seconds; None
            takes the app's setting.
        :param secret_expires_at: when the client's secret and tokens stop working; in
            UTC unless it has a time zone.
        :param resource_server: let the client introspect the tokens of other clients.
        :param resource: the resource whose tokens the client introspects, an absolute
            URI; None is the app's first resource.
        :param skip_consent: do not ask users for consent, because the client is the
            host's own.
        :param jwks: the client's public keys, a JWK set as a dict or JSON. The client
            then signs assertions and has no secret (RFC 7523).
        :param jwks_uri: the https URL where the client publishes its keys, instead of
            `jwks`.
        :param columns: values of columns that the host's model adds.
        :returns: the client and its secret, readable here and never again.
        :raises RegistrationError: an argument is wrong, and nothing was written.
        """
        return get_app_state().clients.register(
            Registration(
                name=name,
                client_id=client_id,
                client_secret=client_secret,
                public=public,
                grant_types=grant_types,
                scopes=scopes,
                redirect_uris=redirect_uris,
                expires_in=expires_in,
                secret_expires_at=secret_expires_at,
                resource_server=resource_server,
                resource=resource,
                skip_consent=skip_consent,
                jwks=jwks,
                jwks_uri=jwks_uri,
                columns=columns,
            )
        )

    def rotate_secret(
        self,
        client: str | HasClientId,
        *,
        grace: int = 0,
        secret_expires_at: datetime | None = None,
    ) -> RegisteredClient:
        """Give a client a new secret, and commit ``db.session``.

        :param client: the client, or its id.
        :param grace: seconds for which the old secret works too.
        :param secret_expires_at: when the new secret stops working; None is never.
        :returns: the client and its new secret, readable here and never again.
        :raises UnknownClientError: there is no such client.
        :raises RegistrationError: the client has no secret, or `grace` or the date is
            wrong.
        """
        return get_app_state().clients.rotate_secret(client, grace, secret_expires_at)

    def revoke_client_tokens(self, client: str | HasClientId) -> int:
        """Revoke all tokens of a client, and commit ``db.session``.

        :param client: the client, or its id.
        :returns: the number of tokens that were active; a token family counts as one.
        :raises UnknownClientError: there is no such client.
        """
        return get_app_state().tokens.revoke(client, None, "admin")

    def purge_expired(self, *, older_than: int = 0, batch_size: int = 1000) -> int:
        """Delete expired tokens in batches, and commit ``db.session``.

        A used refresh token stays until its token family has expired, because its
        second use reveals a theft.

        :param older_than: keep tokens that expired less than this many seconds ago.
        :param batch_size: rows to delete in one transaction.
        :returns: the number of rows that were deleted.
        :raises ValueError: an argument is out of range.
        """
        return sum(get_app_state().tokens.purge(older_than, batch_size).values())

    def issue_token(
        self,
        client: str | HasClientId,
        *,
        scopes: str | Iterable[str] | None = None,
        user_id: str | int | None = None,
        expires_in: int | None = None,
    ) -> TokenResponse:
        """Issue an access token without a request, and commit ``db.session``.

        :param client: the client, or its id.
        :param scopes: the scopes of the token; None is all scopes of the client.
        :param user_id: the resource owner's id; None for a token without a user.
        :param expires_in: lifetime in seconds; None as at the token endpoint.
        :returns: the response of the token endpoint, as a dict.
        :raises UnknownClientError: there is no such client.
        :raises RegistrationError: the client may not have such a token.
        """
        state = get_app_state()
        if scopes is not None and not isinstance(scopes, str):
            scopes = tuple(scopes)  # it is read twice, and may be an iterator

        def check(record: ClientMixin) -> None:
            state.issuer.check(record, scopes, user_id, expires_in)

        record = state.clients.get(client, check)
        return state.issuer.issue(record, scopes, user_id, expires_in)
