"""The extension: wires the parts together for an app, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, TypeVar

from authlib.oauth2 import OAuth2Error
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from . import _hooks
from ._cli import commands
from ._clients import Clients, HasClientId, RegisteredClient
from ._config import Config
from ._issuer import Issuer
from ._jwt import make_format
from ._people import People
from ._protector import Protector
from ._reader import TokenReader
from ._registration import Rules
from ._registry import Registry
from ._remote_keys import RemoteKeys
from ._server import Server
from ._state import EXTENSION, State, get_state
from ._store import Store, resolve_models
from ._tokens import TokenResponse
from ._views import make_blueprint
from ._visit import answer, finish_response
from .errors import ConfigError, TemporarilyUnavailableError
from .models import ClientMixin, TokenMixin

UserLoader = TypeVar("UserLoader", bound=Callable[[str], Any])
CurrentUserLoader = TypeVar("CurrentUserLoader", bound=Callable[[], Any])
ClaimsLoader = TypeVar("ClaimsLoader", bound=_hooks.ClaimsLoader)
ErrorRenderer = TypeVar("ErrorRenderer", bound=Callable[[OAuth2Error], Any])


class TapAuth:
    """An OAuth 2.0 authorization server and a token guard for Flask apps.

    ::

        db = SQLAlchemy()
        tapauth = TapAuth(db=db)

        def create_app():
            app = Flask(__name__)
            db.init_app(app)
            tapauth.init_app(app)

    :param app: calls :meth:`init_app` at once, where given.
    :param db: the host's Flask-SQLAlchemy; clients and tokens are stored on it.
    :param client_model: a model of the host's on :class:`~flask_tapauth.ClientMixin`;
        one is made on `db` otherwise.
    :param token_model: the same for :class:`~flask_tapauth.TokenMixin`.
    :raises ConfigError: there is no `db`, or the models do not fit together.
    """

    def __init__(
        self,
        app: Flask | None = None,
        db: SQLAlchemy | None = None,
        *,
        client_model: type[Any] | None = None,
        token_model: type[Any] | None = None,
    ) -> None:
        if db is None:
            raise ConfigError("TapAuth: give it your SQLAlchemy, as TapAuth(db=db)")
        self._db = db
        self._models = resolve_models(db, client_model, token_model)
        self.Client: type[ClientMixin] = self._models.client
        """The model of clients."""
        self.Token: type[TokenMixin] = self._models.token
        """The model of access tokens."""
        self.server = Server()
        """The Authlib ``AuthorizationServer``; ``register_grant`` adds a grant."""
        self.protector = Protector()
        """The Authlib ``ResourceProtector`` behind ``require_token``."""
        self._people = People()
        self._hooks = _hooks.Hooks()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Add the endpoints, the commands and the guard to an app.

        The ``TAPAUTH_*`` settings are read here and never again. Where this fails, the
        app is as it was.

        :param app: has its settings in place, and `db` initialised on it or soon.
        :raises ConfigError: a setting is unknown or wrong.
        :raises RuntimeError: the app has a ``TapAuth`` already.
        """
        if EXTENSION in app.extensions:
            raise RuntimeError(
                "this app has a TapAuth already; use that one, or call init_app once"
            )
        config = Config.from_mapping(app.config)
        state = self._make_state(app, config)
        app.register_blueprint(make_blueprint(config.url_prefix))
        app.cli.add_command(commands)
        app.after_request(finish_response)
        app.register_error_handler(TemporarilyUnavailableError, answer)
        app.extensions[EXTENSION] = state

    def _make_state(self, app: Flask, config: Config) -> State:
        store = Store.on(self._db, self._models, config)
        rules = Rules(config, self.server.extra_grant_types)
        clients = Clients(rules, store, app)
        generator, jwt = make_format(
            config, self._hooks, store.clients.find, self._people.load
        )
        reader = TokenReader(store, self._people, jwt, config.jwt_check_revocation)
        return State(
            app=app,
            config=config,
            store=store,
            clients=clients,
            issuer=Issuer(config, store, self._people, generator, app),
            reader=reader,
            registry=Registry(store, clients, reader, config.refresh_grace, app),
            remote_keys=RemoteKeys(),
            people=self._people,
            hooks=self._hooks,
            server=self.server,
            protector=self.protector,
        )

    def user_loader(self, load: UserLoader) -> UserLoader:
        """Say how a user's id becomes a user, for ``current_token.user``.

        :param load: takes the id, a string, and returns the user, or None where there
            is none any more. What the user is called is the first there is of
            `display_name`, `name`, `full_name`, `username` and `email`.
        """
        self._people.user_loader = load
        return load

    def current_user_loader(self, load: CurrentUserLoader) -> CurrentUserLoader:
        """Say who is signed in: the user, or None.

        Where Flask-Login is initialised on the app, it says so by default, and how an
        id becomes a user too.

        :param load: takes nothing. A user has `get_id()` or `id`, of 1 to 255
            characters.
        """
        self._people.current_user_loader = load
        return load

    def error_renderer(self, render: ErrorRenderer) -> ErrorRenderer:
        """Give the refusals of protected views a body of the host's own shape.

        :param render: takes the ``OAuth2Error``, with its `error`, `description` and
            `status_code`, and returns a body that Flask takes from a view. Status and
            headers stay those of the refusal. The endpoints' own errors are not
            rendered: OAuth clients rely on their form.
        """
        self._hooks.error_renderer = render
        return render

    def claims_loader(self, load: ClaimsLoader) -> ClaimsLoader:
        """Add claims of the host's own to JWT access tokens and to introspection.

        :param load: takes the client, the user (None for a machine's token, and where
            a person's is not found) and the scopes, and returns a dict that JSON can
            carry. What the standards define it cannot replace: issuer, subject,
            audience, scope and times are ours.
        """
        self._hooks.claims_loader = load
        return load

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
        skip_consent: bool = False,
        jwks: Mapping[str, Any] | str | None = None,
        jwks_uri: str | None = None,
        **columns: Any,
    ) -> RegisteredClient:
        """Register a client in the current app, and commit ``db.session``.

        :param name: what people call it.
        :param client_id: its identifier; one is made otherwise.
        :param client_secret: a secret that somebody chose; better, let one be made.
        :param public: register it without a secret (RFC 6749 §2.1).
        :param grant_types: the grants it may use.
        :param scopes: the scopes it may ask for.
        :param redirect_uris: where its users may be sent back to, compared exactly.
        :param expires_in: seconds its access tokens live; the app's setting otherwise.
        :param secret_expires_at: when its secret and its tokens stop working; without
            a zone, UTC.
        :param resource_server: let it introspect tokens of other clients.
        :param skip_consent: it is the host's own, and asks people for no consent.
        :param jwks: its public keys, a JWK set as a dict or JSON: it signs, and has no
            secret (RFC 7523).
        :param jwks_uri: the https URL where it publishes them, instead.
        :param columns: values of columns that the host's model adds.
        :returns: the client and its secret, readable here and never again.
        :raises RegistrationError: something is wrong, and nothing was written.
        """
        return get_state().clients.register(
            name,
            client_id=client_id,
            client_secret=client_secret,
            public=public,
            grant_types=grant_types,
            scopes=scopes,
            redirect_uris=redirect_uris,
            expires_in=expires_in,
            secret_expires_at=secret_expires_at,
            resource_server=resource_server,
            skip_consent=skip_consent,
            jwks=jwks,
            jwks_uri=jwks_uri,
            columns=columns,
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
        :param grace: seconds for which the old secret opens too.
        :param secret_expires_at: when the new one stops working; never, otherwise.
        :returns: the client and its new secret, readable here and never again.
        :raises UnknownClientError: there is no such client.
        :raises RegistrationError: it has no secret, or `grace` or the date is wrong.
        """
        return get_state().clients.rotate_secret(client, grace, secret_expires_at)

    def revoke_client_tokens(self, client: str | HasClientId) -> int:
        """Revoke all tokens of a client, and commit ``db.session``.

        :param client: the client, or its id.
        :returns: how many tokens were alive, a family of refresh tokens counting as
            one.
        :raises UnknownClientError: there is no such client.
        """
        return get_state().registry.revoke(client, None, "admin")

    def purge_expired(self, *, older_than: int = 0, batch_size: int = 1000) -> int:
        """Delete tokens that have expired, in batches, and commit ``db.session``.

        Used refresh tokens stay until their family has expired: a theft is known by
        them.

        :param older_than: seconds; what expired less long ago is kept.
        :param batch_size: rows deleted in one transaction.
        :returns: how many access tokens, families of refresh tokens and assertions
            were deleted.
        :raises ValueError: one of these is no such number.
        """
        return sum(get_state().registry.purge(older_than, batch_size).values())

    def issue_token(
        self,
        client: str | HasClientId,
        *,
        scopes: str | Iterable[str] | None = None,
        user_id: str | None = None,
        expires_in: int | None = None,
    ) -> TokenResponse:
        """Issue an access token without a request, and commit it.

        :param client: the client, or its id.
        :param scopes: what it opens; everything registered, where None.
        :param user_id: the resource owner it speaks for; None for a machine's token.
        :param expires_in: seconds it lives; as at the token endpoint, where None.
        :returns: what the token endpoint would have answered, as a dict.
        :raises UnknownClientError: there is no such client.
        :raises RegistrationError: the client may not have such a token.
        """
        state = get_state()
        record = state.clients.get(client)
        return state.issuer.issue(record, scopes, user_id, expires_in)
