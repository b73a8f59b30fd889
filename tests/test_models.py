"""The tables: ours, and a host's own on our mixins, on every declarative base."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import (
    DeclarativeBase,
    DeclarativeBaseNoMeta,
    Mapped,
    MappedAsDataclass,
    declarative_base,
    mapped_column,
)

from flask_tapauth import (
    ClientMixin,
    ConfigError,
    RegisteredClient,
    RegistrationError,
    TapAuth,
    TokenMixin,
    current_token,
    require_token,
)

from .conftest import DATABASE_URL, bearer, grant

Start = Callable[..., Flask]
BOOKKEEPING = {
    "tapauth_assertion",
    "tapauth_consent",
    "tapauth_family",
    "tapauth_refresh_token",
}


@pytest.fixture
def start() -> Iterator[Start]:
    """Start apps on a `db` of the test's own, their tables new."""
    started: list[tuple[SQLAlchemy, Flask]] = []

    def start(db: SQLAlchemy, tapauth: TapAuth, **settings: Any) -> Flask:
        app = Flask("host")
        app.config.update(SQLALCHEMY_DATABASE_URI=DATABASE_URL, TESTING=True)
        app.config.update(settings)
        db.init_app(app)
        tapauth.init_app(app)

        @app.get("/whoami")
        @require_token
        def whoami() -> dict[str, Any]:
            return {"client_id": current_token.client_id}

        with app.app_context():
            db.drop_all()
            db.create_all()
        started.append((db, app))
        return app

    yield start
    for db, app in started:
        with app.app_context():
            db.session.remove()
            db.drop_all()
            for engine in db.engines.values():
                engine.dispose()


def walk(app: Flask, tapauth: TapAuth, **columns: Any) -> RegisteredClient:
    """Go the main road once: register, get a token over HTTP, open a guarded view."""
    http = app.test_client()
    with app.app_context():
        client = tapauth.register_client("Reports", **columns)
    token = http.post("/oauth/token", data=grant(client)).get_json()["access_token"]
    answer = http.get("/whoami", headers=bearer(token))
    assert answer.status_code == 200
    assert answer.get_json() == {"client_id": client.client_id}
    return client


def legacy() -> SQLAlchemy:
    return SQLAlchemy()


def declarative() -> SQLAlchemy:
    class Base(DeclarativeBase):
        pass

    return SQLAlchemy(model_class=Base)


def without_metaclass() -> SQLAlchemy:
    class Base(DeclarativeBaseNoMeta):
        pass

    return SQLAlchemy(model_class=Base)


def made_by_function() -> SQLAlchemy:
    return SQLAlchemy(model_class=declarative_base())


def dataclass_base() -> SQLAlchemy:
    class Base(MappedAsDataclass, DeclarativeBase):
        pass

    return SQLAlchemy(model_class=Base)


def dataclass_base_without_metaclass() -> SQLAlchemy:
    class Base(MappedAsDataclass, DeclarativeBaseNoMeta):
        pass

    return SQLAlchemy(model_class=Base)


def default_models(db: SQLAlchemy) -> TapAuth:
    return TapAuth(db=db)


def host_models(db: Any) -> TapAuth:
    class Client(ClientMixin, db.Model):
        owner_id: Mapped[int | None] = mapped_column(default=None)

    class Token(TokenMixin, db.Model):
        note: Mapped[str | None] = mapped_column(sa.String(80), default=None)

    return TapAuth(db=db, client_model=Client, token_model=Token)


def dataclass_models(db: Any) -> TapAuth:
    class Client(MappedAsDataclass, ClientMixin, db.Model):
        owner_id: Mapped[int | None] = mapped_column(default=None)

    class Token(MappedAsDataclass, TokenMixin, db.Model):
        note: Mapped[str | None] = mapped_column(sa.String(80), default=None)

    return TapAuth(db=db, client_model=Client, token_model=Token)


BASES = [legacy, declarative, without_metaclass, made_by_function]
# Flask-SQLAlchemy 3.1.1 cannot make `db.Model` of a dataclass base with SQLAlchemy 2.1.
# There a host's dataclasses are made class by class, which works with both.
if tuple(map(int, sa.__version__.split(".")[:2])) < (2, 1):
    BASES += [dataclass_base, dataclass_base_without_metaclass]
DATACLASS_MODELS = itertools.product(
    [declarative, without_metaclass], [dataclass_models]
)


@pytest.mark.parametrize(
    ("base", "models"),
    [*itertools.product(BASES, [default_models, host_models]), *DATACLASS_MODELS],
)
def test_every_declarative_base_serves(
    start: Start,
    base: Callable[[], SQLAlchemy],
    models: Callable[[SQLAlchemy], TapAuth],
) -> None:
    """The contract: any declarative base that Flask-SQLAlchemy 3.1 allows."""
    db = base()
    tapauth = models(db)

    walk(start(db, tapauth), tapauth)


@pytest.fixture
def owned(db: Any) -> TapAuth:
    """A host whose clients have columns of its own, one of which must be given."""

    class Client(ClientMixin, db.Model):
        owner_id: Mapped[int]
        plan: Mapped[str] = mapped_column(sa.String(20), default="free")
        note: Mapped[str | None] = mapped_column(sa.String(80))

    return TapAuth(db=db, client_model=Client)


def test_a_hosts_own_columns_are_stored(
    start: Start, db: SQLAlchemy, owned: TapAuth
) -> None:
    """The contract: a host's own subclasses add columns; the rest has defaults."""
    app = start(db, owned)

    client: Any = walk(app, owned, owner_id=3).client

    assert (client.owner_id, client.plan, client.note) == (3, "free", None)
    client = walk(app, owned, owner_id=4, plan="paid", note="VIP").client
    assert (client.owner_id, client.plan, client.note) == (4, "paid", "VIP")


@pytest.mark.parametrize(
    ("columns", "told"),
    [({"owner_id": 3, "ownr": 3}, "ownr"), ({}, "owner_id")],
    ids=["unknown", "missing"],
)
def test_columns_that_do_not_fit_leave_nothing_behind(
    start: Start,
    db: SQLAlchemy,
    owned: TapAuth,
    columns: dict[str, Any],
    told: str,
) -> None:
    """The contract: wrong input says what to change, in one line; nothing written."""
    app = start(db, owned)

    with app.app_context():
        with pytest.raises(RegistrationError, match=told) as refused:
            owned.register_client("Reports", **columns)
        assert len(str(refused.value).splitlines()) == 1
        assert "sha256$" not in str(refused.value)
        assert db.session.scalars(sa.select(owned.Client)).all() == []
        owned.register_client("Reports", owner_id=3)  # in the same session
        assert len(db.session.scalars(sa.select(owned.Client)).all()) == 1


def bound(db: Any, key: str | None) -> Any:
    class Client(ClientMixin, db.Model):
        __bind_key__ = key

    return Client


def bound_token(db: Any, key: str | None) -> Any:
    class Token(TokenMixin, db.Model):
        __bind_key__ = key

    return Token


@pytest.mark.parametrize("brought", ["client", "token", "both"])
def test_a_bind_key_moves_both_tables(
    start: Start, db: SQLAlchemy, tmp_path: Path, brought: str
) -> None:
    """The contract: with a bind key; a model that was not brought follows the other."""
    models: dict[str, Any] = {}
    if brought in ("client", "both"):
        models["client_model"] = bound(db, "auth")
    if brought in ("token", "both"):
        models["token_model"] = bound_token(db, "auth")
    tapauth = TapAuth(db=db, **models)
    app = start(
        db,
        tapauth,
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/main.db",
        SQLALCHEMY_BINDS={"auth": f"sqlite:///{tmp_path}/auth.db"},
    )

    client = walk(app, tapauth)

    with app.app_context():
        assert tapauth.rotate_secret(client).client_secret != client.client_secret
        assert tapauth.revoke_client_tokens(client) == 1
        assert sa.inspect(db.engines[None]).get_table_names() == []
        tables = sa.inspect(db.engines["auth"]).get_table_names()
        assert {"tapauth_client", "tapauth_token"} <= set(tables)


def test_different_bind_keys_are_refused(db: SQLAlchemy) -> None:
    """The contract: `ConfigError`; one SELECT cannot join two databases."""
    with pytest.raises(ConfigError, match="bind key"):
        TapAuth(db=db, client_model=bound(db, "auth"), token_model=bound_token(db, "x"))


def renamed(db: Any) -> Any:
    class ApiKey(ClientMixin, db.Model):
        __tablename__ = "api_key"

    return ApiKey


def test_renamed_tables_serve(start: Start, db: Any) -> None:
    """The contract: a host's own subclasses, under names of their own."""

    class ApiToken(TokenMixin, db.Model):
        __tablename__ = "api_token"
        client_pk: Mapped[int] = mapped_column(sa.ForeignKey("api_key.id"))

    tapauth = TapAuth(db=db, client_model=renamed(db), token_model=ApiToken)

    walk(start(db, tapauth), tapauth)

    assert set(db.metadata.tables) == {"api_key", "api_token", *BOOKKEEPING}


def test_renamed_columns_serve(start: Start, db: Any, tmp_path: Path) -> None:
    """The contract: a host's own subclasses, whatever the columns are called."""

    class ApiKey(ClientMixin, db.Model):
        client_id: Mapped[str] = mapped_column("key", sa.String(255), unique=True)

    class ApiToken(TokenMixin, db.Model):
        expires_at: Mapped[int] = mapped_column("ends", sa.BigInteger)

    tapauth = TapAuth(db=db, client_model=ApiKey, token_model=ApiToken)
    uri = f"sqlite:///{tmp_path}/main.db"

    walk(start(db, tapauth, SQLALCHEMY_DATABASE_URI=uri), tapauth)

    assert "key" in ApiKey.__table__.columns
    assert "ends" in ApiToken.__table__.columns


def test_the_default_token_model_follows_a_renamed_client_table(
    start: Start, db: SQLAlchemy
) -> None:
    """The contract: only `client_model` is brought."""
    tapauth = TapAuth(db=db, client_model=renamed(db))

    walk(start(db, tapauth), tapauth)

    assert set(db.metadata.tables) == {"api_key", "tapauth_token", *BOOKKEEPING}


def test_the_default_client_model_serves_a_hosts_token_model(
    start: Start, db: SQLAlchemy
) -> None:
    """The contract: only `token_model` is brought."""
    model = bound_token(db, None)
    tapauth = TapAuth(db=db, token_model=model)

    walk(start(db, tapauth), tapauth)

    assert tapauth.Token is model


@pytest.mark.parametrize("other_is_there", [False, True])
def test_a_token_model_that_points_elsewhere_is_refused(
    db: SQLAlchemy, other_is_there: bool
) -> None:
    """The contract: `ConfigError`, saying what to override, and with what."""
    if other_is_there:
        bound(db, None)  # a table of the default name, which is not the one to use

    with pytest.raises(ConfigError, match=r"client_pk.*api_key\.id"):
        TapAuth(db=db, client_model=renamed(db), token_model=bound_token(db, None))


def test_two_extensions_on_one_db_do_not_clash(start: Start, db: SQLAlchemy) -> None:
    """The contract: an app factory says `TapAuth(app, db)` each time it is called."""
    first, second = TapAuth(db=db), TapAuth(db=db)

    for tapauth in (first, second):
        walk(start(db, tapauth), tapauth)

    assert (first.Client, first.Token) == (second.Client, second.Token)


def test_a_record_shows_nothing_secret(start: Start, db: SQLAlchemy) -> None:
    """The contract: no line that shows a record shows a secret, or a digest of one."""
    tapauth = TapAuth(db=db)
    app = start(db, tapauth)
    walk(app, tapauth, client_id="reports")

    with app.app_context():
        [client] = db.session.scalars(sa.select(tapauth.Client))
        [token] = db.session.scalars(sa.select(tapauth.Token))
        assert repr(client) == "<Client 'reports'>"
        assert repr(token) == f"<Token of client {client.id}>"


def test_what_registration_returns_outlives_the_session(
    start: Start, db: SQLAlchemy
) -> None:
    """The contract: `register_client` and `rotate_secret` return what can be read."""
    tapauth = TapAuth(db=db)

    with start(db, tapauth).app_context():
        first = tapauth.register_client("Reports", client_id="first")
        second = tapauth.register_client("Reports", client_id="second")
        rotated = tapauth.rotate_secret("second")

    assert [client.client_id for client in (first, second, rotated)] == [
        "first",
        "second",
        "second",
    ]
