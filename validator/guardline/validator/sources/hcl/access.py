"""``value.name``, ``value[key]``, and the elements of a collection one by one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec.structs import replace

from guardline.validator.sources.hcl.values import EvaluationError, Object, Set, Unknown, name_of, to_int, to_text


def get_attribute(value: Any, name: str) -> Any:
    """``value.name``.

    Raises:
        EvaluationError: there is no such attribute.
    """
    if isinstance(value, Unknown):
        return _part(value)
    if isinstance(value, Object):
        return value.attribute(name)
    if isinstance(value, dict):
        if name in value:
            return value[name]
        raise EvaluationError(f"there is no attribute {name!r}")
    raise EvaluationError(f"{name_of(value)} has no attribute {name!r}")


def get_index(value: Any, key: Any) -> Any:
    """``value[key]``.

    Raises:
        EvaluationError: there is no such element.
    """
    if isinstance(value, Unknown):
        return _part(value)
    if isinstance(key, Unknown):
        return Unknown(f"an index is unknown: {key.reason}")
    if isinstance(value, Object):
        return value.attribute(to_text(key))
    if isinstance(value, dict):
        name = to_text(key)
        if name in value:
            return value[name]
        raise EvaluationError("there is no element with this key")
    if isinstance(value, list) and not isinstance(value, Set):
        index = to_int(key)
        if 0 <= index < len(value):
            return value[index]
        raise EvaluationError(f"there is no element {index} in a list of {len(value)}")
    raise EvaluationError(f"{name_of(value)} has no elements to pick by key")


def _part(value: Unknown) -> Unknown:
    """A part of an unknown value: it comes from the same place, and is not equal to the whole or to another part."""
    return replace(value, draft=None, entries=None)


def pairs(value: Any) -> Iterator[tuple[Any, Any]]:
    """Iterate a known collection as Terraform does: (index, element), (element, element) or (key, value) sorted.

    Raises:
        EvaluationError: it is not a collection.
    """
    if isinstance(value, Object):
        value = value.whole()
        if isinstance(value, Unknown):
            raise EvaluationError(value.reason)
    if isinstance(value, Set):
        yield from ((item, item) for item in value)
    elif isinstance(value, list):
        yield from enumerate(value)
    elif isinstance(value, dict):
        yield from ((key, value[key]) for key in sorted(value))
    else:
        raise EvaluationError(f"a collection is required, and this is {name_of(value)}")
