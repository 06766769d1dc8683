"""Operators, three-valued: what one side settles needs no other.

Source: https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guardline.validator.sources.hcl.values import (
    NUMBERS,
    EvaluationError,
    Unknown,
    equal,
    is_sensitive,
    merged,
    tidy_number,
    to_bool,
    to_number,
    unknown_in,
)


def unary(operator: str, value: Any) -> Any:
    """Apply ``!`` or ``-``."""
    if isinstance(value, Unknown):
        return Unknown(value.reason)
    return not to_bool(value) if operator == "!" else tidy_number(-to_number(value))


def logical(operator: str, left: Any, right: Any) -> Any:
    """Apply ``&&`` or ``||``: one known side may settle it."""
    settles = operator == "||"
    sides = [side if isinstance(side, Unknown) else to_bool(side) for side in (left, right)]
    if any(side is settles for side in sides):
        return settles
    found = [side for side in sides if isinstance(side, Unknown)]
    return Unknown(found[0].reason) if found else not settles


def binary(operator: str, left: Any, right: Any) -> Any:
    """Apply an operator other than ``&&`` and ``||``.

    Raises:
        EvaluationError: an operand of a wrong type, or a division by zero.
    """
    if operator in ("==", "!="):
        found = unknown_in(left, right)
        if found is not None:
            return Unknown(found.reason)
        return equal(left, right) == (operator == "==")
    found = (
        merged([side for side in (left, right) if isinstance(side, Unknown)])
        if (isinstance(left, Unknown) or isinstance(right, Unknown))
        else None
    )
    if found is not None:
        return Unknown(found.reason)
    first, second = to_number(left), to_number(right)
    match operator:
        case "<":
            return first < second
        case ">":
            return first > second
        case "<=":
            return first <= second
        case ">=":
            return first >= second
        case _:
            return _arithmetic(operator, first, second)


def _arithmetic(operator: str, first: int | Decimal, second: int | Decimal) -> int | Decimal:
    if operator == "/" and second == 0:
        raise EvaluationError("division by zero")
    if operator == "%" and second == 0:
        return first  # as Terraform has it
    a, b = Decimal(first), Decimal(second)
    match operator:
        case "+":
            result = NUMBERS.add(a, b)
        case "-":
            result = NUMBERS.subtract(a, b)
        case "*":
            result = NUMBERS.multiply(a, b)
        case "/":
            result = NUMBERS.divide(a, b)
        case "%":
            result = NUMBERS.remainder(a, b)  # of the dividend's sign, as in Go
        case _:
            raise EvaluationError(f"there is no operator {operator}")
    return tidy_number(result)


def unified(chosen: Any, other: Any) -> Any:
    """The chosen side of a conditional, converted to the type that both sides share."""
    from guardline.validator.sources.hcl.values import Told, is_number, to_text

    scalar = is_number(chosen) or isinstance(chosen, bool)
    if scalar and isinstance(other, str):
        return Told.make(to_text(chosen), sensitive=True) if is_sensitive(other) else to_text(chosen)
    return chosen
