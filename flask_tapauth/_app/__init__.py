"""What is known of one app, and of one request to it.

Begin at `app_state`, which lists the parts that an app has.
"""
