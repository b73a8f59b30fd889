"""The extension: makes the parts of an app and connects them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from authlib.oauth2 import OAuth2Error
from flask import Blueprint, Flask, request_finished
from flask_sqlalchemy import SQLAlchemy

from ._app.actor import find_actor
from ._app.app_state import EXTENSION, AppState, get_app_state
from ._app.cross_origin import allow_any_origin
from ._app.host import (
    check_blueprint,
    check_routes,
    exempt_from_csrf,
    make_first_checks,
)
from ._app.pages import Pages
from ._app.people import UserLookup, check_is_plain_function, track_request_loaders
from ._app.resources import is_for_this_app
from ._app.responses import answer_error, finish_response
from ._base import hooks
from ._base.config import Config
from ._base.secrets import SecretChecker
from ._cli import commands
from ._clients.argument_checks import ArgumentChecks
from ._clients.clients import Clients
from ._clients.document_clients import DocumentClients
from ._clients.remote_keys import RemoteKeys
from ._pages.blueprint import POSTED, make_pages
from ._pages.blueprint import TEMPLATES as PAGES_TEMPLATES
from ._resource import metadata as resource_metadata
from ._resource import openapi
from ._resource.caching import protect_response
from ._resource.misplaced import make_placement_check
from ._resource.protector import Protector
from ._server import metadata, views
from ._server.server import Server
from ._store import Store, TokenCache, resolve_models, watch_orm_changes
from ._tokens.consents import Consents, Users
from ._tokens.issuer import Issuer
from ._tokens.jwt import make_format
from ._tokens.keys import Keys
from ._tokens.reader import TokenReader
from ._tokens.revoker import Revoker
from ._tokens.tokens import Tokens
from ._trail.events import Events
from .errors import ConfigError, TemporarilyUnavailableError
from .models import ClientMixin, TokenMixin

UserLoader = TypeVar("UserLoader", bound=Callable[[str], Any])
CurrentUserLoader = TypeVar("CurrentUserLoader", bound=Callable[[], Any])
ClaimsLoader = TypeVar("ClaimsLoader", bound=hooks.ClaimsLoader)
OperatorCheck = TypeVar("OperatorCheck", bound=Callable[[], bool])
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

    :param app: an app to call :meth:`init_app` with.
    :param db: your Flask-SQLAlchemy, which stores clients and tokens.
    :param client_model: your own model, a subclass of
        :class:`~flask_tapauth.ClientMixin`; created on `db` if you leave it out.
    :param token_model: the same for :class:`~flask_tapauth.TokenMixin`.
    :raises ConfigError: `db` is missing, or the models do not fit together.
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
            raise ConfigError(
                "TapAuth: db is missing; give it your SQLAlchemy, as TapAuth(db=db)"
            )
        self._db = db
        self._models = resolve_models(db, client_model, token_model)
        self.Client: type[ClientMixin] = self._models.client
        """The model of clients."""
        self.Token: type[TokenMixin] = self._models.token
        """The model of access tokens."""
        self.server: Server = Server()
        """The Authlib ``AuthorizationServer``; ``register_grant`` adds a grant."""
        self.protector: Protector = Protector()
        """The Authlib ``ResourceProtector`` behind ``require_token``."""
        self.pages: Blueprint = make_pages()
        """Pages for people and for operators, a blueprint that you may register."""
        watch_orm_changes(self._models, _current_cache)
        self._people = UserLookup()
        self._hooks = hooks.Hooks()
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Add the endpoints and the commands to an app.

        The ``TAPAUTH_*`` settings are read here; later changes are ignored. If an error
        is raised, the app is unchanged. `db` may be initialised before or after.

        :raises ConfigError: a setting is unknown or wrong, or the app has a route at
            one of our addresses. Later routes are checked at the first request.
        :raises RuntimeError: the app already has a ``TapAuth``.
        """
        if not isinstance(app, Flask):
            raise ConfigError(
                f"TapAuth: got a {type(app).__name__} for the app, expected a Flask"
            )
        if EXTENSION in app.extensions:
            raise RuntimeError(
                "this app already has a TapAuth; use that one, and call init_app once"
            )
        config = Config.from_mapping(app.config)
        ours = [*views.routes(config), *resource_metadata.routes()]
        rules = [
            *(rule for _, rule, _ in ours),
            *metadata.addresses(config),
            *resource_metadata.addresses(config),
        ]
        check_blueprint(app)
        check_routes(app, rules)
        state = self._make_state(app, config)
        check_cache = state.store.token_cache.check
        if "sqlalchemy" in app.extensions:
            with app.app_context():
                check_cache()
        app.before_request(make_first_checks(app, config, rules, check_cache, POSTED))
        app.register_blueprint(views.make_blueprint(ours))
        exempt_from_csrf(app, POSTED)
        app.cli.add_command(commands)
        app.url_value_preprocessor(make_placement_check())
        app.after_request(finish_response)
        request_finished.connect(protect_response, app)
        request_finished.connect(allow_any_origin, app)
        app.register_error_handler(TemporarilyUnavailableError, answer_error)
        track_request_loaders(app)
        app.extensions[EXTENSION] = state

    def _make_state(self, app: Flask, config: Config) -> AppState:
        store = Store.on(self._db, self._models, config, find_actor)
        checks = ArgumentChecks(config, self.server.extra_grant_types)
        clients = Clients(checks, store, app)
        generator, jwt = make_format(
            config, self._hooks, store.clients.find, self._people.load
        )
        reader = TokenReader(store, self._people.load, jwt, config.jwt_check_revocation)
        revoker = Revoker(store, reader, app)
        issuer = Issuer(config, store, self._people.find, generator, revoker, app)
        consents = Consents(store, clients.get_to_change, revoker, app)
        return AppState(
            app=app,
            config=config,
            store=store,
            clients=clients,
            document_clients=DocumentClients(config, checks, store, app),
            tokens=Tokens(
                store,
                clients.get_to_change,
                reader,
                issuer,
                revoker,
                is_for_this_app,
                config.refresh_grace,
            ),
            consents=consents,
            users=Users(consents, store, app),
            keys=Keys(config.jwt_keys),
            events=Events(store.events, config.audit),
            issuer=issuer,
            reader=reader,
            revoker=revoker,
            remote_keys=RemoteKeys(),
            people=self._people,
            hooks=self._hooks,
            pages=Pages(app, [views.TEMPLATES, PAGES_TEMPLATES]),
            secrets=SecretChecker(),
            server=self.server,
            protector=self.protector,
        )

    @property
    def clients(self) -> Clients:
        """Registers, changes, lists and deletes the clients of the current app."""
        return get_app_state().clients

    @property
    def tokens(self) -> Tokens:
        """Issues, lists, revokes, explains and purges the tokens of the current app."""
        return get_app_state().tokens

    @property
    def consents(self) -> Consents:
        """Lists and revokes the consents of the current app's users."""
        return get_app_state().consents

    @property
    def users(self) -> Users:
        """Forgets users of the current app when their accounts are deleted."""
        return get_app_state().users

    @property
    def keys(self) -> Keys:
        """Generates, lists and rotates the keys that sign access tokens."""
        return get_app_state().keys

    @property
    def events(self) -> Events:
        """Lists and purges what ``TAPAUTH_AUDIT`` keeps of the current app."""
        return get_app_state().events

    def openapi_security_schemes(self) -> dict[str, dict[str, Any]]:
        """Describe how to obtain and send a token, for an OpenAPI document.

        :returns: a new dict for `components.securitySchemes` of OpenAPI 3.1: `oauth2`
            with the grants that are offered and the scopes of ``TAPAUTH_SCOPES``,
            `bearer`, `access_token_header` and `access_token_query`; only those that
            the current app accepts. URLs begin with ``TAPAUTH_ISSUER``, or are
            relative to the server if it is not set.
        """
        return openapi.security_schemes()

    def user_loader(self, load: UserLoader) -> UserLoader:
        """Register the function that loads a user by id, for ``current_token.user``.

        :param load: takes the id, a string, and returns the user or None. Pages show
            the first of the user's `display_name`, `name`, `full_name`, `username` and
            `email`.
        """
        check_is_plain_function(load, "user_loader")
        self._people.user_loader = load
        return load

    def current_user_loader(self, load: CurrentUserLoader) -> CurrentUserLoader:
        """Register the function that returns the signed-in user, or None.

        An app with Flask-Login needs neither this function nor :meth:`user_loader`.

        :param load: takes nothing. The user has `get_id()` or `id`, of 1 to 255
            characters.
        """
        check_is_plain_function(load, "current_user_loader")
        self._people.current_user_loader = load
        return load

    def error_renderer(self, render: ErrorRenderer) -> ErrorRenderer:
        """Register the function that makes the body of a protected view's error.

        :param render: takes the ``OAuth2Error``, with `error`, `description` and
            `status_code`, and returns a body as a view would. It changes neither the
            status and headers, nor the errors of the OAuth endpoints.
        """
        check_is_plain_function(render, "error_renderer")
        self._hooks.error_renderer = render
        return render

    def operator(self, check: OperatorCheck) -> OperatorCheck:
        """Register the function that tells who may use the operators' pages.

        Without it, these pages do not exist. The pages ask it about people who are
        signed in.

        :param check: takes nothing and returns True or False.
        """
        check_is_plain_function(check, "operator")
        self._hooks.operator = check
        return check

    def claims_loader(self, load: ClaimsLoader) -> ClaimsLoader:
        """Register the function that adds claims to JWTs and to introspection.

        :param load: takes the client, the user (None if the token has no user, or the
            user is not found) and the scopes; returns a dict that JSON can represent.
            Standard claims, such as the issuer and the times, cannot be replaced.
        """
        check_is_plain_function(load, "claims_loader")
        self._hooks.claims_loader = load
        return load


def _current_cache() -> TokenCache | None:
    try:
        return get_app_state().store.token_cache
    except RuntimeError:  # outside of an app, or an app without TapAuth
        return None
