"""django-oauth-toolkit, in a default project of Django, or as fast as it can be.

``BENCH_FASTEST=1`` keeps the connection to the database, stores the client's secret in
the clear, and leaves all middleware out.
"""

from __future__ import annotations

import os
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import django
from django.conf import settings
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from django.utils import timezone

FASTEST = bool(os.environ.get("BENCH_FASTEST"))
SCOPE = "orders:read"


def _database() -> dict[str, Any]:
    url = urlsplit(os.environ.get("BENCH_DATABASE_URL", "sqlite:///:memory:"))
    if url.scheme == "sqlite":
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": url.path[1:],
            "OPTIONS": {"init_command": pragmas},
        }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": url.path[1:],
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname,
        "PORT": url.port or "",
    }


_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
"""What ``django-admin startproject`` writes down."""

settings.configure(
    SECRET_KEY=secrets.token_hex(),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "oauth2_provider",
    ],
    MIDDLEWARE=[] if FASTEST else _MIDDLEWARE,
    DATABASES={
        "default": {**_database(), "CONN_MAX_AGE": None if FASTEST else 0},
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    OAUTH2_PROVIDER={"SCOPES": {SCOPE: "Read orders"}},
)
django.setup()

# Models can be imported only now.
from oauth2_provider.decorators import protected_resource  # noqa: E402
from oauth2_provider.models import AccessToken, Application  # noqa: E402


@protected_resource(scopes=[SCOPE])
def orders(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"orders": []})


urlpatterns = [
    path("orders", orders),
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
]
app = get_wsgi_application()


def seed(rows: int) -> dict[str, Any]:
    """Make the tables, and fill them with a client and its tokens."""
    call_command("migrate", verbosity=0)
    secret = secrets.token_urlsafe(32)
    client = Application.objects.create(
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
        hash_client_secret=not FASTEST,
    )
    tokens = [
        AccessToken(
            application=client,
            token=secrets.token_urlsafe(32),
            scope=SCOPE,
            expires=timezone.now() + timedelta(days=1),
        )
        for _ in range(rows)
    ]
    AccessToken.objects.bulk_create(tokens, batch_size=10_000)
    return {
        "token": tokens[rows // 2].token,
        "client_id": client.client_id,
        "client_secret": secret,
    }
