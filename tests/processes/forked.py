"""A process that forks after it has answered, as ``gunicorn --preload`` may do.

It prints which connections of PostgreSQL the parent used, and which its child.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy

from flask_tapauth import TapAuth, require_token


def main(database_url: str) -> None:
    db = SQLAlchemy()
    tapauth = TapAuth(db=db)
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = database_url
    db.init_app(app)
    tapauth.init_app(app)
    app.add_url_rule("/guarded", view_func=require_token(lambda: "guarded"))
    used: set[int] = set()

    def note(connection: Any, *_: Any) -> None:
        used.add(connection.connection.dbapi_connection.info.backend_pid)

    with app.app_context():
        db.create_all()
        sa.event.listen(db.engine, "before_cursor_execute", note)
        token = tapauth.issue_token(tapauth.register_client("Reports"))["access_token"]
        db.session.remove()
        # The host's own connections are the host's to let go of before it forks.
        db.engine.dispose()

    def ask() -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client().get("/guarded", headers=headers).status_code

    statuses = [ask()]
    used.clear()
    statuses.append(ask())
    read, write = os.pipe()
    if os.fork() == 0:
        used.clear()
        asked = [ask(), ask()]
        os.write(write, json.dumps([asked, sorted(used)]).encode())
        # As a worker ends: what it holds is collected, and closed.
        sys.exit(0)
    os.wait()
    in_child, by_child = json.loads(os.read(read, 4096))
    statuses += [*in_child, ask()]
    print(json.dumps({"statuses": statuses, "parent": sorted(used), "child": by_child}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
