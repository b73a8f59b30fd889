"""A client proves who it is by a JWT that it signs (RFC 7523)."""
