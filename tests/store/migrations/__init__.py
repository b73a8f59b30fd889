"""Migrations that create our tables, and that move clients into them."""
