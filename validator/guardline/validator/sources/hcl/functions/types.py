"""Type conversion, and functions that turn on failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from guardline.validator.sources.hcl.functions.base import Function, Special, a_map
from guardline.validator.sources.hcl.syntax import Expression
from guardline.validator.sources.hcl.values import (
    EvaluationError,
    NotEvaluatedError,
    Set,
    Told,
    Unknown,
    hidden,
    is_number,
    is_unordered,
    merged,
    name_of,
    to_bool,
    to_number,
    to_text,
    unknown_in,
)


def same_typed(items: list[Any]) -> list[Any]:
    """Convert elements to one type, as a list or a set needs: texts beside numbers or bools make all texts."""
    kinds = {name_of(item) for item in items if _scalar(item)}
    if kinds and any(isinstance(item, list | dict) for item in items):
        raise EvaluationError("the elements cannot be of one type")
    if len(kinds) < 2:
        return items
    return [to_text(item) if _scalar(item) else item for item in items]


def _scalar(value: Any) -> bool:
    return isinstance(value, str | bool) or is_number(value)


def _tolist(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, list):
        raise EvaluationError(f"{name_of(value)} cannot be made a list")
    if is_unordered(value):
        raise NotEvaluatedError("the order of a set of objects is not known")
    return list(same_typed(value))


def _toset(value: Any) -> Any:
    if value is None:
        return None
    if not isinstance(value, list):
        raise EvaluationError(f"{name_of(value)} cannot be made a set")
    found = unknown_in(*[item for item in value if isinstance(item, Unknown)])
    return found if found is not None else Set.of(same_typed(value))


def _tomap(value: Any) -> Any:
    if value is None:
        return None
    return dict(zip(a_map(value), same_typed(list(a_map(value).values())), strict=True))


def _optional(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def apply(value: Any) -> Any:
        return None if value is None else convert(value)

    return apply


def _try(args: list[Expression], evaluate: Callable[[Expression], Any]) -> Any:
    """The first argument that works. An unknown that is a resource's attribute works: the instance is there."""
    if not args:
        raise EvaluationError("try: at least one argument is required")
    doubtful: list[Unknown] = []
    last = ""
    for arg in args:
        try:
            value = evaluate(arg)
        except EvaluationError as error:
            last = str(error)
            continue
        if isinstance(value, Unknown) and (not value.of or value.loose):
            doubtful.append(value)
            continue
        if doubtful:
            return merged([*doubtful, *([value] if isinstance(value, Unknown) else [])], loose=True)
        return value
    if doubtful:
        return merged(doubtful, loose=True)
    raise EvaluationError(f"try: no argument works: {last}")


def _can(args: list[Expression], evaluate: Callable[[Expression], Any]) -> Any:
    if len(args) != 1:
        raise EvaluationError("can: one argument is required")
    try:
        value = evaluate(args[0])
    except EvaluationError:
        return False
    return Unknown(value.reason) if isinstance(value, Unknown) and not value.of else True


def _nonsensitive(value: Any) -> Any:
    if isinstance(value, Told):
        return Told.make(str.__str__(value), value.of)
    if isinstance(value, Set):
        return Set(_nonsensitive(item) for item in value)
    if isinstance(value, list):
        return [_nonsensitive(item) for item in value]
    return {key: _nonsensitive(item) for key, item in value.items()} if isinstance(value, dict) else value


FUNCTIONS: Mapping[str, Function | Special] = {
    "can": Special(_can),
    "try": Special(_try),
    "nonsensitive": Function(_nonsensitive, lenient=True),
    "sensitive": Function(hidden, lenient=True),
    "issensitive": Function(lambda value: isinstance(value, Told) and value.sensitive),
    "tobool": Function(_optional(to_bool)),
    "tolist": Function(_tolist, deep=False),
    "tomap": Function(_tomap, deep=False),
    "tonumber": Function(_optional(to_number)),
    "toset": Function(_toset, deep=False),
    "tostring": Function(_optional(to_text)),
    "ephemeralasnull": Function(lambda value: value, lenient=True),
}
