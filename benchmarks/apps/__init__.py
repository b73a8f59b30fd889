"""The apps that are measured: each has the same view, in a file of its own.

Each has `app`, for gunicorn, and `seed(rows)`, which fills its database and returns
what its requests need. Settings are environment variables.
"""
