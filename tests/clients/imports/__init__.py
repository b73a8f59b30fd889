"""``flask tapauth clients import``."""
