"""``flask tapauth``: a thin face over what the extension does from code."""

from . import clients as clients
from . import consents as consents
from . import importing as importing
from . import keys as keys
from . import tokens as tokens
from .group import commands as commands
