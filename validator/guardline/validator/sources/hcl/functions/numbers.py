"""Numeric functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from guardline.validator.sources.hcl.functions.base import Function
from guardline.validator.sources.hcl.values import (
    NUMBERS,
    EvaluationError,
    NotEvaluatedError,
    tidy_number,
    to_int,
    to_number,
    to_text,
)


def _each(values: tuple[Any, ...]) -> list[int | Decimal]:
    if not values:
        raise EvaluationError("at least one argument is required")
    return [to_number(value) for value in values]


def _log(value: Any, base: Any) -> Any:
    number, root = to_number(value), to_number(base)
    if number <= 0 or root <= 0 or root == 1:
        raise EvaluationError("there is no such logarithm")
    return tidy_number(Decimal(repr(math.log(number) / math.log(root))))


def _pow(value: Any, power: Any) -> Any:
    number, exponent = to_number(value), to_number(power)
    try:
        return tidy_number(Decimal(repr(math.pow(number, exponent))))
    except (OverflowError, ValueError):
        raise EvaluationError("the power is not a number that can be worked with") from None


_BASES = ("0x", "0b", "0o")  # Python reads these prefixes, Terraform does not


def _parseint(text: Any, base: Any) -> int:
    root = to_int(base)
    digits = to_text(text)
    if not 2 <= root <= 62:
        raise EvaluationError(f"there are no numbers of base {root}")
    if root > 36:
        raise NotEvaluatedError(f"numbers of base {root} are not read")
    plain = digits.removeprefix("-").removeprefix("+")
    try:
        return int(digits if plain.isalnum() and len(plain) < 500 and plain[:2].lower() not in _BASES else "", root)
    except ValueError:
        raise EvaluationError(f"not a number of base {root}") from None


def _signum(value: Any) -> int:
    number = to_int(value)
    return (number > 0) - (number < 0)


def _sum(values: Any) -> Any:
    if not isinstance(values, list) or not values:
        raise EvaluationError("a list of at least one number is required")
    total = Decimal(0)
    for value in values:
        total = NUMBERS.add(total, Decimal(to_number(value)))
    return tidy_number(total)


FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(lambda value: abs(to_number(value))),
    "ceil": Function(lambda value: math.ceil(to_number(value))),
    "floor": Function(lambda value: math.floor(to_number(value))),
    "log": Function(_log),
    "max": Function(lambda *values: max(_each(values))),
    "min": Function(lambda *values: min(_each(values))),
    "parseint": Function(_parseint, partly="bases up to 36"),
    "pow": Function(_pow),
    "signum": Function(_signum),
    "sum": Function(_sum),
}
