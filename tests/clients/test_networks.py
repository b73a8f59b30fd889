"""`--allow-network`: a client and its tokens work from its networks alone."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_tapauth import RegistrationError, TapAuth

from ..conftest import Run, bearer, grant

INSIDE, OUTSIDE = "192.0.2.7", "203.0.113.9"


def sent_from(address: str) -> dict[str, str]:
    return {"REMOTE_ADDR": address}


@pytest.mark.parametrize(
    ("networks", "address", "status"),
    [
        (["192.0.2.0/24"], INSIDE, 200),
        (["192.0.2.0/24"], OUTSIDE, 401),
        (["10.0.0.0/8", "203.0.113.9/32"], OUTSIDE, 200),
        (["2001:db8::/32"], "2001:db8::1", 200),
        (["2001:db8::/32"], INSIDE, 401),
        (["192.0.2.0/24"], "::ffff:192.0.2.7", 200),  # a socket for both versions
        (["192.0.2.0/24"], "unix:", 401),
        ([], OUTSIDE, 200),
    ],
)
def test_a_token_is_issued_to_the_clients_networks(
    app: Flask,
    tapauth: TapAuth,
    http: FlaskClient,
    networks: list[str],
    address: str,
    status: int,
) -> None:
    """A stolen secret is of no use from elsewhere."""
    client = tapauth.clients.create("Reports", allowed_networks=networks)

    answer = http.post(
        "/oauth/token", data=grant(client), environ_base=sent_from(address)
    )

    assert answer.status_code == status
    if status == 401:
        assert answer.get_json()["error"] == "invalid_client"


def test_a_token_opens_views_from_the_clients_networks(
    app: Flask, tapauth: TapAuth, http: FlaskClient
) -> None:
    """A stolen token is of no use from elsewhere either."""
    client = tapauth.clients.create("Reports", allowed_networks=["192.0.2.0/24"])
    token = tapauth.tokens.issue(client)["access_token"]

    statuses = [
        http.get(
            "/whoami", headers=bearer(token), environ_base=sent_from(address)
        ).status_code
        for address in (INSIDE, OUTSIDE, INSIDE)
    ]

    assert statuses == [200, 401, 200]


def test_the_address_behind_a_proxy_counts(
    app: Flask, tapauth: TapAuth, http: FlaskClient
) -> None:
    """With ProxyFix it is the caller's; without, the proxy's."""
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]
    client = tapauth.clients.create("Reports", allowed_networks=["192.0.2.0/24"])

    for forwarded, status in ((INSIDE, 200), (f"{INSIDE}, {OUTSIDE}", 401)):
        answer = http.post(
            "/oauth/token", data=grant(client), headers={"X-Forwarded-For": forwarded}
        )
        assert answer.status_code == status


def test_networks_can_be_replaced_and_lifted(
    run: Run, app: Flask, tapauth: TapAuth
) -> None:
    """`clients update --allow-network`; `any` allows all of them again."""
    tapauth.clients.create("Reports", client_id="reports")

    run("clients", "update", "reports", "--allow-network", "192.0.2.0/24")
    assert tapauth.clients.get("reports").allowed_networks == ("192.0.2.0/24",)

    run("clients", "update", "reports", "--allow-network", "any")
    assert tapauth.clients.get("reports").allowed_networks == ()


@pytest.mark.parametrize("wrong", ["192.0.2.7/24", "office", "192.0.2.0/33", "", "*"])
@pytest.mark.usefixtures("app")
def test_a_wrong_network_is_wrong_input(tapauth: TapAuth, wrong: str) -> None:
    """Host bits too: 192.0.2.7/24 may be one address, or its network."""
    with pytest.raises(RegistrationError, match=r"allowed_networks: .*is no network"):
        tapauth.clients.create("Reports", allowed_networks=[wrong])
    assert tapauth.clients.list() == []
