"""The extension: wires the parts together for an app, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, TypeVar

from authlib.oauth2 import OAuth2Error
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from ._cli import commands
from ._clients import Clients, HasClientId, RegisteredClient
from ._config import Config
from ._issuer import Issuer
from ._people import People
from ._protector import Protector
from ._registration import Rules
from ._server import Server
from ._state import EXTENSION, Hooks, State, get_state
from ._store import Store, resolve_models
from ._tokens import TokenResponse
from ._views import make_blueprint
from ._visit import finish_response
from .errors import ConfigError
from .models import ClientMixin, TokenMixin

UserLoader = TypeVar("UserLoader", bound=Callable[[str], Any])
CurrentUserLoader = TypeVar("CurrentUserLoader", bound=Callable[[], Any])
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
        self._hooks = Hooks()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Add the endpoints, the commands and the guard to an app.

        The ``TAPAUTH_*`` settings are read here and never again. Where this fails, the
        app is as it was.

        :raises ConfigError: a setting is unknown or wrong.
        :raises RuntimeError: the app has a ``TapAuth`` already.
        """
        if EXTENSION in app.extensions:
            raise RuntimeError(
                "this app has a TapAuth already; use that one, or call init_app once"
            )
        config = Config.from_mapping(app.config)
        store = Store.on(self._db, self._models)
        rules = Rules(config, self.server.extra_grant_types)
        state = State(
            app=app,
            config=config,
            store=store,
            clients=Clients(rules, store, app),
            issuer=Issuer(config, store, app),
            people=self._people,
            hooks=self._hooks,
            server=self.server,
            protector=self.protector,
        )
        app.register_blueprint(make_blueprint(config.url_prefix))
        app.cli.add_command(commands)
        app.after_request(finish_response)
        app.extensions[EXTENSION] = state

    def user_loader(self, load: UserLoader) -> UserLoader:
        """Say how a user's id becomes a user, for ``current_token.user``."""
        self._people.user_loader = load
        return load

    def current_user_loader(self, load: CurrentUserLoader) -> CurrentUserLoader:
        """Say who is signed in: the user, or None.

        Where Flask-Login is initialised on the app, it says so by default, and how an
        id becomes a user too.
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
        :raises RegistrationError: it is a public client.
        """
        return get_state().clients.rotate_secret(client, grace, secret_expires_at)

    def revoke_client_tokens(self, client: str | HasClientId) -> int:
        """Revoke all tokens of a client, and commit ``db.session``.

        :param client: the client, or its id.
        :returns: how many tokens were alive.
        :raises UnknownClientError: there is no such client.
        """
        return get_state().clients.revoke_tokens(client)

    def issue_token(
        self,
        client: str | HasClientId,
        *,
        scopes: str | Iterable[str] | None = None,
        user_id: str | None = None,
        expires_in: int | None = None,
    ) -> TokenResponse:
        """Issue an access token without a request, and commit ``db.session``.

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
