"""The functions that the host registered for errors, claims and operators."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2 import OAuth2Error

from ..errors import ConfigError
from ..models import ClientMixin

ClaimsLoader = Callable[[ClientMixin, Any, tuple[str, ...]], Mapping[str, Any] | None]


@dataclass(slots=True)
class Hooks:
    """The registered functions; None if the host registered none."""

    error_renderer: Callable[[OAuth2Error], Any] | None = None
    claims_loader: ClaimsLoader | None = None
    operator: Callable[[], bool] | None = None

    def is_operator(self) -> bool:
        """Tell whether the signed-in person may use the operators' pages."""
        answer: Any = False if self.operator is None else self.operator()
        if not isinstance(answer, bool):  # a method that was not called would be true
            raise ConfigError(
                f"TapAuth: the function of @tapauth.operator returned {answer!r}; "
                "return True or False"
            )
        return answer

    def claims(
        self, client: ClientMixin, user: Any, scopes: tuple[str, ...]
    ) -> Mapping[str, Any]:
        """Return the claims that the host adds to an access token."""
        load = self.claims_loader
        claims: Any = None if load is None else load(client, user, scopes)
        if claims is None:
            return {}
        try:
            json.dumps(claims)
        except (TypeError, ValueError, RecursionError) as error:
            fault = str(error)
        else:
            if isinstance(claims, dict):
                return claims
            fault = f"it is a {type(claims).__name__}"
        raise ConfigError(
            "TapAuth: what claims_loader returned cannot be claims: "
            f"{fault}. Return a dict that JSON can represent, or None."
        )
