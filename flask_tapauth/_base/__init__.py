"""What all other rooms use: settings, keys, secrets, scopes. Without Flask or tables.

Begin at `config`, which lists the settings.
"""
