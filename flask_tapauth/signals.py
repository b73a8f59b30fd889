"""Signals of blinker: what a host app may count, log or alert on.

The sender is the Flask app. No argument carries a secret or a raw token: `token` is
an :class:`~flask_tapauth.AccessToken`, which knows what it speaks for and not itself.
"""

from __future__ import annotations

from blinker import Namespace

_namespace = Namespace()

client_registered = _namespace.signal("client_registered")
"""A client was registered. Argument: `client`."""

client_updated = _namespace.signal("client_updated")
"""The registration of a client was changed. Argument: `client`."""

secret_rotated = _namespace.signal("secret_rotated")
"""A client was given a new secret. Argument: `client`."""

secret_expiring = _namespace.signal("secret_expiring")
"""``flask tapauth doctor`` found a client whose secret expires soon. Argument:
`client`."""

client_disabled = _namespace.signal("client_disabled")
"""A client was disabled. Argument: `client`."""

client_enabled = _namespace.signal("client_enabled")
"""A disabled client was enabled again. Argument: `client`."""

client_deleted = _namespace.signal("client_deleted")
"""A client was deleted. Argument: `client`, as it was before."""

client_authenticated = _namespace.signal("client_authenticated")
"""A client said at an endpoint who it is, and proved it unless it is public. Argument:
`client`."""

client_authentication_failed = _namespace.signal("client_authentication_failed")
"""A client did not. Arguments: `client_id` (str as sent, or None), `reason` (str)."""

token_issued = _namespace.signal("token_issued")
"""A token was stored and is about to be answered. Arguments: `client`, `token`."""

token_authenticated = _namespace.signal("token_authenticated")
"""A protected view accepted a token. Argument: `token`."""

token_rejected = _namespace.signal("token_rejected")
"""A protected view refused a request. Arguments: `error` (the code of RFC 6750),
`token` (None unless the token itself was good)."""

token_revoked = _namespace.signal("token_revoked")
"""Tokens were revoked. Arguments: `client` (None where it was a person's, of several
clients), `count` (int, a family of refresh tokens counting as one) and `reason`:
``request`` of the client, ``admin`` from code or the command line, ``consent`` taken
back, ``person`` gone, or ``reuse`` of a refresh token, which means it was stolen."""

consent_given = _namespace.signal("consent_given")
"""A user allowed a client to act for them. Arguments: `client`, `user_id` and
`scopes`."""

consent_revoked = _namespace.signal("consent_revoked")
"""Consents of a user were taken back. Arguments: `user_id`, `client` (None if it was
for all clients) and `count`."""

user_forgotten = _namespace.signal("user_forgotten")
"""The tokens and the consents of a user were ended for good. Argument: `user_id`."""
