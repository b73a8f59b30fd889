"""``flask tapauth doctor``: what an operator should look at before going live.

Begin at `command`, which names the checks in their order. A check takes a `Subject` and
yields remarks.
"""

from . import command as command
