"""A bare Flask view: what everything else is measured by."""

from __future__ import annotations

from typing import Any

from flask import Flask

app = Flask("bare")


@app.get("/orders")
def orders() -> dict[str, Any]:
    return {"orders": []}


def seed(rows: int) -> dict[str, Any]:
    return {}
