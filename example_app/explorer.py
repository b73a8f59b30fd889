"""A browser application that gets its token with the implicit grant."""

from __future__ import annotations

from flask import Blueprint, render_template

from flask_tapauth import RegistrationError

from .api import SCOPES
from .models import db, tapauth

CLIENT_ID = "explorer"
_WANTED = ("customers:read", "orders:read")

explorer = Blueprint("explorer", __name__)


def register_explorer(port: int) -> None:
    """Register the application, or add the redirect URIs of this port."""
    uris = [f"http://{host}:{port}/explorer" for host in ("127.0.0.1", "localhost")]
    try:
        tapauth.clients.create(
            "Data explorer",
            client_id=CLIENT_ID,
            public=True,
            grant_types=["implicit"],
            scopes=_WANTED,
            redirect_uris=uris,
        )
    except RegistrationError:
        client = db.session.scalar(
            db.select(tapauth.Client).filter_by(client_id=CLIENT_ID)
        )
        client.redirect_uris = tuple(dict.fromkeys([*client.redirect_uris, *uris]))
        db.session.commit()


@explorer.get("/explorer")
def page() -> str:
    return render_template(
        "explorer.html",
        client_id=CLIENT_ID,
        scopes={scope: SCOPES[scope] for scope in _WANTED},
    )
