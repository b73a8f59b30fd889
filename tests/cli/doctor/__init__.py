"""``flask tapauth doctor``: each check, at each level."""
