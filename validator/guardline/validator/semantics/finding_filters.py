"""GuardDuty's finding filters: which findings one matches, and whether a suppression rule is too broad.

All criteria of a filter must hold; a criterion holds if its field has one of the values and is within the bounds.
Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateFilter.html. In a Terraform plan an empty
string means "not set".
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address, ip_network

import msgspec

from guardline.spec.findings import families, fields
from guardline.validator.model.value import UnknownValue, Value, known
from guardline.validator.semantics.finding_samples import HIGH, SEVERITIES, finding
from guardline.validator.semantics.iam_conditions import any_of
from guardline.validator.semantics.wildcards import covers

MOST_VALUES = 50  # of equals and not_equals; matches and not_matches take 5
MOST_MATCHES = 5
_BOUNDS: Mapping[str, Callable[[float, float], bool]] = {
    "greater_than": lambda value, bound: value > bound,
    "greater_than_or_equal": lambda value, bound: value >= bound,
    "less_than": lambda value, bound: value < bound,
    "less_than_or_equal": lambda value, bound: value <= bound,
}
# A criterion on one of these says which resource or which peer; the exceptions only say what kind.
_NARROWING = re.compile(r"resource\.(?!resourceType$)|service\.(action|runtimeDetails)\.")
_KINDS = frozenset({"actionType", "blocked", "callerType", "connectionDirection", "protocol"})
_UNSET: Value[tuple[str, ...]] = known(())
_EVERYTHING = frozenset({"0.0.0.0/0", "::/0"})


class FieldTest(msgspec.Struct, frozen=True):
    """One criterion of a filter.

    Attributes:
        path: the finding's field, e.g. ``type`` or ``resource.instanceDetails.instanceId``.
        equals, not_equals: values, empty where not set.
        bounds: ``greater_than``, ``greater_than_or_equal``, ``less_than`` or ``less_than_or_equal`` -> a number, or a
            time in ISO 8601.
        matches, not_matches: values with ``*`` and ``?``, empty where not set.
    """

    path: Value[str]
    equals: Value[tuple[str, ...]] = _UNSET
    not_equals: Value[tuple[str, ...]] = _UNSET
    bounds: Mapping[str, Value[str]] = msgspec.field(default_factory=dict)
    matches: Value[tuple[str, ...]] = _UNSET
    not_matches: Value[tuple[str, ...]] = _UNSET

    def holds(self, values: Sequence[object]) -> bool:
        """Whether the field's values (several where the finding has a list) satisfy the test; raises `UnknownValue`."""
        texts = [_text(value) for value in values]
        equals, matches = _set(self.equals.get()), _set(self.matches.get())
        if (equals or matches) and not any(_is_one_of(text, equals, matches) for text in texts):
            return False
        if any(_is_one_of(text, _set(self.not_equals.get()), _set(self.not_matches.get())) for text in texts):
            return False
        bounds = {name: value.get() for name, value in self.bounds.items()}
        return all(
            any(_BOUNDS[name](_number(text), _number(bound)) for text in texts)
            for name, bound in bounds.items()
            if bound
        )

    def names(self) -> bool | None:
        """Whether it names values of its field; None if that is not known. Ranges and exclusions name nothing."""
        answers: list[bool | None] = []
        if self.equals.is_known:
            answers.append(bool(_set(self.equals.get()) - _EVERYTHING))
        else:
            # AWS refuses a criterion without a value, so the only thing that is set has one.
            others = (self.not_equals, self.matches, self.not_matches)
            answers.append(True if not self.bounds and all(other.known_or(("?",)) == () for other in others) else None)
        if self.matches.is_known:
            answers.append(any(value.strip("*") for value in _set(self.matches.get()) - _EVERYTHING))
        else:
            answers.append(None)
        return any_of(answers)


def archives(tests: Sequence[FieldTest], found: Mapping[str, object]) -> bool:
    """Whether a filter with these criteria matches a finding (in the shape of `findings.finding`).

    Raises:
        UnknownValue: a value that decides is not known.
        ValueError: a bound is neither a number nor a time.
    """
    return all(test.holds(list(_values(found, test.path.get().split(".")))) for test in tests)


def too_broad(tests: Sequence[FieldTest]) -> tuple[str, ...]:
    """Why a suppression rule hides too much; empty if it is narrow enough.

    It must name a finding type and a resource or network peer. Without either it may archive findings of severity 7
    and above wholesale, which is said when it does.

    Raises:
        UnknownValue: whether it is narrow enough depends on values that are not known.
    """
    wanted = {
        "names no finding type": any_of(_names(test, _is_type) for test in tests),
        "has no resource or network criterion": any_of(_names(test, narrows) for test in tests),
    }
    reasons = [reason for reason, answer in wanted.items() if answer is False]
    if not reasons and None in wanted.values():
        raise UnknownValue(
            "whether the filter names a finding type and a resource depends on values that are not known"
        )
    if reasons:
        with suppress(UnknownValue):  # it fails already; this only says how much
            high = swallowed(tests, HIGH)
            if high:
                of = high[0] if len(high) == 1 else f"{len(high)} finding types"
                reasons.append(f"archives findings of severity {HIGH:g} and above of {of}")
    return tuple(reasons)


def swallowed(tests: Sequence[FieldTest], least: float = SEVERITIES[0]) -> tuple[str, ...]:
    """The finding types of which findings at or above a severity may be archived, sorted.

    Criteria other than type, severity and kind of resource are taken to hold: some finding will satisfy them.

    Raises:
        UnknownValue: which types or severities is not known.
        ValueError: a bound is not a number.
    """
    by_path: dict[str, list[FieldTest]] = {}
    for test in tests:
        by_path.setdefault(test.path.get(), []).append(test)
    severities = by_path.get("severity", [])
    if not any(all(test.holds([each]) for test in severities) for each in SEVERITIES if each >= least):
        return ()
    kinds = set(families())
    for test in by_path.get("type", []):
        kinds |= _set(test.equals.get())  # a type newer than the packaged list is one all the same
    return tuple(
        kind
        for kind in sorted(kinds)
        if all(test.holds([kind]) for test in by_path.get("type", []))
        and all(test.holds([_resource_type(kind)]) for test in by_path.get("resource.resourceType", []))
    )


def narrows(path: str) -> bool:
    """Whether values of this field say which resource, or which peer on the network."""
    return bool(_NARROWING.match(path)) and path.rpartition(".")[2] not in _KINDS


def mistakes(tests: Sequence[FieldTest]) -> tuple[str, ...]:
    """What AWS would refuse: unknown fields, too many values, a criterion without any, a field twice."""
    found: list[str] = []
    paths = [test.path.get() for test in tests if test.path.is_known]
    found.extend(
        f"{path} stands twice, and one of the two is lost" for path in sorted(set(paths)) if paths.count(path) > 1
    )
    for path in sorted(set(paths) - fields()):
        near = difflib.get_close_matches(path, fields(), 1)
        found.append(f"{path} is no field of findings" + (f"; did you mean {near[0]}?" if near else ""))
    for test in tests:
        found.extend(_faults(test))
    return tuple(found)


def _faults(test: FieldTest) -> Iterator[str]:
    path = test.path.known_or("a criterion")
    limits = (
        (MOST_VALUES, test.equals),
        (MOST_VALUES, test.not_equals),
        (MOST_MATCHES, test.matches),
        (MOST_MATCHES, test.not_matches),
    )
    for most, values in limits:
        if len(values.known_or(())) > most:
            yield f"{path} has {len(values.known_or(()))} values, and AWS takes {most}"
    bounds = [value.known_or("?") for value in test.bounds.values()]
    if not any(bounds) and all(values.is_known and not _set(values.get()) for _, values in limits):
        yield f"{path} is compared with nothing"
    for name, value in test.bounds.items():
        try:
            _number(value.known_or("0") or "0")
        except ValueError:
            yield f"{path} {name} is {value.known_or('')!r}, which is neither a number nor a time"


def _is_type(path: str) -> bool:
    return path == "type"


def _names(test: FieldTest, wanted: Callable[[str], bool]) -> bool | None:
    """Whether the criterion is on a field that is wanted, and names values of it."""
    if not test.path.is_known:
        return None if test.names() is not False else False
    return test.names() if wanted(test.path.get()) else False


def _resource_type(kind: str) -> object:
    """The resource type of a known finding type; of a newer one, unknown: no test of it may say no."""
    if kind not in families():
        raise UnknownValue(f"{kind} is a finding type that this version does not know")
    resource: Mapping[str, object] = finding(kind, HIGH)["resource"]
    return resource["resourceType"]


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


def _number(text: str) -> float:
    """A number as it is, a time in milliseconds since 1970 as GuardDuty compares it."""
    return float(text) if _is_number(text) else datetime.fromisoformat(text).timestamp() * 1000
