"""How gunicorn serves the example: ``gunicorn -c python:example_app.serving``.

By default gunicorn drops every header with an underscore in its name, except those in
`forwarder_headers` from the peers in `forwarded_allow_ips`. The default includes
SCRIPT_NAME, with which a caller could change the app's path.
"""

import os

HOST = os.environ.get("HOST", "127.0.0.1")
PORT = os.environ.get("PORT", "3030")

bind = f"{HOST}:{PORT}"
workers = 2
forwarder_headers = "ACCESS_TOKEN"
forwarded_allow_ips = "127.0.0.1"
control_socket_disable = True
# An access log would keep tokens in URLs. If you want one, leave the query out:
# access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s'
