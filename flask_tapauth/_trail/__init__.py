"""Events: who did what, if ``TAPAUTH_AUDIT`` is set.

Begin at `events`. The rooms that do something write their events in `_store/events`.
"""
