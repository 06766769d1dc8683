"""Operators, three-valued: what one side settles needs no other.

Source: https://developer.hashicorp.com/terraform/language/expressions/operators
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guardline.validator.semantics.unknown_parts import filled
from guardline.validator.sources.hcl.values import (
    NUMBERS,
    EvaluationError,
    Object,
    Set,
    Unknown,
    equal,
    is_number,
    merged,
    tidy_number,
    to_bool,
    to_number,
    to_text,
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
        if (left is None and _is_whole(right)) or (right is None and _is_whole(left)):
            return operator == "!="  # what is there is not null, whatever it holds
        found = unknown_in(left, right)
        if found is not None:
            return Unknown(found.reason)
        same = equal(left, right)
        if same and isinstance(left, list | dict) and not isinstance(left, Set):
            # A list is never equal to a tuple, nor a map to an object, and which of them it is is not kept here.
            return Unknown("whether two collections are of one type cannot be told")
        return same == (operator == "==")
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


def _is_whole(value: Any) -> bool:
    """Whether a value is surely not null: a collection, or a text of which a part is written down."""
    if isinstance(value, Unknown):
        return value.draft is not None and not value.loose and filled(value.draft, lambda _name, _attribute: "") != ""
    return isinstance(value, list | dict | Object)


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
    """The chosen side of a conditional, converted to the type that both sides share.

    Raises:
        EvaluationError: there is no such type.
    """
    if len({shape for shape in (_shape(chosen), _shape(other)) if shape}) > 1:
        raise EvaluationError("the two results of the condition have no type in common")
    if isinstance(chosen, list) and isinstance(other, list):
        if isinstance(other, Set) and not isinstance(chosen, Set):
            return chosen if unknown_in(chosen) is not None else Set.of(_with_kinds(chosen, other))
        same = len(chosen) == len(other) and not isinstance(chosen, Set)
        return [unified(*pair) for pair in zip(chosen, other, strict=True)] if same else _with_kinds(chosen, other)
    if isinstance(chosen, dict) and isinstance(other, dict):
        if chosen.keys() == other.keys():
            return {key: unified(value, other[key]) for key, value in chosen.items()}
        return dict(zip(chosen, _with_kinds(list(chosen.values()), list(other.values())), strict=True))
    return _as_text(chosen) if isinstance(other, str) else chosen


def _shape(value: Any) -> str:
    """What kind of type a value has; "" where that is open."""
    if isinstance(value, list):
        return "list"
    if isinstance(value, dict):
        return "map"
    return "one" if isinstance(value, str | bool) or is_number(value) else ""


def _with_kinds(items: list[Any], others: list[Any]) -> list[Any]:
    """Elements of a list beside another list's: texts on one side make texts of the other."""
    if items and others and len({shape for item in (*items, *others) if (shape := _shape(item))}) > 1:
        raise EvaluationError("the two results of the condition have no type in common")
    if not any(isinstance(item, str) for item in (*items, *others)):
        return items
    texts = [_as_text(item) for item in items]
    return Set.of(texts) if isinstance(items, Set) and unknown_in(texts) is None else texts


def _as_text(value: Any) -> Any:
    return to_text(value) if is_number(value) or isinstance(value, bool) else value
