"""Type constraints of variables, and conversion to them.

Source: https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

from __future__ import annotations

from typing import Any

from guardline.validator.sources.hcl import syntax
from guardline.validator.sources.hcl.functions.types import same_typed
from guardline.validator.sources.hcl.represent import constant
from guardline.validator.sources.hcl.syntax import Expression
from guardline.validator.sources.hcl.values import (
    EvaluationError,
    Object,
    Set,
    Unknown,
    name_of,
    to_bool,
    to_number,
    to_text,
    unknown_in,
)

_PRIMITIVE = {"string": to_text, "number": to_number, "bool": to_bool}


def is_primitive(constraint: Expression | None) -> bool:
    """Whether a variable of this type takes its text from the environment or ``--var`` literally."""
    match constraint:
        case None:
            return True
        case syntax.Name(name) | syntax.Literal(name):  # the latter is the old quoted form
            return name in _PRIMITIVE
        case _:
            return False


def convert(value: Any, constraint: Expression) -> Any:
    """Convert a value to a type.

    Raises:
        EvaluationError: it cannot be converted, or the constraint is not one.
    """
    if value is None or isinstance(value, Unknown):
        return value
    match constraint:
        case syntax.Literal(str(name)):  # the old quoted form: type = "string"
            return convert(value, syntax.Name(name)) if name in _PRIMITIVE else value
        case syntax.Name("any") | syntax.Name("list") | syntax.Name("map") | syntax.Name("set"):
            return value
        case syntax.Name(name) if name in _PRIMITIVE:
            return value if isinstance(value, Object) else _PRIMITIVE[name](value)
        case syntax.Call(kind, [inner]):
            return _collection(value, kind, inner)
        case _:
            raise EvaluationError("not a type constraint")


def _collection(value: Any, kind: str, inner: Expression) -> Any:
    if isinstance(value, Object):
        value = value.whole()
        if isinstance(value, Unknown):
            return value
    if kind in ("list", "set") and isinstance(value, list):
        items = [convert(item, inner) for item in value]
        if kind == "list":
            return items if not _is_any(inner) else same_typed(items)
        unknown = unknown_in(*[item for item in items if isinstance(item, Unknown)])
        return unknown if unknown is not None else Set.of(same_typed(items))
    if kind == "map" and isinstance(value, dict):
        return {key: convert(item, inner) for key, item in value.items()}
    if kind == "object" and isinstance(value, dict) and isinstance(inner, syntax.Mapping):
        return {name: _member(value, name, each) for name, each in _members(inner)}
    if kind == "tuple" and isinstance(value, list) and isinstance(inner, syntax.Sequence):
        if len(value) != len(inner.items):
            raise EvaluationError(f"{len(inner.items)} elements are required, and there are {len(value)}")
        return [convert(item, each) for item, each in zip(value, inner.items, strict=True)]
    raise EvaluationError(f"{name_of(value)} is not of type {kind}")


def _is_any(constraint: Expression) -> bool:
    return isinstance(constraint, syntax.Name) and constraint.name == "any"


def _members(inner: syntax.Mapping) -> list[tuple[str, Expression]]:
    return [
        (key.value, each) for key, each in inner.items if isinstance(key, syntax.Literal) and isinstance(key.value, str)
    ]


def _member(value: dict[str, Any], name: str, constraint: Expression) -> Any:
    default: Any = None
    optional = isinstance(constraint, syntax.Call) and constraint.name == "optional" and constraint.args
    if isinstance(constraint, syntax.Call) and optional:
        constraint, *rest = constraint.args
        try:
            default = constant(rest[0]) if rest else None
        except ValueError:
            return Unknown(f"the default of the attribute {name!r} is not a plain value")
    elif name not in value:
        raise EvaluationError(f"the attribute {name!r} is required")
    given = value.get(name)
    return convert(default if given is None and optional else given, constraint)
