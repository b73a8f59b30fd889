"""Tokens are issued, used, renewed and revoked at each kind of host."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from flask_tapauth import verify_token

from ...conftest import bearer, grant
from .hosts import Host
from .kinds import ONE_CONNECTION, SEVERAL_TENANTS

tenants = pytest.mark.parametrize("host", SEVERAL_TENANTS, indirect=True)


def test_a_token_is_issued_used_renewed_and_revoked(host: Host) -> None:
    """In another tenant's tables, the token would belong to another client."""
    for tenant in host.tenants:
        client = host.register(tenant)
        first = host.issue(tenant, client)
        answer = host.open(tenant, first["access_token"])
        assert answer.get_json() == {"id": client.client_id, "name": tenant}

        renewed = host.refresh(tenant, client, first["refresh_token"])
        assert renewed.status_code == 200, renewed.text
        second = renewed.get_json()
        assert host.opens(tenant, second["access_token"])

        form = grant(client, token=second["access_token"])
        assert host.post(tenant, "introspect", form).get_json()["active"] is True
        assert host.post(tenant, "revoke", form).status_code == 200
        assert host.post(tenant, "introspect", form).get_json()["active"] is False
        assert not host.opens(tenant, second["access_token"])
        assert host.opens(tenant, first["access_token"])


def test_a_disabled_client_is_shut_out_at_once(host: Host) -> None:
    """Its tokens and its requests to the endpoints get a 401."""
    for tenant in host.tenants:
        client = host.register(tenant)
        tokens = host.issue(tenant, client)

        host.disable(tenant, client)

        assert not host.opens(tenant, tokens["access_token"])
        renewed = host.refresh(tenant, client, tokens["refresh_token"])
        again = host.post(tenant, "token", grant(client))
        assert (renewed.status_code, again.status_code) == (401, 401)


def test_the_reuse_of_a_refresh_token_revokes_its_family(host: Host) -> None:
    """RFC 9700 §4.14.2."""
    [tenant, *_] = host.tenants
    client = host.register(tenant)
    tokens = host.issue(tenant, client)

    used = [host.refresh(tenant, client, tokens["refresh_token"]) for _ in range(2)]

    assert [answer.status_code for answer in used] == [200, 400]
    assert not host.opens(tenant, used[0].get_json()["access_token"])


@tenants
def test_a_tenants_tokens_are_unknown_to_another_tenant(host: Host) -> None:
    """Both tenants may have a client of the same name."""
    one, two = host.tenants
    ids = [{}, {}] if host.tenant_columns else [{"client_id": "reports"}] * 2
    theirs, others = (
        host.register(tenant, **each)
        for tenant, each in zip(host.tenants, ids, strict=True)
    )
    tokens = host.issue(one, theirs)
    access, refresh = tokens["access_token"], tokens["refresh_token"]

    assert not host.opens(two, access)
    assert host.post(two, "token", grant(theirs)).status_code == 401
    assert host.refresh(two, others, refresh).get_json()["error"] == "invalid_grant"
    form = grant(others, token=access)
    assert host.post(two, "introspect", form).get_json() == {"active": False}
    assert host.post(two, "revoke", form).status_code == 200
    host.disable(two, others)

    assert host.opens(one, access)
    assert host.refresh(one, theirs, refresh).status_code == 200


@pytest.mark.parametrize("host", ["get_bind by header"], indirect=True)
def test_a_request_without_a_tenant_gets_the_hosts_answer(host: Host) -> None:
    """A default could be another tenant's client."""
    token = host.issue("one", host.register("one"))["access_token"]

    assert host.open("", token).status_code == 400


@pytest.mark.parametrize("host", ONE_CONNECTION, indirect=True)
def test_one_connection_serves_a_host_and_its_guard(host: Host) -> None:
    """A second session would wait for it forever, or undo the host's work."""
    token = host.issue("only", host.register("only"))["access_token"]

    with host.app.test_request_context(headers=bearer(token)):
        change = sa.update(host.tapauth.Client).values(client_name="changed")
        host.db.session.execute(change)
        assert verify_token() is not None
        host.db.session.commit()

    assert host.open("only", token).get_json()["name"] == "changed"
