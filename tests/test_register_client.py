"""What `register_client` says to mistakes that only code can make."""

from __future__ import annotations

import pytest

from flask_tapauth import RegistrationError

from .conftest import Register


@pytest.mark.parametrize(
    "wrong",
    [{"grant_types": "implicit"}, {"redirect_uris": "https://app.example/back"}],
    ids=str,
)
def test_one_value_in_place_of_a_list_is_told(
    register: Register, wrong: dict[str, str]
) -> None:
    """The contract: bad input gets a clear error."""
    [value] = wrong.values()

    with pytest.raises(RegistrationError) as refused:
        register(**wrong)

    assert str(refused.value).endswith(f"a list is wanted: [{value!r}]")
