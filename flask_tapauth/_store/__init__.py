"""Every statement that goes to the database, and nothing else that knows SQLAlchemy.

Whatever writes also commits.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_sqlalchemy import SQLAlchemy

from .assertions import AssertionStore
from .clients import ClientStore
from .consents import ConsentStore
from .exchange import SingleStatements
from .models import Models as Models
from .models import resolve_models as resolve_models
from .purge import PurgeStore
from .refresh_tokens import RefreshTokenStore
from .tokens import TokenStore


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
    def on(cls, db: SQLAlchemy, models: Models, share_session: bool) -> Store:
        """Return the store of these models, on the host's Flask-SQLAlchemy."""
        single = SingleStatements(db, models.token, share_session)
        return cls(
            clients=ClientStore(db, models),
            tokens=TokenStore(db, models, single),
            refresh_tokens=RefreshTokenStore(db, models),
            consents=ConsentStore(db, models),
            assertions=AssertionStore(db, models),
            purge=PurgeStore(db, models),
        )
