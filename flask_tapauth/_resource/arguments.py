"""The arguments of a guard, checked when the view is decorated."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from .._base.config import TOKEN_LOCATIONS
from .._base.scopes import join_scopes, parse_scopes
from ..errors import ConfigError


@dataclass(frozen=True, slots=True)
class GuardArguments:
    """The checked arguments of one guard.

    :param alternatives: the token must have all scopes of one of these strings; None if
        any token is enough.
    :param locations: None for ``TAPAUTH_TOKEN_LOCATIONS``.
    :param required: the scopes that the token must have.
    :param any_of: the scopes of which the token must have one; empty if that is not
        asked.
    :param scopes: every scope in `required` and `any_of`.
    """

    alternatives: list[str] | None
    optional: bool
    locations: tuple[str, ...] | None
    required: tuple[str, ...]
    any_of: tuple[str, ...]
    scopes: frozenset[str]

    @classmethod
    def check(
        cls, scopes: tuple[Any, ...], any_of: Any, optional: Any, locations: Any
    ) -> GuardArguments:
        """Check the arguments of `require_token` and `verify_token`."""
        for scope in scopes:
            if not isinstance(scope, str):
                raise TypeError(
                    "a scope is a string, and each is an argument of its own: write "
                    f'require_token("a", "b"), not require_token({scope!r})'
                )
        if not isinstance(optional, bool):
            # The string "false" would count as true, and open the view to everybody.
            raise TypeError(f"optional: write True or False, not {optional!r}")
        required = parse_scopes(scopes)
        choices = () if any_of is None else _choices(any_of)
        if (scopes and not required) or (any_of is not None and not choices):
            # A list that happens to be empty must not open a view to every token.
            raise ValueError("name a scope, or leave the scopes out")
        return cls(
            _alternatives(required, choices),
            optional,
            _locations(locations),
            required,
            choices,
            frozenset((*required, *choices)),
        )

    def check_scopes(self, known: Collection[str] | None) -> None:
        """Check that the scopes exist: no token could have an unknown scope.

        :param known: the value of ``TAPAUTH_SCOPES``.
        """
        if known is None:
            return
        for scope in sorted(self.scopes.difference(known)):
            near = difflib.get_close_matches(scope, known, 1)
            hint = f"did you mean {near[0]!r}?" if near else "add it there"
            raise ConfigError(
                f"a guard asks for the scope {scope!r}, which is not in "
                f"TAPAUTH_SCOPES; {hint}"
            )


def _alternatives(
    required: tuple[str, ...], choices: tuple[str, ...]
) -> list[str] | None:
    if choices:
        return [join_scopes((*required, choice)) for choice in choices]
    return [join_scopes(required)] if required else None


def _choices(any_of: Any) -> tuple[str, ...]:
    named = _strings("any_of", [any_of] if isinstance(any_of, str) else any_of, "scope")
    choices = parse_scopes(named)
    if any(len(name.split()) > 1 for name in named):
        # "a b" looks as if both were needed, but either would be enough.
        raise ValueError("any_of: name one scope in each string")
    return choices


def _locations(locations: Any) -> tuple[str, ...] | None:
    if locations is None:
        return None
    if isinstance(locations, str):
        raise TypeError(
            f"locations is a list: write locations=({locations!r},), with the comma"
        )
    named = _strings("locations", locations, "location")
    if not named or not set(named) <= set(TOKEN_LOCATIONS):
        raise ValueError(f"locations: name some of {TOKEN_LOCATIONS}, not {named}")
    return tuple(named)


def _strings(argument: str, values: Any, what: str) -> list[str]:
    strings = list(values) if isinstance(values, Iterable) else [values]
    for value in strings:
        if not isinstance(value, str):
            raise TypeError(f"{argument}: a {what} is a string, not {value!r}")
    return strings
