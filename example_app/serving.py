"""How gunicorn serves the example: ``gunicorn -c python:example_app.serving``.

By default gunicorn drops every header with an underscore in its name. It lets in what
`forwarder_headers` names, from the peers that `forwarded_allow_ips` trusts. Its default
names SCRIPT_NAME, by which a caller could pretend that the app is elsewhere.
"""

import os

HOST = os.environ.get("HOST", "127.0.0.1")
PORT = os.environ.get("PORT", "3030")

bind = f"{HOST}:{PORT}"
workers = 2
forwarder_headers = "ACCESS_TOKEN"
forwarded_allow_ips = "127.0.0.1"
control_socket_disable = True
# An access log would keep the tokens of URLs; where you want one, leave out the query:
# access_log_format = '%(h)s "%(m)s %(U)s" %(s)s %(b)s'
