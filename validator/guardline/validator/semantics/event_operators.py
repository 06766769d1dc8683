"""The comparison operators of EventBridge event patterns, each compiled to a test of one leaf value.

Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html and, where that page
is silent, the engine itself, https://github.com/aws/event-ruler. Numbers compare by value, as the engine does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import ip_address, ip_network
from itertools import pairwise
from typing import NoReturn

import msgspec

Present = Callable[[object], bool]
LARGEST = 5.0e9  # numeric matching is limited to -5.0e9 .. +5.0e9
_BOUNDS: Mapping[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}
_LOWER, _UPPER = (">", ">="), ("<", "<=")


def refuse(where: str, why: str) -> NoReturn:
    """Say that EventBridge would refuse the pattern, where (a dotted field path) and why."""
    raise ValueError(f"{where or 'the event pattern'}: {why}")


class Test(msgspec.Struct, frozen=True):
    """One entry of a pattern's list of alternatives.

    Attributes:
        accepts: the test of a leaf value that is there; None for ``exists: false``, which wants none to be there.
    """

    accepts: Present | None


def alternatives(entries: Sequence[object], where: str) -> tuple[Test, ...]:
    """Compile the entries of a leaf's list; many plain strings are one test.

    Raises:
        ValueError: an entry is malformed; the message says where and what was expected.
    """
    plain = frozenset(entry for entry in entries if isinstance(entry, str))
    made = [compiled(entry, where) for entry in entries if not isinstance(entry, str)]
    return (*([Test(lambda value: isinstance(value, str) and value in plain)] if plain else []), *made)


def compiled(entry: object, where: str) -> Test:
    """Compile one entry of a leaf's list: a plain value, or an object with one operator.

    Raises:
        ValueError: the entry is malformed; the message says where and what was expected.
    """
    if not isinstance(entry, Mapping):
        return Test(_exactly(entry, where))
    if len(entry) != 1:
        refuse(where, f"a matcher has exactly one operator, not {len(entry)}")
    operator, operand = next(iter(entry.items()))
    if operator == "exists":
        if not isinstance(operand, bool):
            refuse(where, "exists takes true or false")
        return Test(_anything if operand else None)
    if operator not in _OPERATORS:
        refuse(where, f"unknown operator {operator!r}; known are {', '.join(OPERATORS)}")
    return Test(_OPERATORS[operator](operand, where))


def _anything(_value: object) -> bool:
    return True


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _same(value: object, wanted: object) -> bool:
    """JSON equality: true is not 1, and "7" is not 7."""
    if _is_number(value) and _is_number(wanted):
        return value == wanted
    return type(value) is type(wanted) and value == wanted


def _exactly(wanted: object, where: str) -> Present:
    if isinstance(wanted, Sequence) and not isinstance(wanted, str):
        refuse(where, "a list may hold values and matchers, not another list")
    return lambda value: _same(value, wanted)


def _text(operand: object, where: str, operator: str) -> str:
    if not isinstance(operand, str):
        refuse(where, f"{operator} takes a string")
    return operand


def _ignoring_case(operand: object, where: str) -> Present:
    wanted = _text(operand, where, "equals-ignore-case").casefold()
    return lambda value: isinstance(value, str) and value.casefold() == wanted


def _affix(operator: str, has: Callable[[str, str], bool]) -> Callable[[object, str], Present]:
    """``prefix`` or ``suffix``, also in the form ``{"prefix": {"equals-ignore-case": "x"}}``."""

    def compile_affix(operand: object, where: str) -> Present:
        if isinstance(operand, Mapping):
            if set(operand) != {"equals-ignore-case"}:
                refuse(where, f"{operator} takes a string or equals-ignore-case")
            folded = _text(operand["equals-ignore-case"], where, operator).casefold()
            return lambda value: isinstance(value, str) and has(value.casefold(), folded)
        wanted = _text(operand, where, operator)
        return lambda value: isinstance(value, str) and has(value, wanted)

    return compile_affix


def _wildcard(operand: object, where: str) -> Present:
    r"""``*`` is any text, ``\*`` an asterisk, ``\\`` a backslash; two wildcards in a row are refused."""
    text = _text(operand, where, "wildcard")
    pieces = re.findall(r"\\.|\\$|[^\\]", text, re.DOTALL)
    if any(piece.startswith("\\") and piece not in ("\\*", "\\\\") for piece in pieces):
        refuse(where, "in a wildcard a backslash escapes only an asterisk or a backslash")
    if any(pair == ("*", "*") for pair in pairwise(pieces)):
        refuse(where, "a wildcard may not hold two asterisks in a row")
    # Each literal run is found at its first place, which is enough for `*` and never backtracks over the text.
    runs = [""]
    for piece in pieces:
        if piece == "*":
            runs.append("")
        else:
            runs[-1] += piece[-1]
    return lambda value: isinstance(value, str) and _in_order(value, runs)


def _in_order(value: str, runs: Sequence[str]) -> bool:
    """Whether the value is the runs with any text between them."""
    first, *rest = runs
    if not rest:
        return value == first
    *middle, last = rest
    if not value.startswith(first):
        return False
    at = len(first)
    for run in middle:
        found = value.find(run, at)
        if found < 0:
            return False
        at = found + len(run)
    return value.endswith(last) and len(value) - len(last) >= at


def _numeric(operand: object, where: str) -> Present:
    if not isinstance(operand, Sequence) or isinstance(operand, str) or len(operand) not in (2, 4):
        refuse(where, 'numeric takes one or two comparisons, e.g. [">=", 7] or [">", 0, "<=", 5]')
    pairs = list(zip(operand[::2], operand[1::2], strict=True))
    for sign, bound in pairs:
        if sign not in _BOUNDS:
            refuse(where, f"numeric knows {' '.join(_BOUNDS)}, not {sign!r}")
        if not _is_number(bound) or abs(bound) > LARGEST:
            refuse(where, f"numeric compares with a number between -5.0e9 and 5.0e9, not {bound!r}")
    if len(pairs) == 2:
        (low, least), (high, most) = pairs
        if low not in _LOWER or high not in _UPPER:
            refuse(where, "a numeric range is a lower bound and then an upper bound")
        if least >= most:
            refuse(where, f"a numeric range ends above its beginning, not at {most}")
    return lambda value: (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and all(_BOUNDS[sign](value, bound) for sign, bound in pairs)
    )


def _cidr(operand: object, where: str) -> Present:
    text = _text(operand, where, "cidr")
    try:
        network = ip_network(text, strict=False)
    except ValueError as error:
        raise ValueError(f"{where}: cidr takes an address range such as 10.0.0.0/24, not {text!r}") from error

    def inside(value: object) -> bool:
        if not isinstance(value, str):
            return False
        try:
            return ip_address(value) in network
        except ValueError:
            return False

    return inside


def _anything_but(operand: object, where: str) -> Present:
    refused = _refused(operand, where)
    return lambda value: not any(test(value) for test in refused)


def _refused(operand: object, where: str) -> list[Present]:
    """What ``anything-but`` excludes: a value, a list of them, or one operator over one or more strings."""
    if isinstance(operand, Mapping):
        if len(operand) != 1 or next(iter(operand)) not in _EXCLUDABLE:
            refuse(where, f"anything-but takes {', '.join(_EXCLUDABLE)}, a value or a list of values")
        operator, wanted = next(iter(operand.items()))
        several = wanted if isinstance(wanted, Sequence) and not isinstance(wanted, str) else [wanted]
        if not several:
            refuse(where, f"anything-but {operator} has an empty list")
        return [_OPERATORS[operator](one, where) for one in several]
    values = operand if isinstance(operand, Sequence) and not isinstance(operand, str) else [operand]
    if not values:
        refuse(where, "anything-but has an empty list")
    if not (all(isinstance(value, str) for value in values) or all(map(_is_number, values))):
        refuse(where, "anything-but takes strings only or numbers only")
    return [_exactly(value, where) for value in values]


_OPERATORS: Mapping[str, Callable[[object, str], Present]] = {
    "prefix": _affix("prefix", str.startswith),
    "suffix": _affix("suffix", str.endswith),
    "equals-ignore-case": _ignoring_case,
    "wildcard": _wildcard,
    "numeric": _numeric,
    "cidr": _cidr,
    "anything-but": _anything_but,
}
_EXCLUDABLE = ("prefix", "suffix", "equals-ignore-case", "wildcard")
OPERATORS = (*_OPERATORS, "exists")
