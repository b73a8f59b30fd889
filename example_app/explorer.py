"""A browser application, with the code grant and with the implicit grant."""

from __future__ import annotations

from flask import Blueprint, render_template

from .api import SCOPES
from .seeding import register

CLIENT_ID = "explorer"
IMPLICIT_CLIENT_ID = "explorer-implicit"
_WANTED = ("customers:read", "orders:read")

explorer = Blueprint("explorer", __name__)


def register_explorer(port: int) -> None:
    """Register both applications, or add the redirect URIs of this port."""
    roots = [f"http://{host}:{port}" for host in ("127.0.0.1", "localhost")]
    register(
        CLIENT_ID,
        "Data explorer",
        grant_types=["authorization_code", "refresh_token"],
        scopes=_WANTED,
        redirect_uris=[f"{root}/explorer" for root in roots],
    )
    register(
        IMPLICIT_CLIENT_ID,
        "Data explorer (implicit grant)",
        grant_types=["implicit"],
        scopes=_WANTED,
        redirect_uris=[f"{root}/explorer/implicit" for root in roots],
    )


@explorer.get("/explorer")
def page() -> str:
    return _render("explorer.html", "Data explorer", CLIENT_ID, "explorer_code.js")


@explorer.get("/explorer/implicit")
def implicit_page() -> str:
    heading = "Data explorer (implicit grant)"
    return _render(
        "explorer_implicit.html", heading, IMPLICIT_CLIENT_ID, "explorer_implicit.js"
    )


def _render(template: str, heading: str, client_id: str, script: str) -> str:
    return render_template(
        template,
        heading=heading,
        client_id=client_id,
        script=script,
        scopes={scope: SCOPES[scope] for scope in _WANTED},
    )
