"""Every statement that the package sends to the database.

A method that writes also commits. Begin at `sessions.host_session`, which runs the
statements and turns errors of the database into 503.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask_sqlalchemy import SQLAlchemy

from .._base.config import Config
from .assertions import AssertionStore
from .client_columns import ClientColumns
from .client_use import ClientUse
from .clients import ClientStore
from .codes import CodeStore
from .consents import ConsentStore
from .events import EventStore
from .grants import GrantStore
from .models import Models as Models
from .models import resolve_models as resolve_models
from .orm_changes import watch_orm_changes as watch_orm_changes
from .purge import PurgeStore
from .refresh_tokens import RefreshTokenStore
from .schema import Schema
from .sessions import check_sessions
from .token_cache import TokenCache as TokenCache
from .tokens import TokenStore


@dataclass(frozen=True, slots=True)
class Store:
    """The statements of one app, by the table they are about."""

    clients: ClientStore
    client_columns: ClientColumns
    client_use: ClientUse
    tokens: TokenStore
    refresh_tokens: RefreshTokenStore
    consents: ConsentStore
    assertions: AssertionStore
    codes: CodeStore
    events: EventStore
    grants: GrantStore
    purge: PurgeStore
    token_cache: TokenCache
    schema: Schema

    @classmethod
    def on(
        cls,
        db: SQLAlchemy,
        models: Models,
        config: Config,
        find_actor: Callable[[], tuple[str | None, str | None]],
    ) -> Store:
        """:param find_actor: returns the actor and the address of who is acting now."""
        check_sessions(db)
        cache = TokenCache(db, models.token, config.cache, config.cache_timeout)
        columns = ClientColumns(models.client)
        events = EventStore(db, models, config.audit, find_actor)
        return cls(
            clients=ClientStore(db, models, columns, cache, events),
            client_columns=columns,
            client_use=ClientUse(db, models, config.share_session),
            tokens=TokenStore(db, models, cache, events, config.share_session),
            refresh_tokens=RefreshTokenStore(db, models, cache, events),
            consents=ConsentStore(db, models, events),
            assertions=AssertionStore(db, models),
            codes=CodeStore(db, models, events),
            events=events,
            grants=GrantStore(db, models, cache, events),
            purge=PurgeStore(db, models),
            token_cache=cache,
            schema=Schema(db, models),
        )
