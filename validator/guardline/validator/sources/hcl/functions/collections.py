"""Collection functions. Lists and maps may hold unknown elements, which pass through."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import Any

from guardline.validator.sources.hcl.functions.base import Function, a_list, a_map, a_sequence
from guardline.validator.sources.hcl.functions.types import same_typed
from guardline.validator.sources.hcl.values import (
    SIZE,
    EvaluationError,
    Set,
    TooMuchError,
    Unknown,
    equal,
    identity,
    merged,
    tidy_number,
    to_bool,
    to_int,
    to_number,
    to_text,
    unknown_in,
)


def _length(value: Any) -> int:
    if isinstance(value, str | list | dict):
        return len(value)
    raise EvaluationError("a list, a map or a string is required")


def _element(items: Any, index: Any) -> Any:
    found, position = a_sequence(items), to_int(index)
    if not found:
        raise EvaluationError("the list is empty")
    wrapped = int(math.fmod(position, len(found)))  # Go's remainder has the sign of what is divided
    if wrapped < 0:
        raise EvaluationError("the index is negative")
    return found[wrapped]


def _coalesce(*values: Any) -> Any:
    """The first that is neither null nor an empty string. An id or ARN that is to come is neither."""
    kept = [value for value in values if value is not None and not (isinstance(value, str) and not value)]
    for position, value in enumerate(kept):
        if not isinstance(value, Unknown):
            return same_typed([value, *(v for v in values if isinstance(v, str))])[0]
        if not value.loose and value.of and all(each.attribute in ("id", "arn") for each in value.of):
            return value
        rest = [other for other in kept[position:] if isinstance(other, Unknown)]
        return merged(rest, loose=True)
    raise EvaluationError("no argument is other than null or empty")


def _coalescelist(*lists: Any) -> Any:
    for each in lists:
        if a_sequence(each):
            return each
    raise EvaluationError("no list has an element")


def _compact(items: Any) -> Any:
    return [item for item in a_list(items) if item not in (None, "")]


def _concat(*lists: Any) -> list[Any]:
    return [item for each in lists for item in a_sequence(each)]


def _contains(items: Any, value: Any) -> Any:
    if isinstance(items, Unknown) or unknown_in(value) is not None:
        return unknown_in(items, value)
    known = [item for item in a_list(items) if unknown_in(item) is None]
    if any(equal(item, value) for item in known):
        return True
    return False if len(known) == len(items) else unknown_in(items)


def _distinct(items: Any) -> list[Any]:
    found: list[Any] = []
    seen: set[Any] = set()
    for item in a_list(items):
        mark = identity(item)
        if mark not in seen:
            seen.add(mark)
            found.append(item)
    return found


def _flat(items: Any) -> Any:
    """Flatten, but an unknown that is a resource's plain attribute is one element."""
    found: list[Any] = []
    for item in a_list(items):
        if isinstance(item, list):
            inner = _flat(item)
            if isinstance(inner, Unknown):
                return inner
            found.extend(inner)
        elif isinstance(item, Unknown) and not (item.of and all(each.attribute in ("id", "arn") for each in item.of)):
            return item
        else:
            found.append(item)
    return found


def _index(items: Any, value: Any) -> int:
    for position, item in enumerate(a_sequence(items)):
        if equal(item, value):
            return position
    raise EvaluationError("the list does not hold the value")


def _keys(value: Any) -> list[str]:
    return sorted(a_map(value))


def _lookup(value: Any, key: Any, *default: Any) -> Any:
    found = a_map(value)
    name = to_text(key)
    if name in found:
        return found[name]
    if not default:
        raise EvaluationError("there is no such key, and no default")
    return default[0]


def _matchkeys(values: Any, keys: Any, wanted: Any) -> list[Any]:
    if len(a_list(values)) != len(a_list(keys)):
        raise EvaluationError("values and keys must be of one length")
    pairs = zip(values, keys, strict=True)
    return [value for value, key in pairs if any(equal(key, each) for each in a_list(wanted))]


def _merge(*maps: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in maps:
        if each is not None:
            found.update(a_map(each))
    return found


def _one(items: Any) -> Any:
    if items is None or len(a_list(items)) == 0:
        return None
    if len(items) > 1:
        raise EvaluationError("the list has more than one element")
    return items[0]


def _range(*args: Any) -> list[Any]:
    numbers = [to_number(arg) for arg in args]
    if not 1 <= len(numbers) <= 3:
        raise EvaluationError("one to three numbers are required")
    start, limit = (0, numbers[0]) if len(numbers) == 1 else (numbers[0], numbers[1])
    step = numbers[2] if len(numbers) == 3 else (1 if limit >= start else -1)
    if step == 0 or ((step > 0) != (limit >= start) and limit != start):
        raise EvaluationError("the step does not lead from the start to the limit")
    found: list[Any] = []
    value = start
    while value < limit if step > 0 else value > limit:
        if len(found) >= 1024:  # Terraform's own limit
            raise EvaluationError("more than 1024 numbers")
        found.append(tidy_number(value))
        value = value + step
    return found


def _setproduct(*lists: Any) -> Any:
    total = 1
    for each in lists:
        total *= max(len(a_list(each)), 1)
        if total > SIZE // 10:
            raise TooMuchError("setproduct makes a value that is too large")
    rows = [list(row) for row in product(*lists)]
    if not any(isinstance(each, Set) for each in lists):
        return rows
    # A set holds no row twice, and of two elements of which one is unknown it is unknown whether they are equal.
    unsure = next((found for each in lists if len(a_list(each)) > 1 and (found := unknown_in(each))), None)
    return unsure or Set.of(rows)


def _sets(*sets: Any) -> list[Set]:
    if not sets:
        raise EvaluationError("at least one set is required")
    found = [Set.of(a_list(each)) for each in sets]
    same_typed([item for each in found for item in each])
    return found


def _setintersection(*sets: Any) -> Set:
    first, *rest = _sets(*sets)
    return Set(item for item in first if all(any(equal(item, other) for other in each) for each in rest))


def _setsubtract(left: Any, right: Any) -> Set:
    first, second = _sets(left, right)
    return Set(item for item in first if not any(equal(item, other) for other in second))


def _slice(items: Any, start: Any, end: Any) -> list[Any]:
    first, last = to_int(start), to_int(end)
    if not 0 <= first <= last <= len(a_list(items)) or isinstance(items, Set):
        raise EvaluationError("start and end must lie in the list")
    return list(items[first:last])


def _transpose(value: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key in sorted(a_map(value)):
        for item in a_list(value[key]):
            found.setdefault(to_text(item), []).append(key)
    return found


def _zipmap(keys: Any, values: Any) -> dict[str, Any]:
    if len(a_list(keys)) != len(a_sequence(values)):
        raise EvaluationError("keys and values must be of one length")
    if any(isinstance(key, Unknown) for key in keys):
        raise EvaluationError("a key is unknown")
    return {to_text(key): value for key, value in zip(keys, values, strict=True)}


def _chunklist(items: Any, size: Any) -> list[Any]:
    step = to_int(size)
    if step < 0:
        raise EvaluationError("the size is negative")
    found = a_list(items)
    return [found[at : at + step] for at in range(0, len(found), step)] if step else [found]


FUNCTIONS: Mapping[str, Function] = {
    "alltrue": Function(lambda items: all(item is not None and to_bool(item) for item in a_list(items))),
    "anytrue": Function(lambda items: any(item is not None and to_bool(item) for item in a_list(items))),
    "chunklist": Function(_chunklist, deep=False),
    "coalesce": Function(_coalesce, lenient=True),
    "coalescelist": Function(_coalescelist, deep=False),
    "compact": Function(_compact),
    "concat": Function(_concat, deep=False),
    "contains": Function(_contains, lenient=True),
    "distinct": Function(_distinct),
    "element": Function(_element, deep=False),
    "flatten": Function(_flat, deep=False),
    "index": Function(_index),
    "keys": Function(_keys, deep=False),
    "length": Function(_length, deep=False),
    "lookup": Function(_lookup, deep=False),
    "matchkeys": Function(_matchkeys),
    "merge": Function(_merge, deep=False),
    "one": Function(_one, deep=False),
    "range": Function(_range),
    "reverse": Function(lambda items: list(reversed(a_list(items))), deep=False),
    "setintersection": Function(_setintersection),
    "setproduct": Function(_setproduct, deep=False),
    "setsubtract": Function(_setsubtract),
    "setunion": Function(lambda *sets: Set.of(item for each in _sets(*sets) for item in each)),
    "slice": Function(_slice, deep=False),
    "sort": Function(lambda items: sorted(to_text(item) for item in a_list(items))),
    "transpose": Function(_transpose),
    "values": Function(lambda value: [value[key] for key in sorted(a_map(value))], deep=False),
    "zipmap": Function(_zipmap, deep=False),
}
