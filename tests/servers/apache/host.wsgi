"""The app under the name that mod_wsgi looks for."""

from tests.servers.host import create_app

application = create_app()
