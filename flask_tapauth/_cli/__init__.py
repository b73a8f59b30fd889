"""``flask tapauth``: commands over the same methods that Python code calls.

Begin at `group`, which turns errors into messages and exit codes.
"""

from . import clients as clients
from . import consents as consents
from . import doctor as doctor
from . import events as events
from . import explaining as explaining
from . import importing as importing
from . import keys as keys
from . import registering as registering
from . import routes as routes
from . import tokens as tokens
from . import updating as updating
from . import users as users
from .group import commands as commands
