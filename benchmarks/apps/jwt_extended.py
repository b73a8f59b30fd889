"""Flask-JWT-Extended, which signs with the JWK in ``BENCH_KEY``."""

from __future__ import annotations

import json
import os
from typing import Any

from flask import Flask
from flask_jwt_extended import JWTManager, create_access_token, jwt_required
from joserfc.jwk import OctKey, RSAKey

app = Flask("jwt_extended")
jwk: dict[str, Any] = json.loads(os.environ["BENCH_KEY"])
app.config.update(JWT_ALGORITHM=jwk["alg"], JWT_ACCESS_TOKEN_EXPIRES=False)
if jwk["kty"] == "oct":
    app.config["JWT_SECRET_KEY"] = OctKey.import_key(jwk).raw_value
else:
    key = RSAKey.import_key(jwk)
    app.config["JWT_PRIVATE_KEY"] = key.as_pem(private=True)
    app.config["JWT_PUBLIC_KEY"] = key.as_pem(private=False)
jwt = JWTManager(app)


@app.get("/orders")
@jwt_required()
def orders() -> dict[str, Any]:
    return {"orders": []}


def seed(rows: int) -> dict[str, Any]:
    """Sign one token, because each request verifies it again."""
    with app.app_context():
        return {"token": create_access_token("reports")}
