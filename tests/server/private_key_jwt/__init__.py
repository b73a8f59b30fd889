"""A client authenticates with a JWT that it signs (RFC 7523)."""
