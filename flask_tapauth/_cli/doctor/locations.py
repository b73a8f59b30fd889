"""The check of the places where views look for a token."""

from __future__ import annotations

from collections.abc import Iterator

from .asking import Answers
from .remarks import Remark, Subject


def token_locations(subject: Subject) -> Iterator[Remark]:
    locations = subject.state.config.token_locations
    if "query" in locations:
        yield Remark(
            "warning",
            "Views take tokens from URLs too, and servers write URLs into their logs. "
            "Leave query out of TAPAUTH_TOKEN_LOCATIONS if no caller needs it.",
        )
    answers = subject.answers
    if answers is not None:
        yield from _headers(answers)
    elif "header" in locations:
        yield Remark(
            "ok",
            f"Views take tokens from {', '.join(locations)}. Several servers drop the "
            "header access_token silently: ask yours with --url.",
        )
    else:
        yield Remark("ok", f"Views take tokens from {', '.join(locations)}.")


def _headers(answers: Answers) -> Iterator[Remark]:
    if answers.view is None:
        yield Remark(
            "warning",
            "The server was not asked: the app has no guarded view for GET without "
            "parameters, which takes a token from a header.",
        )
        return
    if answers.fault is not None:
        yield Remark(
            "error",
            f"The server at --url cannot be asked ({answers.fault}). Check that it is "
            "running, and the URL.",
        )
        return
    for name, outcome in answers.outcomes.items():
        if outcome == "dropped":
            yield Remark("error", _what_to_do(name, answers))
        elif outcome == "unclear":
            yield Remark(
                "warning",
                f"Whether the header {name} arrives is not clear: the view "
                f"{answers.view} answered {answers.statuses[name]} to a wrong token. "
                "Look for what answers in front of the guard.",
            )
    arrived = [name for name, each in answers.outcomes.items() if each == "arrived"]
    yield Remark("ok", f"These headers arrive: {', '.join(arrived) or 'none'}.")


def _what_to_do(header: str, answers: Answers) -> str:
    if header == "Authorization":
        return (
            "The server drops the header Authorization, so no Bearer token arrives. "
            "Under mod_wsgi, set WSGIPassAuthorization On."
        )
    if header == "access_token" and answers.outcomes.get("Access-Token") == "arrived":
        return (
            "The server drops the header access_token. Set it up to let underscores "
            "in, or have callers write Access-Token, which arrives."
        )
    return (
        f"The server drops the header {header}. Set it up to let the header in, or "
        "leave header out of TAPAUTH_TOKEN_LOCATIONS."
    )
