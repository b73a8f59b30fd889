"""What is measured: one app a file, each with the same view.

Each has `app`, for gunicorn, and `seed(rows)`, which fills its database and returns
what to ask it with. Settings come from the environment.
"""
