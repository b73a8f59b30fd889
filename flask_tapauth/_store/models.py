"""Which models an app works with: the host's own, or ones made for it."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .._bookkeeping import (
    AssertionMixin,
    ConsentMixin,
    FamilyMixin,
    RefreshTokenMixin,
)
from .._columns import owner_key
from ..errors import ConfigError
from ..models import ClientMixin, TokenMixin


class Models(NamedTuple):
    """The models that one ``TapAuth`` works with."""

    client: type[ClientMixin]
    token: type[TokenMixin]
    consent: type[ConsentMixin]
    family: type[FamilyMixin]
    refresh_token: type[RefreshTokenMixin]
    assertion: type[AssertionMixin]


def resolve_models(
    db: SQLAlchemy,
    client_model: type[ClientMixin] | None,
    token_model: type[TokenMixin] | None,
) -> Models:
    """Return the models to work with, making those that the host did not bring.

    Models are made once per metadata: an app factory may call this many times.

    :raises ConfigError: they cannot be joined.
    """
    brought: Any = client_model or token_model or db.Model
    metadata = brought.metadata
    made: dict[str, Any] = metadata.info.setdefault("tapauth_models", {})

    def make(name: str, mixin: type[Any], **columns: Any) -> Any:
        if name not in made:
            namespace = {"__module__": __name__, "metadata": metadata, **columns}
            made[name] = type(name, (mixin, db.Model), namespace)
        return made[name]

    client: Any = client_model or make("Client", ClientMixin)
    token: Any = token_model or make(
        "Token", TokenMixin, client_pk=owner_key(client.id)
    )
    consent: Any = make(
        "Consent", ConsentMixin, client_pk=owner_key(client.id, primary_key=True)
    )
    family: Any = make("Family", FamilyMixin, client_pk=owner_key(client.id))
    for model in (token, consent, family):
        _check_joined(model.__table__, client.__table__)
    refresh_token: Any = make(
        "RefreshToken", RefreshTokenMixin, family_id=owner_key(family.id)
    )
    assertion: Any = make("Assertion", AssertionMixin)
    return Models(client, token, consent, family, refresh_token, assertion)


def _check_joined(owned: sa.Table, clients: sa.Table) -> None:
    if owned.metadata is not clients.metadata:
        raise ConfigError(
            "TapAuth: client_model and token_model are on different bind keys; "
            "give both the same __bind_key__"
        )
    [key] = owned.c.client_pk.foreign_keys
    if key.target_fullname != f"{clients.fullname}.id":
        raise ConfigError(
            f"TapAuth: {owned.name}.client_pk points to {key.target_fullname!r}; "
            f"override it with a foreign key to '{clients.fullname}.id'"
        )
