"""The metadata, fetched through a proxy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from ... import ROOT
from ...ports import free_port, wait_for
from ...servers import commands, host
from ...servers.rows import Nginx
from .conftest import WELL_KNOWN, pointed_to, urls_in

ISSUER = "https://api.example/shop"
NGINX = Nginx(
    location="""
        rewrite ^/shop/(.*)$ /$1 break;
        proxy_set_header X-Forwarded-Proto https;
        proxy_set_header X-Forwarded-Host api.example;
        proxy_set_header X-Forwarded-Prefix /shop;
    """
)
"""It takes the path off that the app is below; of the well-known paths it has none."""


def behind_proxy() -> Flask:
    """Make the app that gunicorn serves, as how-to/running has it behind a proxy."""
    app = host.create_app("sqlite://")  # a refusal asks no database
    wrap(app)
    return app


def wrap(app: Flask) -> None:
    app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
        app.wsgi_app, x_proto=1, x_host=1, x_prefix=1
    )


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start gunicorn, and nginx in front of it; return where nginx listens."""
    directory = tmp_path_factory.mktemp("proxy")
    front, back = free_port(), free_port()
    app = f"{__name__}:behind_proxy()"
    gunicorn = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{back}", app]
    nginx = commands.nginx(NGINX, directory, front, back)
    processes: list[subprocess.Popen[bytes]] = []
    log = directory / "log"
    try:
        for command, port in ((gunicorn, back), (nginx, front)):
            with log.open("ab") as output:
                process = subprocess.Popen(
                    command,
                    cwd=directory,  # where no gunicorn.conf.py is
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                    stdout=output,
                    stderr=output,
                )
            processes.append(process)
            wait_for(port, process, log)
        yield f"http://127.0.0.1:{front}"
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=10)


def get(proxy: str, url: str) -> Any:
    """Request an address of the outside from the proxy."""
    answer = requests.get(proxy + urlsplit(url).path)
    assert answer.status_code == 200, url
    return answer.json()


def test_the_headers_of_a_proxy_are_in_the_addresses(app: Flask) -> None:
    """RFC 8414 §2: scheme, host and prefix as clients reach them, by ProxyFix."""
    wrap(app)
    headers = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "api.example",
        "X-Forwarded-Prefix": "/shop",
    }

    described = app.test_client().get(WELL_KNOWN, headers=headers).get_json()

    assert described["issuer"] == ISSUER
    assert described["token_endpoint"] == f"{ISSUER}/oauth/token"


def test_without_proxyfix_the_headers_are_ignored(app: Flask) -> None:
    """RFC 9700 §4.13: a caller may send what a proxy would."""
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Prefix": "/evil"}

    described = app.test_client().get(WELL_KNOWN, headers=headers).get_json()

    assert described["issuer"] == "http://localhost"


@pytest.mark.parametrize("url", [f"/shop{WELL_KNOWN}", f"{WELL_KNOWN}/shop"])
def test_nginx_can_serve_the_document_of_an_issuer_with_a_path(
    proxy: str, url: str
) -> None:
    """RFC 8414 §3.1: the issuer's path is last, but some clients put it first."""
    described = get(proxy, url)

    assert described["issuer"] == ISSUER
    for path in urls_in(described).values():
        assert path.startswith("/shop/oauth/")
        assert requests.post(proxy + path).status_code != 404


def test_through_nginx_a_refusal_leads_to_the_server(proxy: str) -> None:
    """RFC 9728 §5: from the challenge to the API's metadata, and on to the server's."""
    refused = requests.get(f"{proxy}/shop/whoami")

    pointed = pointed_to(refused.headers["WWW-Authenticate"])
    resource = get(proxy, pointed)
    [issuer] = resource["authorization_servers"]
    described = get(proxy, f"{WELL_KNOWN}{urlsplit(issuer).path}")
    assert pointed.startswith("https://api.example/shop/")
    assert resource["resource"] == described["issuer"] == ISSUER
