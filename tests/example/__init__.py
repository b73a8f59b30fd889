"""The example app, as people meet it: under gunicorn, over a socket."""
