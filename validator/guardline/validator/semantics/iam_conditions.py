"""A statement's conditions against what is known of a request: true, false, or None for "it depends".

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from guardline.validator.semantics.iam_documents import Condition
from guardline.validator.semantics.unknown_parts import SOMETHING, has_marks, widened
from guardline.validator.semantics.wildcards import covers, like, overlaps

# Key in lower case (or a prefix that ends in "/") -> its values; () is known to be absent, None is there with a value
# that is not known. A key that is not listed is not known at all. A value may hold `*`, or a mark, for what is unknown
# in it.
Context = Mapping[str, tuple[str, ...] | None]
Match = Callable[[str, str], bool | None]


def all_of(answers: Iterable[bool | None]) -> bool | None:
    """Three-valued *and*."""
    unsure = False
    for answer in answers:
        if answer is False:
            return False
        unsure = unsure or answer is None
    return None if unsure else True


def any_of(answers: Iterable[bool | None]) -> bool | None:
    """Three-valued *or*."""
    unsure = False
    for answer in answers:
        if answer:
            return True
        unsure = unsure or answer is None
    return None if unsure else False


def opposite(answer: bool | None) -> bool | None:
    """Three-valued *not*."""
    return None if answer is None else not answer


def hold(conditions: Iterable[Condition], context: Context) -> bool | None:
    """Whether all conditions hold; an operator or key that is not known makes it None, never True."""
    return all_of(_holds(condition, context) for condition in conditions)


def _holds(condition: Condition, context: Context) -> bool | None:
    quantifier, _, rest = condition.operator.rpartition(":")
    operator = rest.removesuffix("IfExists")
    key = condition.key.lower()
    found = next((known for known in (key, f"{key.partition('/')[0]}/") if known in context), None)
    have = None if found is None else context[found]
    if operator == "Null":
        return _is_absent(condition.values, have, listed=found is not None)
    negated = "Not" in operator
    match = _MATCHES.get(operator.replace("Not", "", 1) if negated else operator)
    if match is None or quantifier not in ("", "ForAllValues", "ForAnyValue") or have is None:
        return None
    if not have:
        return rest.endswith("IfExists") or quantifier == "ForAllValues" or (negated and not quantifier)
    each = [any_of(match(wanted, value) for wanted in condition.values) for value in have]
    if negated:
        each = [opposite(one) for one in each]
    # A key with one value needs no quantifier; several values without one are matched as "any", refused as "all".
    return all_of(each) if quantifier == "ForAllValues" or (negated and not quantifier) else any_of(each)


def _is_absent(wanted: Sequence[str], have: tuple[str, ...] | None, *, listed: bool) -> bool | None:
    if not listed:
        return None
    return str(have == ()).lower() in [value.lower() for value in wanted]


def _equal(wanted: str, value: str) -> bool | None:
    if "${" in wanted:
        return None
    if has_marks(wanted) or has_marks(value):
        if wanted == value and SOMETHING not in wanted:
            return True
        literal = widened(wanted.replace("*", "?"))  # here an asterisk is no wildcard
        return None if overlaps(literal, widened(value)) else False
    if "*" in value:
        return None if covers(value, wanted) else False
    return wanted == value


def _folded(match: Match) -> Match:
    return lambda wanted, value: match(wanted.lower(), value.lower())


def _arn(wanted: str, value: str) -> bool | None:
    """ARNs are compared part by part, so that a ``*`` does not reach over a colon into the next part."""
    if wanted == SOMETHING:
        return None
    ours, theirs = wanted.split(":", 5), value.split(":", 5)
    if len(ours) < 6 or len(theirs) < 6:
        whole = like(wanted, value)
        return (
            None if whole and wanted.strip("*") else whole
        )  # no ARN has fewer parts: what IAM makes of it is not said
    return all_of(like(one, other) for one, other in zip(ours, theirs, strict=True))


def _number(compare: Callable[[float, float], bool]) -> Match:
    def match(wanted: str, value: str) -> bool | None:
        try:
            return compare(float(value), float(wanted))
        except ValueError:
            return None

    return match


def _date(compare: Callable[[float, float], bool]) -> Match:
    def match(wanted: str, value: str) -> bool | None:
        try:
            return compare(_moment(value), _moment(wanted))
        except ValueError:
            return None

    return match


def _moment(text: str) -> float:
    """Seconds since 1970; IAM takes ISO 8601 or the seconds themselves."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _address(wanted: str, value: str) -> bool | None:
    try:
        return ip_address(value) in ip_network(wanted, strict=False)
    except ValueError:
        return None


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "Equals": lambda value, wanted: value == wanted,
    "LessThan": lambda value, wanted: value < wanted,
    "LessThanEquals": lambda value, wanted: value <= wanted,
    "GreaterThan": lambda value, wanted: value > wanted,
    "GreaterThanEquals": lambda value, wanted: value >= wanted,
}
# The operators without their Not; `NotX` and `XNotY` are the opposite.
_MATCHES: Mapping[str, Match] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _folded(_equal),
    "StringLike": like,
    "ArnEquals": _arn,
    "ArnLike": _arn,
    "Bool": _folded(_equal),
    "BinaryEquals": _equal,
    "IpAddress": _address,
    **{f"Numeric{name}": _number(compare) for name, compare in _COMPARISONS.items()},
    **{f"Date{name}": _date(compare) for name, compare in _COMPARISONS.items()},
}
