"""A guarded app behind real servers: what of a request reaches it."""
