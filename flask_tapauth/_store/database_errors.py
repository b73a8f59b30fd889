"""What an error of the database means, and what may be shown of it."""

from __future__ import annotations

from sqlalchemy import exc


def driver_message(error: Exception) -> str:
    """Return the first line of the driver's message.

    The following lines, and SQLAlchemy's own message, show the row and the statement's
    parameters, with the hash of a secret among them.
    """
    reason = getattr(error, "orig", None) or type(error).__name__
    return next(iter(str(reason).splitlines()), type(error).__name__)


def refusal(error: Exception) -> str:
    """Return the message for values that the database refused."""
    reason = driver_message(error) if isinstance(error, exc.DBAPIError) else str(error)
    return f"the database refused it: {next(iter(reason.splitlines()), reason)}"


def is_outage(error: Exception) -> bool:
    """Tell whether the database failed, and did not refuse the values."""
    return isinstance(error, exc.DBAPIError) and not isinstance(
        error, (exc.IntegrityError, exc.DataError)
    )
