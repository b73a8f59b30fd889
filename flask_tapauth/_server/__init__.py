"""The authorization server: endpoints, pages, grants, and the checks before them.

Begin at `views`, which lists the routes and their views.
"""
