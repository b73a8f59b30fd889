"""The rows of the table in running/wsgi-servers.md, which the tests check."""

from __future__ import annotations

from dataclasses import dataclass

HEADINGS = (
    "Server",
    "`Authorization: Bearer` arrives",
    "`access_token` arrives",
    "What lets them in",
)

HEADERS = "--forwarder-headers ACCESS_TOKEN"


@dataclass(frozen=True)
class Nginx:
    """The lines for the two placeholders in nginx.conf.in."""

    http: str = ""
    location: str = ""


@dataclass(frozen=True)
class Setup:
    """A server with the app in it, its options, and the nginx in front of it.

    :param options: for the command line; for mod_wsgi, lines of Apache's configuration.
    """

    program: str
    options: str = ""
    nginx: Nginx | None = None

    def __str__(self) -> str:
        parts = []
        if self.nginx and self.nginx.http:
            parts.append(f"`{self.nginx.http}` in nginx's `http`")
        if self.nginx and self.nginx.location:
            parts.append(f"`{self.nginx.location}` in its `location`")
        target = f" for {self.program}" if self.nginx else ""
        parts += [f"`{line}`{target}" for line in self.options.splitlines()]
        return " and ".join(parts)


@dataclass(frozen=True)
class Row:
    """A server, the headers that it lets in by default, and how to let in more."""

    server: str
    default: Setup
    bearer_arrives: bool = True
    underscore_arrives: bool = False
    allowing: Setup | None = None

    @property
    def cells(self) -> tuple[str, ...]:
        arrive = (self.bearer_arrives, self.underscore_arrives)
        answers = ["yes" if arrives else "no" for arrives in arrive]
        if all(arrive):
            return self.server, *answers, "its defaults"
        if self.allowing is None:
            return self.server, *answers, "nothing: use `Access-Token`"
        return self.server, *answers, str(self.allowing)


TRUSTING = Setup("gunicorn", f"{HEADERS} --forwarded-allow-ips 127.0.0.1")
"""gunicorn that lets in the header `access_token` from this machine."""

MISTRUSTING = Setup("gunicorn", f"{HEADERS} --forwarded-allow-ips 192.0.2.1")
"""gunicorn that lets in the header from another machine only (RFC 5737)."""

UWSGI = Setup("uwsgi")

MOD_WSGI = Setup("mod_wsgi")

MOD_WSGI_SET_UP = Setup(
    "mod_wsgi",
    "WSGIPassAuthorization On\n"
    'RequestHeader append Access-Token "expr=%{req:access_token}" '
    '"expr=-n %{req:access_token}"',
)

ROWS = (
    Row("Flask development server", Setup("flask")),
    Row("gunicorn", Setup("gunicorn"), allowing=TRUSTING),
    Row("waitress", Setup("waitress")),
    Row("Apache's mod_wsgi", MOD_WSGI, bearer_arrives=False, allowing=MOD_WSGI_SET_UP),
    Row("uWSGI, `--http-socket`", UWSGI, underscore_arrives=True),
    Row(
        "nginx in front of gunicorn, both set up",
        Setup("gunicorn", nginx=Nginx()),
        allowing=Setup(
            "gunicorn", TRUSTING.options, Nginx(http="underscores_in_headers on;")
        ),
    ),
    Row(
        "nginx in front of gunicorn, nginx alone set up",
        Setup("gunicorn", nginx=Nginx()),
        allowing=Setup(
            "gunicorn",
            nginx=Nginx(
                http="underscores_in_headers on;",
                location=(
                    "proxy_set_header Access-Token $http_access_token; "
                    'proxy_set_header access_token ""; '
                    'proxy_set_header SCRIPT_NAME ""; proxy_set_header PATH_INFO "";'
                ),
            ),
        ),
    ),
)
