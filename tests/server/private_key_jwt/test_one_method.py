"""A client has one authentication method, and uses one method in a request."""

from __future__ import annotations

import base64
import hashlib
import hmac

import pytest
from flask.testing import FlaskClient

from flask_tapauth import RegisteredClient

from ...conftest import Register, grant
from .conftest import (
    ANY_REQUEST,
    ENDPOINTS,
    MakeAssertion,
    Refusal,
    refusal,
    request_token,
)
from .signers import JWT_BEARER, Signer, b64url, claims_for, proof


def _basic(client_id: str, secret: str) -> dict[str, str]:
    pair = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("are_valid", [True, False])
def test_an_assertion_with_a_secret_is_an_invalid_request(
    http: FlaskClient,
    register: Register,
    make_assertion: MakeAssertion,
    path: str,
    are_valid: bool,
) -> None:
    """RFC 6749 §2.3: one method in a request, whether the credentials are valid."""
    form = {**ANY_REQUEST, **grant(register()), **proof(make_assertion())}
    if not are_valid:
        form.update(client_secret="wrong", client_assertion="junk")

    answer = http.post(path, data=form)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("scheme", ["Basic", "basic", "Bearer"])
def test_an_assertion_with_an_authorization_header_is_an_invalid_request(
    http: FlaskClient,
    signing_client: RegisteredClient,
    make_assertion: MakeAssertion,
    path: str,
    scheme: str,
) -> None:
    """RFC 6749 §2.3: the header is an authentication method too."""
    headers = _basic(signing_client.client_id, "secret")
    headers["Authorization"] = headers["Authorization"].replace("Basic", scheme)

    answer = http.post(
        path, data={**ANY_REQUEST, **proof(make_assertion())}, headers=headers
    )

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("client_id", ["another", "nobody", "SIGNS", "signs "])
def test_the_client_id_of_another_client_is_an_invalid_request(
    http: FlaskClient,
    register: Register,
    make_assertion: MakeAssertion,
    path: str,
    client_id: str,
) -> None:
    """RFC 7521 §4.2: `client_id` must be the subject of the assertion."""
    register(client_id="another")
    form = {**ANY_REQUEST, "client_id": client_id, **proof(make_assertion())}

    answer = http.post(path, data=form)

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("field", ["client_assertion", "client_assertion_type"])
def test_a_repeated_parameter_is_an_invalid_request(
    http: FlaskClient, make_assertion: MakeAssertion, field: str
) -> None:
    """RFC 6749 §3.2: a parameter is sent at most once."""
    form = {name: [value] for name, value in proof(make_assertion()).items()}
    form[field] *= 2

    answer = http.post("/oauth/token", data={**ANY_REQUEST, **form})

    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("secret", [None, "", "secret"])
def test_a_client_with_keys_cannot_use_client_secret_post(
    http: FlaskClient,
    signing_client: RegisteredClient,
    wrong_secret_refusal: Refusal,
    path: str,
    secret: str | None,
) -> None:
    """RFC 7591 §2 (token_endpoint_auth_method): nor can it use `none`."""
    form = {**ANY_REQUEST, "client_id": signing_client.client_id}
    if secret is not None:
        form["client_secret"] = secret

    assert refusal(http.post(path, data=form)) == wrong_secret_refusal


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize("secret", ["", "secret"])
def test_a_client_with_keys_cannot_use_client_secret_basic(
    http: FlaskClient,
    signing_client: RegisteredClient,
    register: Register,
    path: str,
    secret: str,
) -> None:
    """RFC 7591 §2 (token_endpoint_auth_method): the client registered another one."""
    other = register()

    sent = [_basic(client.client_id, secret) for client in (signing_client, other)]
    mine, theirs = (http.post(path, data=ANY_REQUEST, headers=h) for h in sent)

    assert mine.status_code == 401
    assert refusal(mine) == refusal(theirs)


@pytest.mark.parametrize("public", [True, False])
def test_a_client_without_keys_cannot_use_private_key_jwt(
    http: FlaskClient,
    register: Register,
    key: Signer,
    wrong_secret_refusal: Refusal,
    public: bool,
) -> None:
    """RFC 7591 §2 (token_endpoint_auth_method): no key belongs to the client."""
    client = register(public=public)

    assert (
        refusal(request_token(http, key.sign(claims_for(client))))
        == wrong_secret_refusal
    )


@pytest.mark.parametrize("alg", ["HS256", "ES256"])
def test_an_assertion_signed_with_a_client_secret_is_refused(
    http: FlaskClient,
    register: Register,
    key: Signer,
    wrong_secret_refusal: Refusal,
    alg: str,
) -> None:
    """RFC 8414 §2: the metadata does not announce `client_secret_jwt`."""
    client = register()
    signed = key.sign(claims_for(client), alg=alg, kid=None).rpartition(".")[0]
    secret = str(client.client_secret).encode()
    mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()

    assert (
        refusal(request_token(http, f"{signed}.{b64url(mac)}")) == wrong_secret_refusal
    )


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
def test_an_assertion_of_another_type_authenticates_nobody(
    http: FlaskClient,
    register: Register,
    make_assertion: MakeAssertion,
    wrong_secret_refusal: Refusal,
    kind: str | None,
    sender: str | None,
) -> None:
    """RFC 7523 §2.2: `client_assertion_type` is required and has one valid value."""
    form = {**ANY_REQUEST, "client_assertion": make_assertion()}
    if kind is not None:
        form["client_assertion_type"] = kind
    register(client_id="public", public=True)
    if sender is not None:
        form["client_id"] = sender

    assert refusal(http.post("/oauth/revoke", data=form)) == wrong_secret_refusal


def test_the_type_without_an_assertion_authenticates_nobody(
    http: FlaskClient, signing_client: RegisteredClient, wrong_secret_refusal: Refusal
) -> None:
    """RFC 7521 §4.2: `client_assertion` is required."""
    form = {**ANY_REQUEST, "client_assertion_type": JWT_BEARER}
    form["client_id"] = signing_client.client_id

    assert refusal(http.post("/oauth/revoke", data=form)) == wrong_secret_refusal
