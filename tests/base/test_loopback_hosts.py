"""Which hosts are loopback, where TLS is not required."""

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
def test_loopback_addresses_are_loopback(host: str) -> None:
    """RFC 8252 §7.3: requests to them never leave the machine."""
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
def test_a_host_that_begins_like_loopback_is_not(host: str) -> None:
    """Tokens would be sent to another host without TLS."""
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["[::1].evil", "[::1]evil", "127.0.0.1.evil"])
def test_a_redirect_uri_with_text_after_an_address_is_refused(
    register: Register, host: str
) -> None:
    """urlsplit() says that the host of http://[::1].evil/ is ::1."""
    with pytest.raises(RegistrationError):
        register(grant_types=["implicit"], redirect_uris=[f"http://{host}/cb"])
