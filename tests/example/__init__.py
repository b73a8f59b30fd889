"""The example app under gunicorn, over a socket."""
