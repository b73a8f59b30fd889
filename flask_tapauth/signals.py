"""Blinker signals, by which a host app can count, log or alert.

The sender is the Flask app. No argument has a secret or a raw token: `token` is an
:class:`~flask_tapauth.AccessToken`, which has the token's client, user and scopes.
"""

from __future__ import annotations

from blinker import NamedSignal, Namespace

_namespace = Namespace()

client_registered: NamedSignal = _namespace.signal("client-registered")
"""A client was registered. Argument: `client`."""

client_authenticated: NamedSignal = _namespace.signal("client-authenticated")
"""A client authenticated at an endpoint; a public client only names itself. Argument:
`client`."""

client_authentication_failed: NamedSignal = _namespace.signal(
    "client-authentication-failed"
)
"""A client failed to authenticate. Arguments: `client_id` (the str that was sent, or
None) and `reason` (str)."""

token_issued: NamedSignal = _namespace.signal("token-issued")
"""A token was stored, and the response is about to be sent. Arguments: `client`,
`token`."""

token_authenticated: NamedSignal = _namespace.signal("token-authenticated")
"""A protected view accepted a token. Argument: `token`."""

token_rejected: NamedSignal = _namespace.signal("token-rejected")
"""A protected view refused a request. Arguments: `error` (the code of RFC 6750) and
`token` (if the token is valid but lacks a scope; otherwise None)."""

token_revoked: NamedSignal = _namespace.signal("token-revoked")
"""Tokens were revoked. Arguments: `client` (None for a user's tokens of all clients),
`count` (int; a token family counts as one) and `reason`, which is one of:

- ``request``: the client asked for it.
- ``admin``: Python code or the command line did it.
- ``consent``: the user's consent was revoked.
- ``person``: the user is gone.
- ``reuse``: a refresh token was used twice, so it was probably stolen.
"""
