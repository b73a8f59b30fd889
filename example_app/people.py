"""Sign people in and out with Flask-Login."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import (
    LoginManager,
    current_user,
    login_required,
    login_user,
    logout_user,
)
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response

from .data import OPERATOR
from .models import Person, db, tapauth

people = Blueprint("people", __name__)
login_manager = LoginManager()
login_manager.login_view = "people.sign_in"


@login_manager.user_loader
def load_person(person_id: str) -> Person | None:
    return db.session.get(Person, int(person_id))


@tapauth.operator
def is_operator() -> bool:
    return bool(current_user.email == OPERATOR)


@people.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> str | Response | tuple[str, int]:
    if request.method == "GET":
        return render_template("sign_in.html")
    email = request.form.get("email", "")
    person = db.session.scalar(db.select(Person).filter_by(email=email.strip()))
    password = request.form.get("password", "")
    if person is None or not check_password_hash(person.password_hash, password):
        return render_template("sign_in.html", email=email, failed=True), 401
    login_user(person)
    return redirect(_local_target(request.args.get("next", "")))


@people.post("/delete-account")
@login_required
def delete_account() -> Response:
    person = db.get_or_404(Person, int(current_user.get_id()))
    # The database may reuse the id. A new person must not inherit the tokens.
    tapauth.users.forget(person.id)
    db.session.delete(person)
    db.session.commit()
    logout_user()
    return redirect(url_for("explorer.page"))


@people.post("/sign-out")
def sign_out() -> Response:
    logout_user()
    return redirect(url_for("explorer.page"))


def _local_target(target: str) -> str:
    """Return the target if it is in this app, to prevent an open redirect."""
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    if inside and not parts.netloc and target.isprintable():
        return target
    return url_for("explorer.page")
