"""The models of an app: the host's own, or models that are made here."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import MappedColumn

from .._base.columns import owner_key
from ..errors import ConfigError
from ..models import ClientMixin, TokenMixin
from .internal_models import (
    AssertionMixin,
    CodeMixin,
    ConsentMixin,
    EventMixin,
    FamilyMixin,
    RefreshTokenMixin,
)


class Models(NamedTuple):
    """The models of one ``TapAuth``."""

    client: type[ClientMixin]
    token: type[TokenMixin]
    consent: type[ConsentMixin]
    family: type[FamilyMixin]
    refresh_token: type[RefreshTokenMixin]
    assertion: type[AssertionMixin]
    code: type[CodeMixin]
    event: type[EventMixin]


_MIXINS = (
    ClientMixin,
    TokenMixin,
    ConsentMixin,
    FamilyMixin,
    RefreshTokenMixin,
    AssertionMixin,
    CodeMixin,
    EventMixin,
)
_FOREIGN_KEYS = ("client_pk", "family_id")
"""Our columns that `resolve_models` adds, as they depend on the client model."""


def resolve_models(
    db: SQLAlchemy,
    client_model: type[ClientMixin] | None,
    token_model: type[TokenMixin] | None,
) -> Models:
    """Return the models of an app, and make those that the host did not pass.

    Models are made once per metadata, as an app factory may call this many times. Their
    names have our prefix, so that a host can name its own "Client" in a relationship.

    :raises ConfigError: `db` is no Flask-SQLAlchemy, the models cannot be joined, or
        the host's base model has columns that our rows cannot fill.
    """
    if not isinstance(db, SQLAlchemy):
        raise ConfigError(
            f"TapAuth: db is {type(db).__module__}.{type(db).__qualname__}, expected "
            "the SQLAlchemy object of Flask-SQLAlchemy: TapAuth(db=db), or "
            "TapAuth(app, db)"
        )
    base: Any = client_model or token_model or db.Model
    metadata = base.metadata
    made: dict[str, Any] = metadata.info.setdefault("tapauth_models", {})

    def make(name: str, mixin: type[Any], **columns: Any) -> Any:
        if name not in made:
            namespace: dict[str, Any] = dict.fromkeys(
                _primary_keys_of(db.Model) - {*dir(mixin)}
            )
            namespace |= {"__module__": __name__, "metadata": metadata, **columns}
            made[name] = type(name, (mixin, db.Model), namespace)
        return made[name]

    if client_model is None:
        _check_no_model_is_unnamed(db, metadata, made, ClientMixin, "client_model")
    if token_model is None:
        _check_no_model_is_unnamed(db, metadata, made, TokenMixin, "token_model")
    client: Any = client_model or make("TapAuthClient", ClientMixin)
    token: Any = token_model or make(
        "TapAuthToken", TokenMixin, client_pk=owner_key(client.id)
    )
    consent: Any = make(
        "TapAuthConsent", ConsentMixin, client_pk=owner_key(client.id, primary_key=True)
    )
    family: Any = make("TapAuthFamily", FamilyMixin, client_pk=owner_key(client.id))
    code: Any = make("TapAuthCode", CodeMixin, client_pk=owner_key(client.id))
    for model in (token, consent, family, code):
        _check_joined(model.__table__, client.__table__)
    refresh_token: Any = make(
        "TapAuthRefreshToken", RefreshTokenMixin, family_id=owner_key(family.id)
    )
    assertion: Any = make("TapAuthAssertion", AssertionMixin)
    event: Any = make("TapAuthEvent", EventMixin)
    models = Models(
        client, token, consent, family, refresh_token, assertion, code, event
    )
    for model, mixin in zip(models, _MIXINS, strict=True):
        _check_columns(model, mixin)
    return models


def _check_no_model_is_unnamed(
    db: Any, metadata: sa.MetaData, made: dict[str, Any], mixin: type, argument: str
) -> None:
    """Refuse a host's model that was defined and not passed to ``TapAuth``.

    Its table would stay empty beside ours, or SQLAlchemy would refuse to define the
    table a second time, with an error that does not explain why.
    """
    for mapper in db.Model.registry.mappers:
        model = mapper.class_
        is_ours = model in made.values()
        if issubclass(model, mixin) and model.metadata is metadata and not is_ours:
            raise ConfigError(
                f"TapAuth: the model {model.__name__} is a {mixin.__name__} and "
                "was not passed to TapAuth; write "
                f"TapAuth(..., {argument}={model.__name__})"
            )


def _primary_keys_of(base: type[Any]) -> set[str]:
    """Return the attributes of the primary key that a base model gives every table."""
    keys = set()
    for name, value in (item for cls in base.__mro__ for item in vars(cls).items()):
        column = value.column if isinstance(value, MappedColumn) else value
        if isinstance(column, sa.Column) and column.primary_key:
            keys.add(name)
    return keys


def _check_columns(model: Any, mixin: type[Any]) -> None:
    """Refuse columns that would make the first INSERT fail.

    The client model may have columns without a default: the host fills them when it
    registers a client. This must not configure SQLAlchemy's mappers, which would fail
    before the host has defined the models they are related to.
    """
    for name, column in sa.inspect(model).columns.items():
        is_stored = isinstance(column, sa.Column)  # others are computed expressions
        if (
            name in _FOREIGN_KEYS
            or getattr(mixin, name, None) is not None
            or not is_stored
        ):
            continue
        place = f"TapAuth: {model.__table__.name}.{column.name}"
        if column.primary_key:
            raise ConfigError(
                f"{place} is a second primary key; write `{name} = None` "
                f"in the class {model.__name__}, or take it out of the base model"
            )
        has_default = column.default or column.server_default or column.nullable
        if not has_default and mixin is not ClientMixin:
            raise ConfigError(
                f"{place} must have a value and has no default, so nothing could be "
                "stored there; give it a default, make it nullable, or take it out of "
                "the base model"
            )


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
