"""A client has one way to prove itself, and uses one in a request."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient

from ..conftest import Register, grant
from .conftest import (
    ANY_REQUEST,
    ENDPOINTS,
    JWT_BEARER,
    Assertion,
    Refusal,
    Signer,
    ask,
    b64url,
    claims_for,
    proof,
    refusal,
)


def _basic(client_id: str, secret: str) -> dict[str, str]:
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("is_good", [True, False])
def test_an_assertion_beside_a_secret_is_malformed(
    http: FlaskClient,
    register: Register,
    assertion: Assertion,
    path: str,
    is_good: bool,
) -> None:
    """RFC 6749 §2.3: one method in a request, whether either is good or not."""
    form = {**ANY_REQUEST, **grant(register()), **proof(assertion())}
    if not is_good:
        form.update(client_secret="wrong", client_assertion="junk")

    answer = http.post(path, data=form)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("scheme", ["Basic", "basic", "Bearer"])
def test_an_assertion_beside_an_authorization_header_is_malformed(
    http: FlaskClient,
    signing: RegisteredClient,
    assertion: Assertion,
    path: str,
    scheme: str,
) -> None:
    """RFC 6749 §2.3: the header is a method of its own."""
    headers = _basic(signing.client_id, "secret")
    headers["Authorization"] = headers["Authorization"].replace("Basic", scheme)

    answer = http.post(
        path, data={**ANY_REQUEST, **proof(assertion())}, headers=headers
    )

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("client_id", ["another", "nobody", "SIGNS", "signs "])
def test_a_client_id_of_another_client_is_malformed(
    http: FlaskClient,
    register: Register,
    assertion: Assertion,
    path: str,
    client_id: str,
) -> None:
    """RFC 7521 §4.2: it must be the assertion's subject."""
    register(client_id="another")
    form = {**ANY_REQUEST, "client_id": client_id, **proof(assertion())}

    answer = http.post(path, data=form)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("field", ["client_assertion", "client_assertion_type"])
def test_a_repeated_parameter_is_malformed(
    http: FlaskClient, assertion: Assertion, field: str
) -> None:
    """RFC 6749 §3.2: two assertions are not one."""
    form = {name: [value] for name, value in proof(assertion()).items()}
    form[field] *= 2

    answer = http.post("/oauth/token", data={**ANY_REQUEST, **form})

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("secret", [None, "", "secret"])
def test_a_client_with_keys_has_no_secret_to_send(
    http: FlaskClient,
    signing: RegisteredClient,
    wrong_secret: Refusal,
    path: str,
    secret: str | None,
) -> None:
    """RFC 7591 §2 (token_endpoint_auth_method): neither client_secret_post nor none."""
    form = {**ANY_REQUEST, "client_id": signing.client_id}
    if secret is not None:
        form["client_secret"] = secret

    assert refusal(http.post(path, data=form)) == wrong_secret


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("secret", ["", "secret"])
def test_a_client_with_keys_has_no_secret_for_the_header(
    http: FlaskClient,
    signing: RegisteredClient,
    wrong_secret: Refusal,
    path: str,
    secret: str,
) -> None:
    """RFC 7591 §2 (token_endpoint_auth_method): nor client_secret_basic."""
    headers = _basic(signing.client_id, secret)

    answer = http.post(path, data=ANY_REQUEST, headers=headers)

    assert refusal(answer) == wrong_secret


@pytest.mark.parametrize("public", [True, False])
def test_a_client_without_keys_cannot_sign(
    http: FlaskClient,
    register: Register,
    key: Signer,
    wrong_secret: Refusal,
    public: bool,
) -> None:
    """RFC 7591 §2 (token_endpoint_auth_method): private_key_jwt is not theirs."""
    client = register(public=public)

    assert refusal(ask(http, key.sign(claims_for(client)))) == wrong_secret


@pytest.mark.parametrize("alg", ["HS256", "ES256"])
def test_a_client_secret_signs_no_assertion(
    http: FlaskClient, register: Register, key: Signer, wrong_secret: Refusal, alg: str
) -> None:
    """The contract: client_secret_jwt is not on offer."""
    client = register()
    signed = key.sign(claims_for(client), alg=alg, kid=None).rpartition(".")[0]
    secret = str(client.client_secret).encode()
    mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()

    assert refusal(ask(http, f"{signed}.{b64url(mac)}")) == wrong_secret


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "jwt-bearer",
        JWT_BEARER.upper(),
        JWT_BEARER + " ",
        "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
    ],
)
@pytest.mark.parametrize("sender", ["signs", "public", None])
def test_an_assertion_of_another_type_proves_nothing(
    http: FlaskClient,
    register: Register,
    assertion: Assertion,
    wrong_secret: Refusal,
    kind: str | None,
    sender: str | None,
) -> None:
    """RFC 7523 §2.2: the type is this one, and it must be sent."""
    form = {**ANY_REQUEST, "client_assertion": assertion()}
    if kind is not None:
        form["client_assertion_type"] = kind
    register(client_id="public", public=True)
    if sender is not None:
        form["client_id"] = sender

    assert refusal(http.post("/oauth/revoke", data=form)) == wrong_secret


def test_the_type_alone_proves_nothing(
    http: FlaskClient, signing: RegisteredClient, wrong_secret: Refusal
) -> None:
    """RFC 7521 §4.2: without the assertion."""
    form = {**ANY_REQUEST, "client_assertion_type": JWT_BEARER}
    form["client_id"] = signing.client_id

    assert refusal(http.post("/oauth/revoke", data=form)) == wrong_secret
