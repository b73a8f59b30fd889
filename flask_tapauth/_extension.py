"""``TapAuth``: what a host makes, and what it adds to an app."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, request_finished
from flask_sqlalchemy import SQLAlchemy

from ._app.app_state import EXTENSION, get_app_state
from ._app.cross_origin import allow_any_origin
from ._app.host import (
    check_blueprint,
    check_routes,
    exempt_from_csrf,
    make_first_checks,
)
from ._app.people import track_request_loaders
from ._app.responses import answer_error, finish_response
from ._assembly import make_state
from ._base.config import Config
from ._cli import commands
from ._clients.clients import Clients
from ._host_functions import HostFunctions
from ._pages.blueprint import POSTED, make_pages
from ._resource import metadata as resource_metadata
from ._resource import openapi
from ._resource.caching import protect_response
from ._resource.misplaced import make_placement_check
from ._resource.protector import Protector
from ._server import metadata, views
from ._server.server import Server
from ._store import TokenCache, resolve_models, watch_orm_changes
from ._tokens.consents import Consents, Users
from ._tokens.keys import Keys
from ._tokens.tokens import Tokens
from ._trail.events import Events
from .errors import ConfigError, TemporarilyUnavailableError
from .models import ClientMixin, TokenMixin


class TapAuth(HostFunctions):
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
        super().__init__()
        if db is None:
            raise ConfigError(
                "TapAuth: db, your SQLAlchemy, is missing; write TapAuth(app, db), or "
                "TapAuth(db=db) and init_app(app) later"
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
        state = make_state(
            app,
            config,
            db=self._db,
            models=self._models,
            hooks=self._hooks,
            people=self._people,
            server=self.server,
            protector=self.protector,
        )
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


def _current_cache() -> TokenCache | None:
    try:
        return get_app_state().store.token_cache
    except RuntimeError:  # outside of an app, or an app without TapAuth
        return None
