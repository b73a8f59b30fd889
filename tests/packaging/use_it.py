"""Use the installed package as its users do: `.ci/run` calls this outside the tree."""

from importlib.metadata import version
from importlib.resources import files

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

import flask_tapauth
from flask_tapauth import TapAuth, current_token, require_token

assert "site-packages" in flask_tapauth.__file__, flask_tapauth.__file__
assert flask_tapauth.__version__ == version("Flask-TapAuth")
assert (files(flask_tapauth) / "py.typed").is_file()
missing = [name for name in flask_tapauth.__all__ if not hasattr(flask_tapauth, name)]
assert not missing, missing

app = Flask(__name__)
app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", SECRET_KEY="of this run")
db = SQLAlchemy(app)
tapauth = TapAuth(app, db)


@app.get("/orders")
@require_token("orders:read")
def orders() -> str:
    return current_token.client_id


with app.app_context():
    db.create_all()
created = app.test_cli_runner().invoke(
    args="tapauth clients create Reports --scope orders:read --json"
)
assert created.exit_code == 0, created.output
client = app.json.loads(created.output)
http = app.test_client()
credentials = {name: client[name] for name in ("client_id", "client_secret")}
asked = {"grant_type": "client_credentials", **credentials}
token = http.post("/oauth/token", data=asked).get_json()["access_token"]
answer = http.get("/orders", headers={"Authorization": f"Bearer {token}"})
assert (answer.status_code, answer.text) == (200, client["client_id"])
page = http.get("/oauth/authorize")
assert page.status_code == 400
assert "<html" in page.text, "the wheel has no templates"
with app.app_context():
    db.engine.dispose()
print("Flask-TapAuth", flask_tapauth.__version__, "works as it is shipped")  # noqa: T201
