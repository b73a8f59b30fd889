"""Sign people in and out, with Flask-Login."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask_login import LoginManager, login_user, logout_user
from werkzeug.security import check_password_hash
from werkzeug.wrappers import Response

from .models import Person, db

people = Blueprint("people", __name__)
login_manager = LoginManager()
login_manager.login_view = "people.sign_in"


@login_manager.user_loader
def load_person(person_id: str) -> Person | None:
    return db.session.get(Person, int(person_id))


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
    return redirect(_safe(request.args.get("next", "")))


@people.post("/sign-out")
def sign_out() -> Response:
    logout_user()
    return redirect(url_for("explorer.page"))


def _safe(target: str) -> str:
    """Return a place in this app; another site's would make us its doorway."""
    parts = urlsplit(target)
    inside = target.startswith("/") and not target.startswith(("//", "/\\"))
    if inside and not parts.netloc and target.isprintable():
        return target
    return url_for("explorer.page")
