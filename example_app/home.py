"""The first page: what the example is, and the places for a token, to try."""

from __future__ import annotations

from flask import Blueprint, render_template

from .data import OPERATOR
from .welcome import CLIENT_ID

home = Blueprint("home", __name__)


@home.get("/")
def page() -> str:
    """Show how to try the example.

    The page asks for the client's secret and never shows it. Everyone who reaches the
    port can read the page, but only the person who started the example the terminal.
    """
    return render_template("home.html", client_id=CLIENT_ID, operator=OPERATOR)
