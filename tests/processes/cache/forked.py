"""A process that caches a token and then forks, as ``gunicorn --preload`` may do.

It prints what parent and child were answered, and how many statements that cost.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, require_token


def main(database_url: str, cache: str) -> None:
    db = SQLAlchemy()
    tapauth = TapAuth(db=db)
    app = Flask(__name__)
    app.config.update(SQLALCHEMY_DATABASE_URI=database_url, TAPAUTH_CACHE=cache)
    db.init_app(app)
    tapauth.init_app(app)
    app.add_url_rule("/guarded", view_func=require_token(lambda: "guarded"))
    heard: list[Any] = []
    with app.app_context():
        db.create_all()
        sa.event.listen(db.engine, "before_cursor_execute", lambda *_: heard.append(1))
        client = tapauth.clients.create("Reports")
        tokens = [tapauth.tokens.issue(client)["access_token"] for _ in range(2)]
        db.session.remove()

    def ask(token: str) -> tuple[int, int]:
        """Return the status of a request, and its number of statements."""
        heard.clear()
        headers = {"Authorization": f"Bearer {token}"}
        status = app.test_client().get("/guarded", headers=headers).status_code
        return status, len(heard)

    def revoke(token: str) -> None:
        with app.app_context():
            app.extensions["tapauth"].tokens.revoke(token)

    def refused(token: str) -> bool:
        ends = time.monotonic() + 2
        while ask(token)[0] == 200 and time.monotonic() < ends:
            time.sleep(0.01)
        return ask(token)[0] == 401

    def told(pipe: int) -> None:
        os.read(pipe, 1)

    # A byte over one of them lets the other process go on.
    (to_child_read, to_child), (to_parent_read, to_parent) = os.pipe(), os.pipe()
    answers: dict[str, Any] = {}
    for token in (*tokens, *tokens):
        answers["parent"] = ask(token)
    if os.fork() == 0:
        answers["child"] = [ask(tokens[0]), ask(tokens[0])]
        os.write(to_parent, b".")
        told(to_child_read)
        answers["child hears"] = refused(tokens[0])
        revoke(tokens[1])
        print(json.dumps(answers), flush=True)  # noqa: T201
        os.write(to_parent, b".")
        # A worker that ends collects and closes what it holds.
        sys.exit(0)
    told(to_parent_read)
    revoke(tokens[0])
    os.write(to_child, b".")
    told(to_parent_read)
    answers["parent hears"] = refused(tokens[1])
    os.wait()
    with app.app_context():
        third = tapauth.tokens.issue(client.client_id)["access_token"]
        db.session.remove()
    answers["parent, after the child's end"] = [ask(third), ask(third)][-1]
    print(json.dumps(answers))  # noqa: T201
    if cache == "database":
        with app.app_context():
            db.engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
