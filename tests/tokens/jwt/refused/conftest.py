"""An app that signs with one key, which looks tokens up or trusts their signature."""

from __future__ import annotations

import pytest
from flask import Flask

from ....conftest import MakeApp
from ..conftest import make_key, signer, signing

KEY = make_key()
SIGN = signer(KEY)


@pytest.fixture(params=[True, False], ids=["looked up", "trusted"])
def app(make_app: MakeApp, request: pytest.FixtureRequest) -> Flask:
    """The app, with and without TAPAUTH_JWT_CHECK_REVOCATION."""
    return make_app(**signing(KEY, TAPAUTH_JWT_CHECK_REVOCATION=request.param))
