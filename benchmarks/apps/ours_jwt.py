"""Flask-TapAuth with many signed tokens, so that none is verified twice."""

from __future__ import annotations

import json
import os
import secrets
from typing import Any

from joserfc import jwk, jwt

from benchmarks.apps import ours
from benchmarks.apps.ours import app as app


def seed(rows: int) -> dict[str, Any]:
    """Issue one token, and sign as many copies as wanted, each with its own `jti`."""
    issued = ours.seed(1)
    [key] = json.loads(os.environ["BENCH_TAPAUTH_JWT_KEYS"])["keys"]
    signing: Any = jwk.import_key(key)
    first = jwt.decode(issued["token"], signing, [key["alg"]])
    tokens = [
        jwt.encode(
            first.header,
            {**first.claims, "jti": secrets.token_urlsafe(32)},
            signing,
            [key["alg"]],
        )
        for _ in range(rows)
    ]
    return {**issued, "tokens": tokens}
