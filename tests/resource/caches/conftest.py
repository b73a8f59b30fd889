"""An app whose views allow shared caches, and the directives of its answers."""

from __future__ import annotations

import io

import pytest
from flask import (
    Flask,
    Response,
    current_app,
    make_response,
    request,
    send_file,
)
from werkzeug.test import TestResponse

from flask_tapauth import (
    current_token,
    require_token,
    verify_token,
)

UNKNOWN_TO_CACHES = ("header", "Access-Token", "form", "json", "query")
CACHE = "Cache-Control"
OF_OTHER_CACHES = (
    "CDN-Cache-Control",
    "Cloudflare-CDN-Cache-Control",
    "Vercel-CDN-Cache-Control",
    "netlify-cdn-cache-control",
    "Akamai-Cache-Control",
    "Surrogate-Control",
    "Edge-Control",
    "X-Accel-Expires",
)


def varies(answer: TestResponse) -> set[str]:
    return {name.lower() for name in answer.vary}


def directives(answer: TestResponse) -> set[str]:
    return set(answer.headers[CACHE].split(", "))


@pytest.fixture
def host(app: Flask) -> Flask:
    """An app whose views all allow shared caches to store their answers."""

    def invite(response: Response) -> Response:
        response.headers[CACHE] = "public, max-age=60, s-maxage=600"
        for name in OF_OTHER_CACHES:
            response.headers[name] = "max-age=600"
        return response

    @app.route("/plain", methods=["GET", "POST"])
    @require_token("orders:read")
    def plain() -> Response:
        return invite(make_response("text"))

    @app.route("/called", methods=["GET", "POST"])
    def called() -> Response:
        verify_token("orders:read")
        return invite(make_response("text"))

    @app.route("/streamed", methods=["GET", "POST"])
    @require_token("orders:read")
    def streamed() -> Response:
        return invite(current_app.response_class(iter(["te", "xt"])))

    @app.route("/file", methods=["GET", "POST"])
    @require_token("orders:read")
    def file() -> Response:
        return invite(send_file(io.BytesIO(b"text"), "text/plain"))

    @app.route("/optional", methods=["GET", "POST"])
    @require_token("orders:read", optional=True)
    def optional() -> Response:
        return invite(make_response("known" if current_token else "anybody"))

    @app.route("/missing", methods=["GET", "POST"])
    @require_token("orders:read")
    def missing() -> Response:
        return make_response("nothing here", 404)

    @app.route("/unchanged", methods=["GET", "POST"])
    @require_token("orders:read")
    def unchanged() -> Response:
        response = invite(make_response("text"))
        response.set_etag("one")
        response.make_conditional(request)
        return response

    return app
