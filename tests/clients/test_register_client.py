"""Mistakes in calls of `clients.create` that a command line cannot make."""

from __future__ import annotations

from typing import Any

import pytest

from flask_tapauth import RegistrationError, TapAuth

from ..conftest import Register


@pytest.mark.parametrize(
    "wrong",
    [{"grant_types": "implicit"}, {"redirect_uris": "https://app.example/back"}],
    ids=str,
)
def test_a_string_in_place_of_a_list_is_refused(
    register: Register, wrong: dict[str, str]
) -> None:
    """Each letter of the string would be registered as a value."""
    [value] = wrong.values()

    with pytest.raises(RegistrationError) as refused:
        register(**wrong)

    assert str(refused.value).endswith(f"a list is wanted: [{value!r}]")


@pytest.mark.parametrize("seconds", [1800.5, True, "60", 0, 2**31])
def test_a_lifetime_that_is_no_whole_number_of_seconds_is_refused(
    register: Register, tapauth: TapAuth, seconds: Any
) -> None:
    """RFC 6749 §5.1: ``expires_in`` is a number of seconds."""
    with pytest.raises(RegistrationError, match="whole seconds"):
        register(expires_in=seconds)
    with pytest.raises(RegistrationError, match="whole seconds"):
        tapauth.tokens.issue(register(), expires_in=seconds)


def test_a_user_id_of_another_type_is_refused(
    register: Register, tapauth: TapAuth
) -> None:
    """It would be stored as a text that matches no user."""
    number: Any = 7.5
    with pytest.raises(RegistrationError, match="string"):
        tapauth.tokens.issue(register(), user_id=number)
