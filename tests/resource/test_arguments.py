"""A guard with wrong arguments is an error when it is defined."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.views import MethodView

from flask_tapauth import ConfigError, require_token, verify_token

from ..conftest import MakeApp


@pytest.mark.parametrize("scopes", [("ünknown",), ('a"b',), ("a\\b",)])
def test_a_malformed_scope_fails_at_decoration(scopes: tuple[str]) -> None:
    """RFC 6749 §3.3: otherwise the view would be closed to every token."""
    with pytest.raises(ValueError, match="character"):
        require_token(*scopes)


@pytest.mark.parametrize("demand", [{"any_of": []}, {"any_of": ""}])
def test_an_empty_any_of_is_refused(demand: dict[str, Any]) -> None:
    """A list that is empty by mistake must not open a view to every token."""
    with pytest.raises(ValueError, match="name a scope"):
        require_token(**demand)
    with pytest.raises(ValueError, match="name a scope"):
        require_token("")


@pytest.mark.parametrize("any_of", ["a b", ["a", "b c"], ["a b", "a"]])
def test_an_alternative_is_one_scope(any_of: Any) -> None:
    """Two scopes in one string could mean both, or one of them."""
    with pytest.raises(ValueError, match="one scope"):
        require_token(any_of=any_of)


def test_a_view_and_scopes_in_one_call_are_refused() -> None:
    """The scopes would be lost, and the view open to every token."""
    guard: Any = require_token
    with pytest.raises(TypeError, match="any_of"):
        guard(lambda: "", any_of=["admin"])


def test_a_class_is_not_decorated() -> None:
    """The error says where the guard of a class-based view belongs."""
    with pytest.raises(TypeError, match=r"Orders\.decorators"):

        @require_token("orders:read")
        class Orders(MethodView):
            pass


@pytest.mark.parametrize(
    "scopes", [(["a", "b"],), (None,), (("a",),), (1,), (b"a",), ("a", None), ({"a"},)]
)
def test_a_list_of_scopes_is_refused_with_the_remedy(scopes: Any) -> None:
    """The error was about something else."""
    for guard in (require_token, verify_token):
        with pytest.raises(TypeError, match=r'write require_token\("a", "b"\), not'):
            guard(*scopes)


@pytest.mark.parametrize("any_of", [[None], [["a", "b"]], 7, [b"a"], b"a"])
def test_an_alternative_that_is_no_string_is_refused(any_of: Any) -> None:
    """The error names `any_of`."""
    for guard in (require_token, verify_token):
        with pytest.raises(TypeError, match="any_of: a scope is a string, not"):
            guard(any_of=any_of)


@pytest.mark.parametrize("optional", ["false", "no", 0, 1, None, []])
def test_optional_is_true_or_false(optional: Any) -> None:
    """`optional="false"` was true, and let everybody in."""
    guards: list[Any] = [require_token, verify_token]
    for guard in guards:
        with pytest.raises(TypeError, match="optional: write True or False, not"):
            guard("a", optional=optional)
    with pytest.raises(TypeError, match="optional: write True or False, not"):
        guards[0](lambda: "", optional=optional)


@pytest.mark.parametrize("guard", [require_token, verify_token])
def test_a_string_in_place_of_locations_is_refused(guard: Any) -> None:
    """The error shows how to write a list with one location."""
    with pytest.raises(
        TypeError, match=r"write locations=\('bearer',\), with the comma"
    ):
        guard(locations="bearer")
    with pytest.raises(TypeError, match="a location is a string"):
        guard(locations=[None])


@pytest.mark.parametrize("locations", [["cookie"], [], ["bearer", "Body"], [""]])
def test_an_unknown_location_is_refused(locations: list[str]) -> None:
    """The error lists the locations; a view without any would be closed."""
    for guard in (require_token, verify_token):
        with pytest.raises(ValueError, match="'bearer', 'header', 'body', 'query'"):
            guard(locations=locations)


def test_only_functions_can_be_decorated() -> None:
    """A guard on the name of a view, or on its result, would protect nothing."""
    wrong: Any = "orders"
    with pytest.raises(TypeError, match="guards functions"):
        require_token("a")(wrong)


@pytest.mark.parametrize("form", ["decorator", "call", "any_of"])
def test_a_scope_that_is_not_in_the_settings_stops_the_view(
    make_app: MakeApp, form: str
) -> None:
    """A misspelt scope left a view that no token could open.

    A misspelt one left a view that no token could ever open.
    """
    app = make_app(TAPAUTH_SCOPES={"orders:read": "See orders", "b": "B"})

    def view() -> str:
        return ""

    guards: dict[str, Any] = {
        "decorator": require_token("orders:raed")(view),
        "any_of": require_token(any_of=["b", "orders:raed"])(view),
        "call": lambda: verify_token("orders:raed"),
    }
    app.add_url_rule("/view", "view", guards[form])

    with pytest.raises(ConfigError, match=r"'orders:raed'.*did you mean 'orders:read'"):
        app.test_client().get("/view")


def test_a_scope_of_the_settings_is_accepted(make_app: MakeApp) -> None:
    """With TAPAUTH_SCOPES, a view may require each of its scopes."""
    app: Flask = make_app(TAPAUTH_SCOPES={"orders:read": "See orders"})

    assert app.test_client().get("/orders").status_code == 401
