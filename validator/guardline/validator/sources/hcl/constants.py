"""Expressions whose value hangs on nothing but the source: no variable, no resource, no module."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from guardline.validator.sources.hcl.evaluate import Budget, Local, evaluate
from guardline.validator.sources.hcl.represent import represent
from guardline.validator.sources.hcl.syntax import Attribute, Expression
from guardline.validator.sources.hcl.values import EvaluationError, TooMuchError, Unknown, plain, unknown_in

_STEPS = 100_000
_DEPTH = 50


class _Constants:
    """A scope in which only locals have a value, and only those made of constants."""

    def __init__(self, locals_: Mapping[str, Attribute]) -> None:
        self.locals = locals_
        self.budget = Budget(_STEPS)
        self.depth = 0

    def resolve(self, root: str, names: list[str]) -> tuple[Any, int]:
        """See `evaluate.Scope`."""
        attribute = self.locals.get(names[0]) if root == "local" and names else None
        if attribute is None or self.depth > _DEPTH:
            return Unknown(f"{root} is not constant"), len(names)
        self.depth += 1
        try:
            return evaluate(attribute.value, Local(self)), 1
        finally:
            self.depth -= 1

    def file_function(self, name: str, args: list[Any]) -> Any:  # noqa: ARG002 - the protocol's name
        """See `evaluate.Scope`."""
        return Unknown(f"{name} is not constant")


def carried(expression: Expression, locals_: Mapping[str, Attribute]) -> dict[str, Any]:
    """An expression as a plan would represent it, but with functions of constants worked out.

    Args:
        expression: the expression.
        locals_: the locals of its module.
    """
    try:
        value = evaluate(expression, Local(_Constants(locals_)))
        if unknown_in(value) is None:
            return {"constant_value": plain_json(value)}
    except (EvaluationError, TooMuchError, RecursionError):
        pass
    return represent(expression)


def plain_json(value: Any) -> Any:
    """A known value as JSON has it."""
    return _json(plain(value))


def _json(value: Any) -> Any:
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, dict):
        return {key: _json(item) for key, item in value.items()}
    return float(value) if isinstance(value, Decimal) else value
