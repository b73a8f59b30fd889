"""A host that remembers what people allowed."""

from __future__ import annotations

import pytest
from flask import Flask

from ..browser import Browser, consent_field, fragment
from ..conftest import MakeHost


@pytest.fixture
def app(make_host: MakeHost) -> Flask:
    return make_host(TAPAUTH_REMEMBER_CONSENT=True)


def is_asked(browser: Browser, **changes: str | None) -> bool:
    """Return whether the person is shown the page; if not, expect a token."""
    answer = browser.follow_link(**changes)
    if answer.status_code == 200:
        return bool(consent_field(answer))
    assert "access_token" in fragment(answer)
    return False
