"""Values against botocore's shapes: what AWS's own service model allows, and how it is written on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import Any

# botocore ships no types; its shapes are read by attribute.
Shape = Any

PYTHON_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "character": str,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "list": list,
    "map": dict,
    "structure": dict,
    "timestamp": datetime,
}


def problems(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """Everything about a value that the service model forbids, one sentence each.

    Args:
        value: plain data keyed by member names, as boto3 takes it.
        shape: the botocore shape it must have.
        path: what to call the value in the sentences.
    """
    kind = shape.type_name
    expected = PYTHON_TYPES.get(kind)
    if expected is not None and (not isinstance(value, expected) or (expected is int and isinstance(value, bool))):
        yield f"{path}: expected a {kind}, got {type(value).__name__}"
        return
    yield from _out_of_bounds(value, shape, path)
    if kind == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                yield f"{path}: the required member {name} is missing"
        for name, member in value.items():
            if name in shape.members and member is not None:
                yield from problems(member, shape.members[name], f"{path}.{name}")
    elif kind == "list":
        for index, member in enumerate(value):
            yield from problems(member, shape.member, f"{path}[{index}]")
    elif kind == "map":
        for key, member in value.items():
            yield from problems(key, shape.key, f"{path} key {key!r}")
            yield from problems(member, shape.value, f"{path}[{key!r}]")


def _out_of_bounds(value: Any, shape: Shape, path: str) -> Iterator[str]:
    rules = shape.metadata
    allowed = rules.get("enum")
    if allowed and value not in allowed:
        yield f"{path}: {value!r} is not one of {', '.join(allowed)}"
    size = len(value) if isinstance(value, str | list | dict) else value
    if "min" in rules and size < rules["min"]:
        yield f"{path}: {size} is less than the minimum of {rules['min']}"
    if "max" in rules and size > rules["max"]:
        yield f"{path}: {size} is more than the maximum of {rules['max']}"
    if "pattern" in rules and isinstance(value, str) and not _pattern(rules["pattern"]).search(value):
        yield f"{path}: {value!r} does not match {rules['pattern']}"


# Classes of characters that Python's `re` does not know, in words that it does; all but the letters are a little wide.
_CLASSES = {"L": r"\w", "M": r"\w", "N": r"\d", "Z": r"\s", "P": r"!-/:-@\[-`{-~", "S": r"$+<->^`|~"}


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\p\{(\w)\w*\}", lambda found: _CLASSES[found[1]], text))


def from_wire(value: Any, shape: Shape) -> Any:
    """JSON as it came, keyed by member names. What the shape does not know is left out, as AWS ignores it."""
    if shape.type_name == "structure" and isinstance(value, dict):
        names = {member.serialization.get("name", name): name for name, member in shape.members.items()}
        return {
            names[key]: from_wire(member, shape.members[names[key]])
            for key, member in value.items()
            if key in names and member is not None
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [from_wire(member, shape.member) for member in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: from_wire(member, shape.value) for key, member in value.items()}
    if shape.type_name == "timestamp" and isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    return value


def to_wire(value: Any, shape: Shape) -> Any:
    """Data keyed by member names, as the JSON that goes out."""
    if shape.type_name == "structure":
        return {
            shape.members[name].serialization.get("name", name): to_wire(member, shape.members[name])
            for name, member in value.items()
            if member is not None
        }
    if shape.type_name == "list":
        return [to_wire(member, shape.member) for member in value]
    if shape.type_name == "map":
        return {key: to_wire(member, shape.value) for key, member in value.items()}
    if shape.type_name == "timestamp":
        return value.timestamp()
    return value


def from_text(value: str, shape: Shape) -> Any:
    """A value of the path or the query string. What cannot be read stays text, for `problems` to refuse."""
    if shape.type_name in ("integer", "long") and re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    if shape.type_name == "boolean" and value in ("true", "false"):
        return value == "true"
    return value
