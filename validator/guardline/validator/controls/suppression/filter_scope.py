"""What a filter's criterion narrows a suppression rule to.

Source of the field names: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateFilter.html
"""

from __future__ import annotations

from ipaddress import ip_network

from guardline.spec.findings import KINDS
from guardline.validator.model.guardduty import Criterion
from guardline.validator.model.value import Value

HIGH = 7.0
"""The severity at which AWS calls a finding high (User Guide, Severity levels of GuardDuty findings)."""

WIDEST = 8
"""A range with a shorter prefix is no address of anybody's: as in trusted lists."""

_PORTS = (1, 65535)
_PEERS = ("IpDetails.", "PortDetails.", "omain", "localNetworkInterface", "sourceIPs", "Port", ".port", ".namespace")
"""What in the name of a field under `service` tells of the network: addresses, ports, domains, interfaces."""


def narrows(criterion: Criterion, *, unknowns: bool) -> bool:
    """Whether the criterion holds findings to some resource or network peer.

    Args:
        criterion: one field test.
        unknowns: what to take an unknown field or value for.
    """
    path = criterion.path.known_or(None)
    if path is None:
        return unknowns
    if not _is_of_resource_or_network(path):
        return False
    values = criterion.equals.known_or(None)
    if values is None:
        return unknowns
    if values:
        return not any(_is_everywhere(value) for value in values)
    return "ort" in path.rpartition(".")[2] and _is_part_of_all_ports(criterion, unknowns=unknowns)


def _is_part_of_all_ports(criterion: Criterion, *, unknowns: bool) -> bool:
    """Whether the bounds leave a port out: without them, or from 0 up, it is every port."""
    least, most = _PORTS
    for name, value in criterion.bounds.items():
        text = value.known_or(None)
        bound = _number(text) if text is not None else None
        if bound is None:
            if unknowns:
                return True
            continue
        strict = not name.endswith("equal")
        if name.startswith("greater") and bound + strict > least:
            return True
        if name.startswith("less") and bound - strict < most:
            return True
    return False


def _is_of_resource_or_network(path: str) -> bool:
    if path.startswith("resource."):
        return path not in KINDS
    return path.startswith(("service.action.", "service.additionalInfo.")) and any(part in path for part in _PEERS)


def _is_everywhere(value: str) -> bool:
    """Whether a value is no value, or a range of much of the internet."""
    if "/" not in value:
        return value.strip() in ("", "*")
    try:
        return ip_network(value, strict=False).prefixlen < WIDEST
    except ValueError:
        return False  # an ARN or an image name


def takes_in_high(criterion: Criterion, *, unknowns: bool) -> bool:
    """Whether a test of the severity lets high findings through by its own words: by value, or by a lower bound.

    Args:
        criterion: one field test.
        unknowns: what to take an unknown field or value for.
    """
    path = criterion.path.known_or(None)
    if path is None:
        return unknowns
    if path != "severity":
        return False
    values = criterion.equals.known_or(None)
    if values is None:
        return unknowns
    if any((_number(value) or 0) >= HIGH for value in values):
        return True
    bounds = criterion.bounds.items()
    kept_out = [_keeps_out(name, value, unknowns=unknowns) for name, value in bounds if name.startswith("less")]
    return any(name.startswith("greater") for name, _ in bounds) and not any(kept_out)


def _keeps_out(name: str, value: Value[str], *, unknowns: bool) -> bool:
    """Whether an upper bound keeps high findings out."""
    text = value.known_or(None)
    if text is None:
        return not unknowns
    bound = _number(text)
    return bound is not None and (bound < HIGH or (bound == HIGH and name == "less_than"))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
