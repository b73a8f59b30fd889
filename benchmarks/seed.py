"""``python -m benchmarks.seed APP ROWS``: fill the database of an app.

What the requests need is printed as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys

if __name__ == "__main__":
    app, rows = sys.argv[1:]
    seeded = importlib.import_module(f"benchmarks.apps.{app}").seed(int(rows))
    json.dump(seeded, sys.stdout)
