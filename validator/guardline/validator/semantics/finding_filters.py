"""GuardDuty's finding filters: which findings one matches, and how narrow a suppression rule is.

All criteria of a filter must hold; a criterion holds if its field has one of the values and is within the bounds.
Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateFilter.html. In a Terraform plan an empty
string means "not set".

The questions about a rule (`names_type`, `is_narrow`, `reaches_high`) answer None where something unknown decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from ipaddress import ip_address, ip_network

from guardline.spec import filter_scope
from guardline.validator.model.guardduty import Criterion
from guardline.validator.model.value import Value
from guardline.validator.semantics.finding_samples import HIGH, SEVERITIES
from guardline.validator.semantics.iam_conditions import any_of
from guardline.validator.semantics.wildcards import covers

_BOUNDS: Mapping[str, Callable[[float, float], bool]] = {
    "greater_than": lambda value, bound: value > bound,
    "greater_than_or_equal": lambda value, bound: value >= bound,
    "less_than": lambda value, bound: value < bound,
    "less_than_or_equal": lambda value, bound: value <= bound,
}
_TYPE = re.compile(r"[A-Za-z]+:[A-Za-z0-9]+/[A-Za-z0-9.&!_-]+")
"""A finding type: ThreatPurpose:ResourceTypeAffected/ThreatFamilyName."""
_TYPES = re.compile(r"[A-Za-z]+:[A-Za-z0-9]+/[A-Za-z0-9.&!_*?-]+")
"""Finding types of one purpose and one kind of resource."""
_SOME_RESOURCE = "resource.instanceDetails.instanceId"
_SOME_VALUE = "i-0"


def archives(criteria: Sequence[Criterion], found: Mapping[str, object]) -> bool:
    """Whether a filter with these criteria matches a finding (in the shape of `finding_samples.finding`).

    Raises:
        UnknownValue: a value that decides is not known.
        ValueError: a bound is neither a number nor a time.
    """
    return all(_holds(each, list(_values(found, each.path.get().split(".")))) for each in criteria)


def names_type(criteria: Sequence[Criterion]) -> bool | None:
    """Whether the filter is held to finding types that it names."""
    return any_of(_names_type(each) for each in criteria)


def is_narrow(criteria: Sequence[Criterion]) -> bool | None:
    """Whether the filter is held to resources or addresses that it names (`guardline.spec.filter_scope`)."""
    surely, perhaps = (filter_scope.is_narrow(*_named(criteria, unknowns=unknowns)) for unknowns in (False, True))
    return True if surely else None if perhaps else False


def reaches_high(criteria: Sequence[Criterion]) -> bool | None:
    """Whether a test of the severity lets high findings through by its own words: by a value, or by a lower bound."""
    if any(_reaches_high(each, unknowns=False) for each in criteria):
        return True
    return None if any(_reaches_high(each, unknowns=True) for each in criteria) else False


def _names_type(criterion: Criterion) -> bool | None:
    if criterion.path.known_or("type") != "type":
        return False
    exact, patterns = criterion.equals.known_or(None), criterion.matches.known_or(None)
    if patterns is not None and not all(map(_TYPES.fullmatch, patterns)):
        return False  # one value is enough to match, and this one is of any purpose or resource
    if exact is None or patterns is None or not criterion.path.is_known:
        return None
    return bool(patterns) or any(map(_TYPE.fullmatch, exact))


def _named(criteria: Sequence[Criterion], *, unknowns: bool) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The values of each field, exact ones and patterns. What is unknown names a resource, or (False) nothing."""
    exact: dict[str, list[str]] = {}
    patterns: dict[str, list[str]] = {}
    for each in criteria:
        known = each.path.is_known and each.equals.is_known and each.matches.is_known
        if not known and not unknowns:
            continue
        path = each.path.known_or(_SOME_RESOURCE)
        exact.setdefault(path, []).extend(each.equals.known_or((_SOME_VALUE,)))
        patterns.setdefault(path, []).extend(each.matches.known_or((_SOME_VALUE,)))
    return exact, patterns


def _reaches_high(criterion: Criterion, *, unknowns: bool) -> bool:
    """Whether one criterion lets high findings through; what is unknown does, or (False) does not."""
    path = criterion.path.known_or(None)
    if path != "severity":
        return path is None and unknowns
    exact, patterns = criterion.equals.known_or(None), criterion.matches.known_or(None)
    if (exact is None or patterns is None) and unknowns:
        return True
    if any((_plain_number(value) or 0) >= HIGH for value in exact or ()):
        return True
    if any(covers(pattern, f"{each:g}") for pattern in patterns or () for each in SEVERITIES if each >= HIGH):
        return True
    bounds = criterion.bounds.items()
    kept_out = [_keeps_out(name, value, unknowns=unknowns) for name, value in bounds if name.startswith("less")]
    return any(name.startswith("greater") for name, _ in bounds) and not any(kept_out)


def _keeps_out(name: str, value: Value[str], *, unknowns: bool) -> bool:
    """Whether an upper bound keeps high findings out."""
    text = value.known_or(None)
    if text is None:
        return not unknowns
    bound = _plain_number(text)
    return bound is not None and (bound < HIGH or (bound == HIGH and name == "less_than"))


def _holds(criterion: Criterion, values: Sequence[object]) -> bool:
    """Whether the field's values (several where the finding has a list) satisfy the test; raises `UnknownValue`."""
    texts = [_text(value) for value in values]
    equals, matches = _set(criterion.equals.get()), _set(criterion.matches.get())
    if (equals or matches) and not any(_is_one_of(text, equals, matches) for text in texts):
        return False
    if any(_is_one_of(text, _set(criterion.not_equals.get()), _set(criterion.not_matches.get())) for text in texts):
        return False
    bounds = {name: value.get() for name, value in criterion.bounds.items()}
    return all(
        any(_BOUNDS[name](_number(text), _number(bound)) for text in texts) for name, bound in bounds.items() if bound
    )


def _set(values: tuple[str, ...]) -> frozenset[str]:
    return frozenset(values) - {""}


def _is_one_of(text: str, equals: frozenset[str], matches: frozenset[str]) -> bool:
    same = text in equals or any(
        _is_number(text) and _is_number(each) and float(text) == float(each) for each in equals
    )
    return same or any(_holds_address(each, text) for each in equals) or any(covers(each, text) for each in matches)


def _holds_address(network: str, text: str) -> bool:
    """Whether a value is a range that holds an address.

    Source: https://docs.aws.amazon.com/guardduty/latest/ug/findings_suppression-rule.html ("IP address or CIDR range").
    """
    if "/" not in network:
        return False
    try:
        return ip_address(text) in ip_network(network, strict=False)
    except ValueError:
        return False  # an ARN or a path


def _values(value: object, path: Sequence[str]) -> Iterator[object]:
    """The values at a path; a list on the way stands for each of its elements."""
    if isinstance(value, list | tuple):
        for element in value:
            yield from _values(element, path)
    elif not path:
        yield value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _values(value[path[0]], path[1:])


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _plain_number(text: str) -> float | None:
    return float(text) if _is_number(text.strip()) else None


def _number(text: str) -> float:
    """A number as it is, a time in milliseconds since 1970 as GuardDuty compares it."""
    return float(text) if _is_number(text) else datetime.fromisoformat(text).timestamp() * 1000
