"""The reference of the REST API, by Swagger UI.

The package flask-swagger-ui brings the files of the npm package swagger-ui-dist, so
that pip alone installs them. Its own page has a script inside, which our
Content-Security-Policy forbids. Therefore only the files are theirs.
"""

from __future__ import annotations

import json
from importlib.resources import files

from flask import Blueprint, Response, render_template

from .openapi import describe_api

reference = Blueprint(
    "reference",
    __name__,
    static_folder=str(files("flask_swagger_ui") / "dist"),
    static_url_path="/swagger-ui",
)


@reference.get("/reference")
def page() -> str:
    return render_template("reference.html")


@reference.get("/openapi.json")
def document() -> Response:
    # jsonify would sort the routes, and mix reading with deleting.
    return Response(json.dumps(describe_api()), mimetype="application/json")
