"""Blinker signals, by which a host app can count, log or alert.

The sender is the Flask app. No argument has a secret or a raw token: `token` is an
:class:`~flask_tapauth.AccessToken`, which has the token's client, user and scopes.
"""

from __future__ import annotations

from blinker import NamedSignal, Namespace

_namespace = Namespace()

client_registered: NamedSignal = _namespace.signal("client_registered")
"""A client was registered. Argument: `client`."""

client_updated: NamedSignal = _namespace.signal("client_updated")
"""The registration of a client was changed. Argument: `client`."""

secret_rotated: NamedSignal = _namespace.signal("secret_rotated")
"""A client was given a new secret. Argument: `client`."""

secret_expiring: NamedSignal = _namespace.signal("secret_expiring")
"""``flask tapauth doctor`` found a client whose secret expires soon. Argument:
`client`."""

client_disabled: NamedSignal = _namespace.signal("client_disabled")
"""A client was disabled. Argument: `client`."""

client_enabled: NamedSignal = _namespace.signal("client_enabled")
"""A disabled client was enabled again. Argument: `client`."""

client_deleted: NamedSignal = _namespace.signal("client_deleted")
"""A client was deleted. Argument: `client`, as it was before."""

client_authenticated: NamedSignal = _namespace.signal("client_authenticated")
"""A client authenticated at an endpoint; a public client only names itself. Argument:
`client`."""

client_authentication_failed: NamedSignal = _namespace.signal(
    "client_authentication_failed"
)
"""A client failed to authenticate. Arguments: `client_id` (the str that was sent, or
None) and `reason` (str)."""

token_issued: NamedSignal = _namespace.signal("token_issued")
"""A token was stored, and the response is about to be sent. Arguments: `client`,
`token`."""

token_authenticated: NamedSignal = _namespace.signal("token_authenticated")
"""A protected view accepted a token. Argument: `token`."""

token_rejected: NamedSignal = _namespace.signal("token_rejected")
"""A protected view refused a request. Arguments: `error` (the code of RFC 6750),
`reason` (a word such as ``expired``), `client_id` (None if it is not known) and `token`
(if the token is valid but lacks a scope; otherwise None)."""

token_revoked: NamedSignal = _namespace.signal("token_revoked")
"""Tokens were revoked. Arguments: `client` (None for a user's tokens of all clients),
`count` (int; a token family counts as one) and `reason`, which is one of:

- ``request``: the client asked for it.
- ``admin``: Python code or the command line did it.
- ``consent``: the user's consent was revoked.
- ``person``: the user is gone.
- ``reuse``: a refresh token or a code was used twice, so it was probably stolen.
"""

consent_given: NamedSignal = _namespace.signal("consent_given")
"""A user allowed a client to act for them. Arguments: `client`, `user_id` and
`scopes`."""

consent_revoked: NamedSignal = _namespace.signal("consent_revoked")
"""Consents of a user were taken back. Arguments: `user_id`, `client` (None if it was
for all clients) and `count`."""

user_forgotten: NamedSignal = _namespace.signal("user_forgotten")
"""The tokens and the consents of a user were ended for good. Argument: `user_id`."""
