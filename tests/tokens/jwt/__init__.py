"""Signed access tokens, their keys, and their audience."""
