"""A consent that is withdrawn, or whose client is deleted, is forgotten."""

from __future__ import annotations

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import func, select

from ....conftest import Register, Registered, Run
from ..browser import Browser
from .conftest import is_asked


def test_a_new_client_of_the_same_id_inherits_no_consent(
    browser: Browser, registered: Registered, register: Register, run: Run
) -> None:
    """A new client with a deleted client's id must ask for consent."""
    browser.allow()
    run("clients", "delete", registered.client_id)
    register(client_id=registered.client_id)

    assert is_asked(browser)


def test_nothing_is_left_of_a_deleted_client(
    browser: Browser, registered: Registered, db: SQLAlchemy, run: Run
) -> None:
    """Consents go with their client, even without foreign keys (SQLite)."""
    browser.allow()
    consents = select(func.count()).select_from(db.metadata.tables["tapauth_consent"])
    assert db.session.scalar(consents) == 1

    run("clients", "delete", registered.client_id)

    assert db.session.scalar(consents) == 0


def test_a_consent_withdrawn_while_it_is_widened_does_not_come_back(
    app: Flask, browser: Browser
) -> None:
    """A consent that was read before the withdrawal was written after it."""
    store = app.extensions["tapauth"].store.consents
    client = app.extensions["tapauth"].clients.list()[0]
    store.save(client, "ann", ("orders:read",), (), None, None)
    read = store.find(client, "ann")
    store.delete("ann", client, None)

    store.save(client, "ann", ("orders:read", "orders:write"), (), read, None)

    assert store.find(client, "ann") is None


def test_a_withdrawn_consent_stays_withdrawn_after_an_error(
    app: Flask, db: SQLAlchemy, browser: Browser
) -> None:
    """A client would get tokens again if the next step failed."""
    browser.allow()
    store = app.extensions["tapauth"].store.consents

    assert store.delete("ann", None, None) == 1
    db.session.rollback()  # as an error in the next step does

    assert is_asked(browser)
