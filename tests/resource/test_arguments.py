"""A guard with wrong arguments is found when the app starts."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.views import MethodView

from flask_tapauth import ConfigError, require_token, verify_token

from ..conftest import MakeApp


@pytest.mark.parametrize("scopes", [("ünknown",), ('a"b',), ("a\\b",)])
def test_a_scope_that_none_can_have_fails_at_decoration(scopes: tuple[str]) -> None:
    """RFC 6749 §3.3: found out when the app starts, not when it is called."""
    with pytest.raises(ValueError, match="character"):
        require_token(*scopes)


@pytest.mark.parametrize("demand", [{"any_of": []}, {"any_of": ""}])
def test_an_empty_demand_opens_nothing(demand: dict[str, Any]) -> None:
    """A list that happens to be empty must not open a view to every token."""
    with pytest.raises(ValueError, match="name a scope"):
        require_token(**demand)
    with pytest.raises(ValueError, match="name a scope"):
        require_token("")


@pytest.mark.parametrize("any_of", ["a b", ["a", "b c"], ["a b", "a"]])
def test_an_alternative_is_one_scope(any_of: Any) -> None:
    """Two in one string may be meant as both, and would be asked for as either."""
    with pytest.raises(ValueError, match="one scope"):
        require_token(any_of=any_of)


def test_a_view_and_what_it_asks_for_are_not_given_at_once() -> None:
    """What is asked for would be lost, and the view be open to every token."""
    guard: Any = require_token
    with pytest.raises(TypeError, match="any_of"):
        guard(lambda: "", any_of=["admin"])


def test_a_class_is_not_decorated() -> None:
    """The guard says where it belongs, rather than guarding nothing."""
    with pytest.raises(TypeError, match=r"Orders\.decorators"):

        @require_token("orders:read")
        class Orders(MethodView):
            pass


@pytest.mark.parametrize(
    "scopes", [(["a", "b"],), (None,), (("a",),), (1,), (b"a",), ("a", None), ({"a"},)]
)
def test_a_scope_that_is_no_string_is_told_how_to_be_written(scopes: Any) -> None:
    """A list as a scope ended in a message on something else."""
    for guard in (require_token, verify_token):
        with pytest.raises(TypeError, match=r'write require_token\("a", "b"\), not'):
            guard(*scopes)


@pytest.mark.parametrize("any_of", [[None], [["a", "b"]], 7, [b"a"], b"a"])
def test_an_alternative_that_is_no_string_is_refused(any_of: Any) -> None:
    """The message names the argument."""
    for guard in (require_token, verify_token):
        with pytest.raises(TypeError, match="any_of: a scope is a string, not"):
            guard(any_of=any_of)


@pytest.mark.parametrize("optional", ["false", "no", 0, 1, None, []])
def test_optional_is_true_or_false(optional: Any) -> None:
    """`optional="false"` let everybody through."""
    guards: list[Any] = [require_token, verify_token]
    for guard in guards:
        with pytest.raises(TypeError, match="optional: write True or False, not"):
            guard("a", optional=optional)
    with pytest.raises(TypeError, match="optional: write True or False, not"):
        guards[0](lambda: "", optional=optional)


@pytest.mark.parametrize("guard", [require_token, verify_token])
def test_a_location_alone_is_no_list_of_them(guard: Any) -> None:
    """A string where a list is meant; the message says what to write."""
    with pytest.raises(
        TypeError, match=r"write locations=\('bearer',\), with the comma"
    ):
        guard(locations="bearer")
    with pytest.raises(TypeError, match="a location is a string"):
        guard(locations=[None])


@pytest.mark.parametrize("locations", [["cookie"], [], ["bearer", "Body"], [""]])
def test_an_unknown_location_is_told_which_there_are(locations: list[str]) -> None:
    """Found at the decoration, and none at all would shut the view."""
    for guard in (require_token, verify_token):
        with pytest.raises(ValueError, match="'bearer', 'header', 'body', 'query'"):
            guard(locations=locations)


def test_what_is_no_function_is_not_decorated() -> None:
    """A name of a view, or what a call returned, guards nothing."""
    wrong: Any = "orders"
    with pytest.raises(TypeError, match="guards functions"):
        require_token("a")(wrong)


@pytest.mark.parametrize("form", ["decorator", "call", "any_of"])
def test_a_scope_that_is_not_in_the_settings_stops_the_view(
    make_app: MakeApp, form: str
) -> None:
    """With TAPAUTH_SCOPES, no other scope can be guarded with.

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


def test_a_scope_of_the_settings_stops_nothing(make_app: MakeApp) -> None:
    """Those of TAPAUTH_SCOPES are guarded with as ever."""
    app: Flask = make_app(TAPAUTH_SCOPES={"orders:read": "See orders"})

    assert app.test_client().get("/orders").status_code == 401
