"""Which addresses are public, and which lead into a private network."""

from __future__ import annotations

import pytest

from flask_tapauth._base.addresses import is_public


@pytest.mark.parametrize(
    "address",
    [
        *("1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "172.15.255.255"),
        *("172.32.0.0", "2606:4700::1111", "2a00:1450::1", "::ffff:8.8.8.8"),
        *("2002:808:808::1", "64:ff9b::8.8.8.8"),
    ],
)
def test_a_globally_reachable_address_is_public(address: str) -> None:
    """RFC 6890: the address itself is global, or the IPv4 address embedded in it."""
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3"),  # noqa: S104
        *("169.254.0.1", "169.254.169.254", "100.64.0.1", "100.127.255.255"),
        *("192.0.0.192", "192.0.0.9", "192.0.0.10", "192.88.99.1", "192.52.193.1"),
        *("192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
        *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255"),
    ],
)
def test_an_ipv4_address_that_is_not_global_is_not_public(address: str) -> None:
    """RFC 6890 §2.2.2: private, loopback, link-local, shared, reserved, multicast."""
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fe80::1%1", "fc00::1", "fd00::1"),
        *("fd00:ec2::254", "ff02::1", "ff0e::1", "2001:db8::1", "100::1", "2001:2::1"),
        *("fec0::1", "64:ff9b:1::1", "2001::1", "2001:1::1", "2001:20::1", "3fff::1"),
        *(
            "2001:4:112::1",
            "2001:1ff::1",
            "5f00::1",
            "64:ff9b::c000:c0",
            "2002:c000:c0::",
        ),
    ],
)
def test_an_ipv6_address_that_is_not_global_is_not_public(address: str) -> None:
    """RFC 6890 §2.2.3, RFC 3879: loopback, link- and site-local, unique local."""
    assert not is_public(address)


EMBEDDED = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1"]


@pytest.mark.parametrize("ipv4", EMBEDDED)
@pytest.mark.parametrize(
    "form",
    [
        "::ffff:{ipv4}",
        "2002:{words}::1",
        "2001:0:808:808:0:0:{flipped}",
        "64:ff9b::{ipv4}",
        pytest.param("64:ff9b:1::{ipv4}"),
        pytest.param("::ffff:0:{ipv4}"),
        pytest.param("::{ipv4}"),
    ],
    ids=[
        "mapped",
        "6to4",
        "teredo",
        "nat64",
        "local nat64",
        "translated",
        "compatible",
    ],
)
def test_an_ipv6_address_with_a_private_ipv4_address_is_not_public(
    form: str, ipv4: str
) -> None:
    """RFC 4291 §2.5.5, RFC 3056, 4380, 6052, 8215, 2765: both reach the same host."""
    number = int.from_bytes(bytes(map(int, ipv4.split("."))))
    words, flipped = (f"{n >> 16:x}:{n & 0xFFFF:x}" for n in (number, ~number % 2**32))

    assert not is_public(form.format(ipv4=ipv4, words=words, flipped=flipped))
