"""Events: who did what, if ``TAPAUTH_AUDIT`` is set.

Begin at `events`. The other rooms write their events by `_store/events`.
"""
