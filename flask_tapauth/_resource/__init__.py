"""The guard: it finds the token of a request, judges it, and refuses.

Begin at `guard`, which is what hosts put on their views.
"""
