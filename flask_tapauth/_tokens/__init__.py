"""Tokens: generate, sign, store, read, list and revoke them.

Begin at `token`, which defines what the rest of the package knows of a token.
"""
