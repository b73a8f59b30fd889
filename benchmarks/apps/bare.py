"""A Flask view without a token, which all others are compared with, and a refusal."""

from __future__ import annotations

from typing import Any, NoReturn

from flask import Flask, abort

app = Flask("bare")


@app.get("/orders")
def orders() -> dict[str, Any]:
    return {"orders": []}


@app.get("/refused")
def refused() -> NoReturn:
    abort(401)


def seed(rows: int) -> dict[str, Any]:
    return {}
