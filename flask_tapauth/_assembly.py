"""Make the parts of one app, and connect them."""

from __future__ import annotations

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from ._app.actor import find_actor
from ._app.app_state import AppState
from ._app.pages import Pages
from ._app.people import UserLookup
from ._app.resources import is_for_this_app
from ._base.config import Config
from ._base.hooks import Hooks
from ._base.secrets import SecretChecker
from ._clients.argument_checks import ArgumentChecks
from ._clients.clients import Clients
from ._clients.document_clients import DocumentClients
from ._clients.remote_keys import RemoteKeys
from ._pages.blueprint import TEMPLATES as PAGES_TEMPLATES
from ._resource.protector import Protector
from ._server import views
from ._server.server import Server
from ._store import Models, Store
from ._tokens.consents import Consents, Users
from ._tokens.issuer import Issuer
from ._tokens.jwt import make_format
from ._tokens.keys import Keys
from ._tokens.reader import TokenReader
from ._tokens.revoker import Revoker
from ._tokens.tokens import Tokens
from ._trail.events import Events


def make_state(
    app: Flask,
    config: Config,
    *,
    db: SQLAlchemy,
    models: Models,
    hooks: Hooks,
    people: UserLookup,
    server: Server,
    protector: Protector,
) -> AppState:
    """Return the state of an app; nothing is registered on the app here.

    :param hooks: the functions of the host, as are those of `people`; several apps may
        share them, the server and the protector.
    """
    store = Store.on(db, models, config, find_actor)
    checks = ArgumentChecks(config, server.extra_grant_types)
    clients = Clients(checks, store, app)
    generator, jwt = make_format(config, hooks, store.clients.find, people.load)
    reader = TokenReader(store, people.load, jwt, config.jwt_check_revocation)
    revoker = Revoker(store, reader, app)
    issuer = Issuer(config, store, people.find, generator, revoker, app)
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
        people=people,
        hooks=hooks,
        pages=Pages(app, [views.TEMPLATES, PAGES_TEMPLATES]),
        secrets=SecretChecker(),
        server=server,
        protector=protector,
    )
