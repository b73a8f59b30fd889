"""Every statement that goes to the database, and nothing else that knows SQLAlchemy.

Whatever writes also commits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_sqlalchemy import SQLAlchemy

from .._config import Config
from .assertions import AssertionStore
from .clients import ClientStore
from .consents import ConsentStore
from .exchange import SingleStatements
from .memory import Memory
from .models import Models as Models
from .models import resolve_models as resolve_models
from .purge import PurgeStore
from .refresh_tokens import RefreshTokenStore
from .tokens import StoredToken, TokenStore


@dataclass(frozen=True, slots=True)
class Store:
    """The tables of one app."""

    clients: ClientStore
    tokens: TokenStore
    refresh_tokens: RefreshTokenStore
    consents: ConsentStore
    assertions: AssertionStore
    purge: PurgeStore

    @classmethod
    def on(cls, db: SQLAlchemy, models: Models, config: Config) -> Store:
        """Return the store of these models, on the host's Flask-SQLAlchemy."""
        token: Any = models.token
        bind_key = token.metadata.info.get("bind_key")
        single = SingleStatements(db, bind_key, config.share_session)
        replica = memory = None
        if config.cache is not None:
            owner = f"{config.cache_owner}|{token.__table__.fullname}"
            fields = ",".join(StoredToken._fields)
            memory = Memory(config.cache, config.cache_timeout, owner, fields)
        elif config.replica_bind is not None:
            # A cache would remember what a replica is behind with.
            replica = SingleStatements(db, config.replica_bind, share_session=False)
        return cls(
            clients=ClientStore(db, models, single, memory),
            tokens=TokenStore(db, models, single, replica, memory),
            refresh_tokens=RefreshTokenStore(db, models, memory),
            consents=ConsentStore(db, models),
            assertions=AssertionStore(db, models),
            purge=PurgeStore(db, models),
        )
