"""IP address functions, and paths as plain text."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from guardline.validator.sources.hcl.functions.base import Function
from guardline.validator.sources.hcl.values import EvaluationError, to_int, to_text


def _network(prefix: Any) -> IPv4Network | IPv6Network:
    text = to_text(prefix)
    try:
        return ip_network(text if "/" in text else "", strict=False)
    except ValueError:
        raise EvaluationError("not an address range such as 10.0.0.0/16") from None


def _host(prefix: Any, number: Any) -> str:
    network, position = _network(prefix), to_int(number)
    size = network.num_addresses
    if not -size <= position < size:
        raise EvaluationError(f"the range has no host {position}")
    return str(network[position])


def _netmask(prefix: Any) -> str:
    network = _network(prefix)
    if network.version != 4:
        raise EvaluationError("an IPv4 range is required")
    return str(network.netmask)


def _subnet(prefix: Any, bits: Any, number: Any) -> str:
    network, new, position = _network(prefix), to_int(bits), to_int(number)
    length = network.prefixlen + new
    if new < 0 or length > network.max_prefixlen or not 0 <= position < 2**new:
        raise EvaluationError(f"the range has no subnet {position} with {new} more bits")
    first = int(network.network_address) + (position << (network.max_prefixlen - length))
    return str(type(network)((first, length)))


def _subnets(prefix: Any, *bits: Any) -> list[str]:
    network = _network(prefix)
    start, end = int(network.network_address), int(network.broadcast_address)
    found: list[str] = []
    for each in bits:
        length = network.prefixlen + to_int(each)
        if to_int(each) < 1 or length > network.max_prefixlen:
            raise EvaluationError(f"the range has no subnet with {each} more bits")
        size = 1 << (network.max_prefixlen - length)
        start = (start + size - 1) // size * size
        if start + size - 1 > end:
            raise EvaluationError("the range has not room enough")
        found.append(str(type(network)((start, length))))
        start += size
    return found


FUNCTIONS: Mapping[str, Function] = {
    "basename": Function(lambda path: posixpath.basename(to_text(path).rstrip("/")) or "/"),
    "cidrhost": Function(_host),
    "cidrnetmask": Function(_netmask),
    "cidrsubnet": Function(_subnet),
    "cidrsubnets": Function(_subnets),
    "dirname": Function(lambda path: posixpath.dirname(posixpath.normpath(to_text(path))) or "."),
}
