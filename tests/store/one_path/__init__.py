"""Our statements use the same connections and tenants as the host's own."""
