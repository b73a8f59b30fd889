"""Options whose value is the content of a file; ``-`` is standard input."""

from __future__ import annotations

import click


def read_file(
    ctx: click.Context, param: click.Parameter, name: str | None
) -> bytes | None:
    if name is None:
        return None
    try:
        with click.open_file(name, "rb") as file:
            content: bytes = file.read()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or "it is not a file name"
        message = f"{name!r} cannot be read: {reason}"
        raise click.BadParameter(message, ctx, param) from None
    return content


def read_secret(
    ctx: click.Context, param: click.Parameter, name: str | None
) -> str | None:
    """Return the secret in a file, without the line break at its end."""
    content = read_file(ctx, param, name)
    if content is None:
        return None
    try:
        secret = content.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        fault = "the file is not UTF-8; save it as UTF-8"
    else:
        if len(secret.splitlines()) == 1 and secret.strip():
            return secret
        fault = "the file must have one line, with the secret and nothing else"
    raise click.BadParameter(fault, ctx, param)
