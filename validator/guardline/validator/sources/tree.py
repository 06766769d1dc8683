"""A three-state reader over a value and its mirror of unknowns: known, unknown, or absent. Nothing else reads them.

In a plan, `after` holds what is known and `after_unknown` says what is not; an unknown looks like an absent value in
`after` alone. `after_unknown` may be `true` for a whole block, or a list such as `[false]` whose Python truth is True
although all of it is known. Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from typing import Any

from guardline.validator.value import Value, known, unknown


class Hidden(str):
    """A sensitive string: it compares as usual, and shows itself nowhere."""

    __slots__ = ()

    def __str__(self) -> str:
        return "(sensitive)"

    def __repr__(self) -> str:
        return "(sensitive)"

    def __format__(self, spec: str) -> str:
        return format("(sensitive)", spec)


def _any_true(mark: Any) -> bool:
    """Whether anything below is marked. Iterative: a hostile plan may nest deeply."""
    stack = [mark]
    while stack:
        item = stack.pop()
        if item is True:
            return True
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return False


def _child(mark: Any, key: str | int) -> Any:
    if mark is True:
        return True
    if isinstance(mark, dict) and isinstance(key, str):
        return mark.get(key, False)
    if isinstance(mark, list) and isinstance(key, int) and 0 <= key < len(mark):
        return mark[key]
    return False


class Tree:
    """One place in a value tree.

    Args:
        after: the value as far as it is known.
        mark: the mirror that says what is unknown.
        why: the reason to give for an unknown.
        sensitive: the mirror that says what must not be shown.
    """

    __slots__ = ("after", "mark", "path", "sensitive", "why")

    def __init__(self, after: Any, mark: Any = False, why: str = "", sensitive: Any = False, path: str = "") -> None:
        self.after = after
        self.mark = mark
        self.why = why
        self.sensitive = sensitive
        self.path = path

    def at(self, *path: str | int) -> Tree:
        """Go down; what is not there is absent (None) unless it is unknown."""
        after, mark, sensitive, name = self.after, self.mark, self.sensitive, self.path
        for key in path:
            mark, sensitive = _child(mark, key), _child(sensitive, key)
            if isinstance(after, dict) and isinstance(key, str):
                after = after.get(key)
            elif isinstance(after, list) and isinstance(key, int) and 0 <= key < len(after):
                after = after[key]
            else:
                after = None
            name = f"{name}[{key}]" if isinstance(key, int) else f"{name}.{key}".lstrip(".")
        return Tree(after, mark, self.why, sensitive, name)

    def value(self) -> Value[Any]:
        """The whole value here; None for null or absent; unknown if any part of it is."""
        if _any_true(self.mark):
            return unknown(f"{self.path or 'it'} {self.why or 'is known only after apply'}")
        return known(self.after)

    @property
    def is_set(self) -> bool:
        """Whether anything is given here, be its value known or not. A null is not."""
        return self.after not in (None, [], {}, "") or _any_true(self.mark)

    def _typed(self, *path: str | int, kind: type, what: str) -> Value[Any]:
        place = self.at(*path)
        value = place.value()
        if not value.is_known:
            return value
        found = value.get()
        if found is None or (isinstance(found, kind) and not (kind is not bool and isinstance(found, bool))):
            return value
        return unknown(f"{place.path} should be {what} and is {type(found).__name__}")

    def text(self, *path: str | int) -> Value[str | None]:
        """A string, or None; a value of another type is unknown, with that reason."""
        value: Value[str | None] = self._typed(*path, kind=str, what="a string")
        return value.map(Hidden) if _any_true(self.at(*path).sensitive) and value.known_or(None) is not None else value

    def flag(self, *path: str | int) -> Value[bool | None]:
        """A bool, or None."""
        return self._typed(*path, kind=bool, what="true or false")

    def number(self, *path: str | int) -> Value[int | None]:
        """A whole number, or None."""
        return self._typed(*path, kind=int, what="a whole number")

    def texts(self, *path: str | int) -> Value[tuple[str, ...]]:
        """A list or set of strings; absent is empty."""
        place = self.at(*path)
        value: Value[list[Any] | None] = self._typed(*path, kind=list, what="a list")
        if not value.is_known:
            return unknown(value.reason or "")
        found = value.get() or []
        if not all(isinstance(item, str) for item in found):
            return unknown(f"{place.path} should be a list of strings")
        return known(tuple(found))

    def blocks(self, *path: str | int) -> Value[tuple[Tree, ...]]:
        """The nested blocks at a path. Unknown when their number is; each block's leaves may still be unknown."""
        place = self.at(*path)
        if place.mark is True:
            return unknown(f"{place.path} {self.why or 'is known only after apply'}")
        if place.after is None:
            if _any_true(place.mark):
                return unknown(f"{place.path} {self.why or 'is known only after apply'}")
            return known(())
        if not isinstance(place.after, list) or not all(isinstance(item, dict) for item in place.after):
            if isinstance(place.after, dict):  # a block that nests as a single object
                return known((place,))
            return unknown(f"{place.path} should be a list of blocks")
        return known(tuple(place.at(index) for index in range(len(place.after))))
