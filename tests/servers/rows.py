"""The README's table of servers: what is tested here is what it says."""

from __future__ import annotations

from dataclasses import dataclass

HEADINGS = ("Server", "`access_token` arrives", "What lets it in")

HEADERS = "--forwarder-headers ACCESS_TOKEN"


@dataclass(frozen=True)
class Nginx:
    """What is added to nginx.conf.in, where the two places are."""

    http: str = ""
    location: str = ""


@dataclass(frozen=True)
class Setup:
    """A server that holds the app, what it is told, and the nginx in front of it."""

    program: str
    options: str = ""
    nginx: Nginx | None = None

    def __str__(self) -> str:
        said = []
        if self.nginx and self.nginx.http:
            said.append(f"`{self.nginx.http}` in nginx's `http`")
        if self.nginx and self.nginx.location:
            said.append(f"`{self.nginx.location}` in its `location`")
        if self.options:
            to_whom = f" for {self.program}" if self.nginx else ""
            said.append(f"`{self.options}`{to_whom}")
        return " and ".join(said)


@dataclass(frozen=True)
class Row:
    """A server, whether the header arrives by default, and how to let it in."""

    server: str
    default: Setup
    arrives: bool
    allowing: Setup | None = None

    @property
    def cells(self) -> tuple[str, str, str]:
        if self.arrives:
            return self.server, "yes", "its defaults"
        if self.allowing is None:
            return self.server, "no", "nothing: use `Access-Token`"
        return self.server, "no", str(self.allowing)


TRUSTING = Setup("gunicorn", f"{HEADERS} --forwarded-allow-ips 127.0.0.1")
"""gunicorn that lets the header in from this machine."""

MISTRUSTING = Setup("gunicorn", f"{HEADERS} --forwarded-allow-ips 192.0.2.1")
"""gunicorn that lets the header in from another machine alone (RFC 5737)."""

UWSGI = Setup("uwsgi")

ROWS = (
    Row("Flask development server", Setup("flask"), arrives=False),
    Row("gunicorn", Setup("gunicorn"), arrives=False, allowing=TRUSTING),
    Row("waitress", Setup("waitress"), arrives=False),
    Row("uWSGI, `--http-socket`", UWSGI, arrives=True),
    Row(
        "nginx in front of gunicorn, both set up",
        Setup("gunicorn", nginx=Nginx()),
        arrives=False,
        allowing=Setup(
            "gunicorn", TRUSTING.options, Nginx(http="underscores_in_headers on;")
        ),
    ),
    Row(
        "nginx in front of gunicorn, nginx alone set up",
        Setup("gunicorn", nginx=Nginx()),
        arrives=False,
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
