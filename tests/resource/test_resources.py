"""Each view belongs to one resource, and only a token for that one opens it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from flask_tapauth import RegisteredClient, TapAuth, require_token, verify_token

from ..conftest import MakeApp, bearer, grant

API = "https://api.example"
MCP = f"{API}/mcp"
ADMIN = f"{API}/mcp/admin"
ELSEWHERE = "https://other.example/mcp"
RESOURCES = [API, MCP, ADMIN, ELSEWHERE]
WELL_KNOWN = "/.well-known/oauth-protected-resource"


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return with_views(make_app(TAPAUTH_ISSUER=API, TAPAUTH_RESOURCES=RESOURCES))


def with_views(app: Flask) -> Flask:
    @app.get("/<path:path>")
    @require_token
    def anything(path: str) -> str:
        return path

    return app


@pytest.fixture
def sent(app: Flask, registered: RegisteredClient) -> Any:
    """Return the headers with a token that a client asked for."""

    def sent(*resources: str) -> dict[str, str]:
        form = grant(registered, resource=[*resources])
        answer = app.test_client().post("/oauth/token", data=form).get_json()
        return bearer(answer["access_token"])

    return sent


def metadata_in(challenge: str) -> str:
    return challenge.partition('resource_metadata="')[2].rstrip('"')


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        ("/orders/1", API),
        ("/mcp", MCP),
        ("/mcp/", MCP),
        ("/mcp/tools", MCP),
        ("/mcp%2Ftools", MCP),  # Flask takes it for /mcp/tools, and so must the guard
        ("/mcpx", API),
        ("/mcp.json", API),
        ("/MCP", API),
        ("/x/mcp", API),
        ("/mcp/admin", ADMIN),
        ("/mcp/admin/users", ADMIN),
        ("/mcp/administration", MCP),
    ],
)
def test_a_view_belongs_to_the_longest_path_that_its_url_begins_with(
    app: Flask, sent: Any, path: str, resource: str
) -> None:
    """how-to/clients/resources.md: of all tokens, only one for that resource opens."""
    opens = [
        uri
        for uri in RESOURCES
        if app.test_client().get(path, headers=sent(uri)).status_code == 200
    ]

    assert opens == [resource]


@pytest.mark.parametrize("path", ["/orders", "/mcp/tools", "/mcp/admin"])
def test_a_refusal_leads_to_the_document_of_the_views_resource(
    app: Flask, path: str
) -> None:
    """RFC 9728 §3.1, §3.3, §5.1: at its path-inserted address, with its identifier."""
    http = app.test_client()

    url = metadata_in(http.get(path).headers["WWW-Authenticate"])

    resource = http.get(url).get_json()["resource"]
    assert url == resource.replace(API, API + WELL_KNOWN)
    assert resource == {"/orders": API, "/mcp/tools": MCP, "/mcp/admin": ADMIN}[path]


@pytest.mark.parametrize("path", ["/other", "/mcp/tools", "/mcpx"])
def test_there_is_no_document_for_what_is_no_resource(app: Flask, path: str) -> None:
    """RFC 9728 §3: a document is about one resource, not about what is below it."""
    assert app.test_client().get(WELL_KNOWN + path).status_code == 404


def test_a_second_slash_in_front_changes_nothing(app: Flask, sent: Any) -> None:
    """Flask takes //mcp/tools for /mcp/tools, and so must the guard."""
    http, over = app.test_client(), {"PATH_INFO": "//mcp/tools"}

    for resource, status in ((API, 401), (MCP, 200)):
        answer = http.get("/", headers=sent(resource), environ_overrides=over)
        assert answer.status_code == status


@pytest.mark.parametrize("path", ["/mcp/../orders", "/mcp/%2e%2e/orders", "/./mcp"])
@pytest.mark.parametrize("resource", [API, MCP])
def test_a_path_with_dot_segments_belongs_to_no_resource(
    app: Flask, sent: Any, path: str, resource: str
) -> None:
    """RFC 3986 §6.2.2.3: a view may resolve them, and serve another resource's file."""
    http = app.test_client()

    assert http.get(path, headers=sent(resource)).status_code == 401
    assert http.get("/orders/..x/.y", headers=sent(API)).status_code == 200


def test_a_token_without_a_named_resource_is_for_the_first(
    app: Flask, sent: Any
) -> None:
    """how-to/clients/resources.md: it opens no view of another resource."""
    http = app.test_client()

    assert http.get("/orders", headers=sent()).status_code == 200
    assert http.get("/mcp", headers=sent()).status_code == 401


def test_a_token_for_several_resources_opens_each(app: Flask, sent: Any) -> None:
    """RFC 8707 §2: `resource` may be repeated."""
    http, headers = app.test_client(), sent(MCP, API)

    found = [
        http.get(path, headers=headers).status_code
        for path in ("/orders", "/mcp", "/mcp/admin")
    ]

    assert found == [200, 200, 401]


def test_the_host_header_does_not_choose_the_resource(app: Flask, sent: Any) -> None:
    """A caller with a token for one resource would open the views of another."""
    http = app.test_client()

    for host in ("other.example", "evil.example", "API.example:8443"):
        over = {"HTTP_HOST": host, "wsgi.url_scheme": "https"}
        for resource in (API, ELSEWHERE):
            answer = http.get("/mcp", headers=sent(resource), environ_overrides=over)
            assert answer.status_code == 401
        answer = http.get("/mcp", headers=sent(MCP), environ_overrides=over)
        assert answer.status_code == 200


def test_a_check_inside_a_view_asks_for_the_same_resource(
    app: Flask, sent: Any
) -> None:
    """verify_token is the same check as require_token."""
    app.add_url_rule("/mcp/call", "call", lambda: str(bool(verify_token())))
    http = app.test_client()

    assert http.get("/mcp/call", headers=sent(MCP)).status_code == 200
    assert http.get("/mcp/call", headers=sent(API)).status_code == 401


def test_a_guarded_blueprint_asks_for_the_resource_of_each_view(
    make_app: MakeApp, tapauth: TapAuth
) -> None:
    """require_token on before_request: the URL of the request counts."""
    app = make_app(TAPAUTH_ISSUER=API, TAPAUTH_RESOURCES=[API, MCP])
    app.before_request(require_token(lambda: None))
    with app.app_context():
        client = tapauth.clients.create("Reports")
        token = tapauth.tokens.issue(client, resource=MCP)["access_token"]
    http = app.test_client()

    assert http.get("/mcp/none", headers=bearer(token)).status_code == 404
    assert http.get("/none", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize(
    "resources",
    [[API, MCP], ["HTTPS://API.example/", "https://API.EXAMPLE:443/mcp/"]],
    ids=["plain", "odd"],
)
def test_without_an_issuer_the_first_resource_says_where_the_app_is(
    make_app: MakeApp, tapauth: TapAuth, resources: list[str]
) -> None:
    """TAPAUTH_RESOURCES: this app's own comes first."""
    app = with_views(make_app(TAPAUTH_RESOURCES=resources))
    with app.app_context():
        client = tapauth.clients.create("Reports")
        token = tapauth.tokens.issue(client, resource=resources[1])["access_token"]
    http = app.test_client()

    assert http.get("/mcp/tools", headers=bearer(token)).status_code == 200
    assert http.get("/orders", headers=bearer(token)).status_code == 401


@pytest.mark.parametrize("is_proxied", [True, False])
def test_a_mounted_app_counts_the_path_that_it_is_mounted_at(
    make_app: MakeApp, tapauth: TapAuth, is_proxied: bool
) -> None:
    """SCRIPT_NAME, or X-Forwarded-Prefix by ProxyFix, is a part of a view's URL."""
    shop = f"{API}/shop"
    named = [shop, f"{shop}/mcp", f"{API}/mcp"]
    app = with_views(make_app(TAPAUTH_ISSUER=shop, TAPAUTH_RESOURCES=named))
    with app.app_context():
        client = tapauth.clients.create("Reports")
        tokens = [
            tapauth.tokens.issue(client, resource=uri)["access_token"] for uri in named
        ]
    if is_proxied:
        site = Client(ProxyFix(app, x_prefix=1))
        headers, at = {"X-Forwarded-Prefix": "/shop"}, ""
    else:
        site = Client(DispatcherMiddleware(NotFound(), {"/shop": app}))
        headers, at = {}, "/shop"

    def status(path: str, token: str) -> int:
        answer = site.get(f"{at}{path}", headers={**headers, **bearer(token)})
        return answer.status_code

    found = [[status(path, t) for t in tokens] for path in ("/sold", "/mcp/x")]
    assert found == [[200, 401, 401], [401, 200, 401]]
    refused = site.get(f"{at}/mcp/x", headers=headers)
    url = metadata_in(refused.headers["WWW-Authenticate"])
    assert url == f"{shop}{WELL_KNOWN}/mcp"
    described = site.get(url if at else url.replace("/shop", ""), headers=headers)
    assert described.get_json()["resource"] == f"{shop}/mcp"


def test_a_resource_outside_of_the_mount_point_is_another_apps(
    make_app: MakeApp,
) -> None:
    """It has the same host, but no view and no document here."""
    shop = f"{API}/shop"
    app = make_app(TAPAUTH_ISSUER=shop, TAPAUTH_RESOURCES=[shop, f"{API}/mcp"])
    site = Client(DispatcherMiddleware(NotFound(), {"/shop": app}))

    assert site.get(f"/shop{WELL_KNOWN}/shop").status_code == 200
    assert site.get(f"/shop{WELL_KNOWN}/mcp").status_code == 404


def test_on_every_host_of_an_app_the_path_decides(
    db: SQLAlchemy, tapauth: TapAuth
) -> None:
    """Flask(host_matching=True): the documents and the views are on each host."""
    app = Flask("host", host_matching=True, static_host="a.example")
    app.config.update(
        SQLALCHEMY_DATABASE_URI="sqlite://",
        TAPAUTH_ISSUER=API,
        TAPAUTH_RESOURCES=[API, MCP],
    )
    db.init_app(app)
    tapauth.init_app(app)
    for host in ("a.example", "b.example"):
        app.add_url_rule(
            "/mcp", f"mcp at {host}", require_token(lambda: "ok"), host=host
        )
    with app.app_context():
        db.create_all()
        client = tapauth.clients.create("Reports")
        good = tapauth.tokens.issue(client, resource=MCP)["access_token"]
        other = tapauth.tokens.issue(client)["access_token"]
    http = app.test_client()

    for host in ("https://a.example", "https://b.example"):
        at: dict[str, Any] = {"base_url": host}
        assert http.get("/mcp", headers=bearer(good), **at).status_code == 200
        assert http.get("/mcp", headers=bearer(other), **at).status_code == 401
        assert http.get(f"{WELL_KNOWN}/mcp", **at).get_json()["resource"] == MCP


def test_an_address_of_a_document_cannot_be_the_hosts(app: Flask) -> None:
    """init_app, or the first request, says so; Flask would run one of the two."""
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.add_url_rule(f"{WELL_KNOWN}/mcp", "mine", lambda: "mine")

    with pytest.raises(Exception, match=f"{WELL_KNOWN}/mcp"):
        app.test_client().get("/")


@pytest.mark.parametrize("others", [["urn:example:mcp"], [f"{API}/mcp?tenant=1"]])
def test_a_resource_that_no_path_can_tell_has_no_views(
    make_app: MakeApp, tapauth: TapAuth, others: list[str]
) -> None:
    """RFC 8707 §2: a resource need not be the URL of a web server."""
    app = with_views(make_app(TAPAUTH_ISSUER=API, TAPAUTH_RESOURCES=[API, *others]))
    with app.app_context():
        client = tapauth.clients.create("Reports")
        token = tapauth.tokens.issue(client, resource=others[0])["access_token"]

    answer = app.test_client().get("/mcp", headers=bearer(token))

    assert answer.status_code == 401
    url = metadata_in(answer.headers["WWW-Authenticate"])
    assert url == API + WELL_KNOWN


def test_a_token_for_any_served_resource_is_explained_as_good(
    app: Flask, tapauth: TapAuth, registered: RegisteredClient
) -> None:
    """tokens explain: `audience` is the reason only if no view takes the token."""
    with app.app_context():
        explained = {
            uri: tapauth.tokens.explain(
                tapauth.tokens.issue(registered, resource=uri)["access_token"]
            ).reason
            for uri in RESOURCES
        }

    assert explained == {API: None, MCP: None, ADMIN: None, ELSEWHERE: "audience"}


# The scopes in a challenge.


SCOPED = [
    (["a"], None, "a"),
    (["a", "b"], None, "a b"),
    ([], ["c", "d"], "c"),
    (["a"], ["c", "d"], "a c"),
]


@pytest.mark.parametrize(("scopes", "any_of", "opens"), SCOPED)
@pytest.mark.parametrize("has_bad_token", [True, False])
def test_a_401_names_one_set_of_scopes_that_opens_the_view(
    app: Flask,
    scopes: list[str],
    any_of: list[str] | None,
    opens: str,
    has_bad_token: bool,
) -> None:
    """RFC 6750 §3, `scope`: a client that has no token asks for these at once."""
    app.add_url_rule(
        "/mcp/scoped", "scoped", require_token(*scopes, any_of=any_of)(lambda: "ok")
    )
    headers = bearer("nonsense") if has_bad_token else {}

    challenge = (
        app.test_client()
        .get("/mcp/scoped", headers=headers)
        .headers["WWW-Authenticate"]
    )

    assert f'scope="{opens}"' in challenge
    assert metadata_in(challenge) == f"{API}{WELL_KNOWN}/mcp"
    assert ("error=" in challenge) is has_bad_token


@pytest.mark.parametrize(("scopes", "any_of", "opens"), SCOPED)
def test_a_403_names_the_same_set_and_the_document(
    app: Flask, sent: Any, scopes: list[str], any_of: list[str] | None, opens: str
) -> None:
    """RFC 6750 §3.1, RFC 9728 §5.1: in the challenge, and `scope` in the body too."""
    app.add_url_rule(
        "/mcp/scoped", "scoped", require_token(*scopes, any_of=any_of)(lambda: "ok")
    )

    answer = app.test_client().get("/mcp/scoped", headers=sent(MCP))

    assert answer.status_code == 403
    assert answer.get_json()["scope"] == opens
    challenge = answer.headers["WWW-Authenticate"]
    assert f', scope="{opens}", ' in challenge
    assert metadata_in(challenge) == f"{API}{WELL_KNOWN}/mcp"


def test_a_view_that_asks_for_no_scope_names_none(app: Flask) -> None:
    """An empty `scope` is no valid parameter (RFC 6750 §3)."""
    assert "scope" not in app.test_client().get("/mcp").headers["WWW-Authenticate"]
