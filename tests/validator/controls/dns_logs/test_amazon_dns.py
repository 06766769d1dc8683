"""The addresses at which a VPC's instances reach the Amazon resolver."""

from __future__ import annotations

import pytest

from guardline.validator.controls.dns_logs.amazon_dns import foreign


@pytest.mark.parametrize(
    ("servers", "ranges", "expected"),
    [
        (("10.0.0.2",), ("10.0.0.0/16",), ()),
        (("10.0.0.2",), ("10.0.0.0/28",), ()),
        (("10.0.0.2", "10.0.0.3"), ("10.0.0.0/16",), ("10.0.0.3",)),
        (("10.0.0.2",), ("10.0.0.0/32",), ("10.0.0.2",)),
        (("10.0.0.2",), ("10.0.0.0/31",), ("10.0.0.2",)),
        (("AmazonProvidedDNS", "169.254.169.253"), ("10.0.0.0/32",), ()),
    ],
)
def test_the_servers_that_are_not_the_amazon_resolver(
    servers: tuple[str, ...], ranges: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert foreign(servers, ranges) == expected
