"""The metadata at the addresses of OpenID Connect Discovery, where it is asked for."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client

from flask_tapauth import ConfigError

from ...conftest import MakeApp
from .conftest import WELL_KNOWN

OPENID = "/.well-known/openid-configuration"
ON = {"TAPAUTH_OPENID_CONFIGURATION": True}


def test_it_is_off_by_default(http: FlaskClient) -> None:
    """TAPAUTH_OPENID_CONFIGURATION: the app is no OpenID provider."""
    assert http.get(OPENID).status_code == 404
    assert "subject_types_supported" not in http.get(WELL_KNOWN).get_json()


def test_it_is_the_same_document(make_app: MakeApp) -> None:
    """RFC 8414 §3: for clients that look nowhere else."""
    http = make_app(**ON, TAPAUTH_ISSUER="https://as.example").test_client()

    described = http.get(OPENID).get_json()

    assert described == http.get(WELL_KNOWN).get_json()
    assert described["subject_types_supported"] == ["public"]
    assert "id_token_signing_alg_values_supported" not in described


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/tenant/one{OPENID}", 200),
        (f"{OPENID}/tenant/one", 200),
        (f"{WELL_KNOWN}/tenant/one", 200),
        (f"/tenant{OPENID}", 404),
        (f"/tenant/two{OPENID}", 404),
        (f"/tenant/one/more{OPENID}", 404),
        (f"{OPENID}/tenant/two", 404),
    ],
)
def test_the_issuers_path_comes_before_it_or_after_it(
    make_app: MakeApp, path: str, status: int
) -> None:
    """OpenID Connect Discovery §4.1, RFC 8414 §§3.1, 5."""
    issuer = "https://as.example/tenant/one"
    http = make_app(**ON, TAPAUTH_ISSUER=issuer).test_client()

    answer = http.get(path)

    assert answer.status_code == status
    if status == 200:
        assert answer.get_json()["issuer"] == issuer


@pytest.mark.parametrize(
    ("issuer", "path"),
    [
        (None, f"/shop{OPENID}"),
        ("https://as.example/shop", f"/shop{OPENID}"),
        ("https://as.example/shop/one", f"/shop/one{OPENID}"),
    ],
)
def test_a_mounted_app_has_it_below_its_own_path(
    make_app: MakeApp, issuer: str | None, path: str
) -> None:
    """OpenID Connect Discovery §4.1: the server passes on what is below the mount."""
    app = make_app(**ON, TAPAUTH_ISSUER=issuer)
    site = Client(DispatcherMiddleware(NotFound(), {"/shop": app}))

    described = site.get(path).get_json()

    assert described["issuer"] == (issuer or "http://localhost/shop")


def test_a_route_of_the_hosts_at_its_address_stops_the_app(make_app: MakeApp) -> None:
    """Flask would silently run one of the two."""
    app = make_app(**ON)
    app.add_url_rule(OPENID, "own", lambda: {})

    with pytest.raises(ConfigError, match="leave it out"):
        app.test_client().get("/")
