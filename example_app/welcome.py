"""Print how to try the example."""

from __future__ import annotations

import sys

import click

from flask_tapauth import RegistrationError

from .address import MCP_PATH, flask_run
from .api import SCOPES
from .data import OPERATOR, PASSWORDS
from .explorer import register_explorer
from .mcp import CLIENT_ID as MCP_CLIENT_ID
from .mcp import register_mcp_client
from .models import tapauth

CLIENT_ID = "example"

_FIRST_START = """\
A client is ready, with every scope of this API. Its secret is shown only once:

  client_id      {client_id}
  client_secret  {client_secret}

The page at {url} asks for it, and tries each place for a token.
To do the same here, ask for a token:

  TOKEN=$(curl -s {url}/oauth/token -d grant_type=client_credentials \\
    -d client_id={client_id} -d client_secret={client_secret} |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')

and call the API with it, as Bearer, as a header, in the body, or in the URL:

  curl -s "{url}/api/v1/customers?limit=2" -H "Authorization: Bearer $TOKEN"
  curl -s "{url}/api/v1/orders?limit=2" -H "access_token: $TOKEN"
  curl -s {url}/api/v1/customers -H "Content-Type: application/json" \\
    -d "{{\\"access_token\\": \\"$TOKEN\\", \\"name\\": \\"Grace Okafor\\",
         \\"email\\": \\"grace@example.com\\", \\"country\\": \\"NG\\"}}"
  curl -s "{url}/api/v1/orders/daily-revenue?access_token=$TOKEN"
"""

_LATER_START = """\
The data and the client {client_id!r} exist since an earlier start. To get a new secret:

  {python} -m flask --app example_app tapauth clients rotate-secret {client_id}
"""

_DROPS_HEADER = """\
Flask's development server drops the header access_token, like every header with an
underscore in its name, and logs URLs with the tokens in them. Send Access-Token or
Authorization: Bearer, or start the example with `python -m example_app`.
"""


_PAGE = """\
A browser application is at {url}/explorer. These people can sign in there:

{people}

They see what they allowed at {url}/account/applications.
{operator} is an operator too, and manages clients at {url}/account/operator/clients.

An MCP server is at {url}{mcp_path}. Point an agent at it, with the client id
{mcp_client_id} and no secret: it finds the rest, and sends you to the sign-in page.
"""


def welcome(host: str, port: int) -> None:
    """Register the example's client if it is missing, and print how to use it."""
    url = f"http://{host}:{port}"
    click.echo(f"This is an example, not for production. Open {url} in a browser.\n")
    register_explorer(port)
    register_mcp_client()
    people = [f"{email}, {password}" for email, password in PASSWORDS.items()]
    click.echo(
        _PAGE.format(
            url=url,
            people="\n".join(people),
            operator=OPERATOR,
            mcp_path=MCP_PATH,
            mcp_client_id=MCP_CLIENT_ID,
        )
    )
    try:
        registered = tapauth.clients.create(
            "Example client", client_id=CLIENT_ID, scopes=SCOPES
        )
    except RegistrationError:
        click.echo(_LATER_START.format(client_id=CLIENT_ID, python=sys.executable))
        return
    click.echo(
        _FIRST_START.format(
            url=url, client_id=CLIENT_ID, client_secret=registered.client_secret
        )
    )


def welcome_under_flask_run() -> None:
    """Under ``flask run``, welcome and warn of the header that it drops."""
    served = flask_run()
    if served is not None:
        welcome(*served)
        click.echo(_DROPS_HEADER)
