"""An expression as a plan's JSON would represent it."""

from __future__ import annotations

from typing import Any

from guardline.validator.sources.hcl.syntax import Expression, Literal, Mapping, Number, Sequence
from guardline.validator.sources.hcl.traversals import references


def represent(expression: Expression) -> dict[str, Any]:
    """Write an expression as ``{"constant_value": ...}``, ``{"references": [...]}``, or ``{}``.

    Functions leave no trace, so an expression of functions over constants is ``{}``, as in a plan.
    """
    found = references(expression)
    if found:
        return {"references": found}
    try:
        return {"constant_value": constant(expression)}
    except ValueError:
        return {}


def constant(expression: Expression) -> Any:
    """The value of an expression of literals alone.

    Raises:
        ValueError: it holds anything else.
    """
    match expression:
        case Literal(value):
            return value
        case Number(text):
            return int(text) if text.isdigit() else float(text)
        case Sequence(items):
            return [constant(item) for item in items]
        case Mapping(pairs):
            return {str(constant(key)): constant(value) for key, value in pairs}
        case _:
            raise ValueError("not a plain value")
