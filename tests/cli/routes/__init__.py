"""``flask tapauth routes``: which guard is in front of each route."""
