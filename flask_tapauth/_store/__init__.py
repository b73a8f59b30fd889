"""Every statement that goes to the database, and nothing else that knows SQLAlchemy.

Whatever writes also commits.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_sqlalchemy import SQLAlchemy

from .clients import ClientStore
from .consents import ConsentStore
from .models import Models as Models
from .models import resolve_models as resolve_models
from .tokens import TokenStore


@dataclass(frozen=True, slots=True)
class Store:
    """The tables of one app."""

    clients: ClientStore
    tokens: TokenStore
    consents: ConsentStore

    @classmethod
    def on(cls, db: SQLAlchemy, models: Models) -> Store:
        """Return the store of these models, on the host's Flask-SQLAlchemy."""
        return cls(
            ClientStore(db, models), TokenStore(db, models), ConsentStore(db, models)
        )
