"""Which hosts are this machine itself, and may go without TLS."""

from __future__ import annotations

import pytest

from flask_tapauth import RegistrationError
from flask_tapauth._base.transport import is_loopback

from ..conftest import Register


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST", "localhost:80", "127.0.0.1", "127.0.0.1:5000"),
        *("127.8.9.1", "[::1]", "[::1]:65535", "::1", "[0:0:0:0:0:0:0:1]:80"),
    ],
)
def test_this_machine_is_loopback(host: str) -> None:
    """RFC 8252 §7.3: no network lies before it."""
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    [
        *(
            "[::1].evil",
            "[::1]evil",
            "[::1",
            "::1]",
            "[::1]:",
            "[::1]:abc",
            "[::1]:80:80",
        ),
        *("127.0.0.1.evil", "localhost.evil", "localhost:80:80", "127.0.0.1:evil"),
        *(
            "127.0.0.1%00",
            "[::1%25eth0]",
            "[::ffff:127.0.0.1]",
            "[127.0.0.1]",
            "::1:80",
        ),
        *(
            "localhost:65536",
            "localhost:\u0661",
            "a@localhost",
            "localhost/",
            " localhost",
        ),
        *("localhost\n", "127.1", "", ":80", "[]", "[localhost]", "::ffff:127.0.0.1"),
    ],
)
def test_what_only_begins_as_this_machine_is_not(host: str) -> None:
    """Another host taken for loopback would receive tokens without TLS."""
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["[::1].evil", "[::1]evil", "127.0.0.1.evil"])
def test_no_redirect_goes_to_another_host_in_the_clear(
    register: Register, host: str
) -> None:
    """urlsplit() says that the host of http://[::1].evil/ is ::1."""
    with pytest.raises(RegistrationError):
        register(grant_types=["implicit"], redirect_uris=[f"http://{host}/cb"])
