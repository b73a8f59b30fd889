"""Signals of blinker: what a host app may count, log or alert on.

The sender is the Flask app. No argument carries a secret or a raw token: `token` is
an :class:`~flask_tapauth.AccessToken`, which knows what it speaks for and not itself.
"""

from __future__ import annotations

from blinker import NamedSignal, Namespace

_namespace = Namespace()

client_registered: NamedSignal = _namespace.signal("client-registered")
"""A client was registered. Argument: `client`."""

client_authenticated: NamedSignal = _namespace.signal("client-authenticated")
"""A client said at an endpoint who it is, and proved it unless it is public. Argument:
`client`."""

client_authentication_failed: NamedSignal = _namespace.signal(
    "client-authentication-failed"
)
"""A client did not. Arguments: `client_id` (str as sent, or None), `reason` (str)."""

token_issued: NamedSignal = _namespace.signal("token-issued")
"""A token was stored and is about to be answered. Arguments: `client`, `token`."""

token_authenticated: NamedSignal = _namespace.signal("token-authenticated")
"""A protected view accepted a token. Argument: `token`."""

token_rejected: NamedSignal = _namespace.signal("token-rejected")
"""A protected view refused a request. Arguments: `error` (the code of RFC 6750),
`token` (None unless the token itself was good)."""

token_revoked: NamedSignal = _namespace.signal("token-revoked")
"""Tokens were revoked. Arguments: `client` (None where it was a person's, of several
clients), `count` (int, a family of refresh tokens counting as one) and `reason`:
``request`` of the client, ``admin`` from code or the command line, ``consent`` taken
back, ``person`` gone, or ``reuse`` of a refresh token, which means it was stolen."""
