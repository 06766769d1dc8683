"""The addresses at which a VPC's instances reach the Amazon resolver.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, ip_address

PROVIDED = "AmazonProvidedDNS"
EVERYWHERE = frozenset(ip_address(address) for address in ("169.254.169.253", "fd00:ec2::253"))
OFFSET = 2  # the resolver's place in a VPC's primary range


def foreign(servers: Iterable[str], ranges: Iterable[str]) -> tuple[str, ...]:
    """The servers that are not the Amazon resolver.

    Args:
        servers: the domain name servers of a set of DHCP options.
        ranges: the VPC's primary IPv4 range; none where it is unknown.
    """
    networks = (IPv4Network(each, strict=False) for each in ranges)
    own = {each[OFFSET] for each in networks if each.num_addresses > OFFSET}  # AWS refuses a VPC of so few
    return tuple(server for server in servers if server != PROVIDED and not _is_amazon(server, own))


def _is_amazon(server: str, own: Iterable[object]) -> bool:
    try:
        address = ip_address(server.strip())
    except ValueError:
        return False
    return address in EVERYWHERE or address in own


def may_be_of_a_vpc(server: str) -> bool:
    """Whether the server may be the resolver of some VPC: an IPv4 address two above the base of a range, and a VPC's
    range is a /16 to a /28, so that the base is a multiple of sixteen."""
    try:
        address = ip_address(server.strip())
    except ValueError:
        return False
    return address.version == 4 and int(address) % 16 == OFFSET
