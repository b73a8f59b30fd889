"""The pages for signed-in people and for operators, which a host may register.

Begin at `blueprint`, which lists the routes.
"""
