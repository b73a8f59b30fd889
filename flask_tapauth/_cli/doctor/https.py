"""The check of HTTPS, and of the proxy in front of the app."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ..._base.transport import is_loopback
from .asking import Answers
from .remarks import Remark, Subject


def https(subject: Subject) -> Iterator[Remark]:
    config, answers = subject.state.config, subject.answers
    if config.issuer is not None:
        parts = urlsplit(config.issuer)
        if parts.scheme == "http" and not is_loopback(parts.netloc):
            yield Remark(
                "error",
                f"TAPAUTH_ISSUER is {config.issuer}, on plain HTTP. Serve the app "
                "over HTTPS, and write https:// there.",
            )
    if not config.require_https:
        yield Remark(
            "error",
            "TAPAUTH_REQUIRE_HTTPS is off: secrets and tokens may be sent in the "
            "clear. Leave the setting out.",
        )
    elif answers is None:
        yield Remark(
            "ok",
            "Secrets and tokens over plain HTTP are refused. Whether the app sees the "
            "HTTPS of a proxy cannot be known from here: ask the server with --url.",
        )
    else:
        yield _seen_by_the_server(answers)


def _seen_by_the_server(answers: Answers) -> Remark:
    outcomes = {*answers.outcomes.values()}
    if answers.url.scheme == "https" and "insecure" in outcomes:
        return Remark(
            "error",
            "The server takes requests over HTTPS for plain HTTP. Have the proxy send "
            "X-Forwarded-Proto, and wrap the app in werkzeug's ProxyFix.",
        )
    if answers.is_over_http and "arrived" in outcomes:
        return Remark(
            "error",
            "The server accepts tokens over plain HTTP: to the app, all callers seem "
            "to be on this machine, or to use HTTPS. Have the proxy pass on Host, and "
            "the right X-Forwarded-Proto.",
        )
    if answers.url.scheme == "https" and "arrived" in outcomes:
        return Remark("ok", "The server knows that the requests came over HTTPS.")
    return Remark("ok", "Secrets and tokens over plain HTTP are refused.")
