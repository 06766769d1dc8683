"""A three-state reader over a value and its mirror of unknowns: known, unknown, or absent. Nothing else reads them.

In a plan, `after` holds what is known and `after_unknown` says what is not; an unknown looks like an absent value in
`after` alone. `after_unknown` may be `true` for a whole block, or a list such as `[false]` whose Python truth is True
although all of it is known. Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Self

import msgspec

from guardline.validator.model.value import NONE, Leaf, Value, known, known_alike, unknown
from guardline.validator.veil import VEIL, note


class Hidden(str):
    """A sensitive string: it compares as usual, and shows itself nowhere. What is made of it is veiled."""

    __slots__ = ()

    def __new__(cls, text: str) -> Self:
        """Note it as sensitive."""
        note(text)
        return super().__new__(cls, text)

    def __str__(self) -> str:
        return VEIL

    def __repr__(self) -> str:
        return VEIL

    def __format__(self, spec: str) -> str:
        return format(VEIL, spec)


class Lines(msgspec.Struct, frozen=True):
    """Where a value is written, and what stands in it.

    Attributes:
        file, line: of the attribute or block.
        inner: by attribute name, of a block or of each block of a list; or one for each block of a list; None where
            nothing finer is known, so that all of it stands on this line.
        variables: gives the variables of its module that an attribute is made of; they are looked for when asked.
    """

    file: str
    line: int
    inner: Mapping[str, Lines] | tuple[Lines, ...] | None = None
    variables: Callable[[], tuple[str, ...]] | None = None

    def below(self, key: str | int) -> Lines | None:
        """The lines one step down; None for what is not written."""
        if self.inner is None:
            return self
        if isinstance(self.inner, Mapping):
            return self.inner.get(key) if isinstance(key, str) else self
        return self.inner[key] if isinstance(key, int) and 0 <= key < len(self.inner) else None


class Written(msgspec.Struct, frozen=True):
    """Where a resource is written.

    Attributes:
        lines: its own, and those of what stands in it.
        calls: file and line of the module calls that lead to it, the innermost first.
    """

    lines: Lines
    calls: tuple[tuple[str, int], ...]


ABSENT = object()
"""Neither known nor marked unknown, in a source that writes every attribute down."""


def _found(mark: Any) -> Any:
    """The first mark below: True, a reason, or False for none. Iterative: a hostile plan may nest deeply."""
    if mark is False or mark is True or mark == {}:
        return mark or False
    stack = [mark]
    while stack:
        item = stack.pop()
        if item is True or isinstance(item, str):
            return item
        if isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return False


def _any_true(mark: Any) -> bool:
    """Whether anything below is marked."""
    return _found(mark) is not False


def _child(mark: Any, key: str | int) -> Any:
    if isinstance(mark, dict) and isinstance(key, str):
        return mark.get(key, False)
    if mark is True or isinstance(mark, str):
        return mark
    if isinstance(mark, list) and isinstance(key, int) and 0 <= key < len(mark):
        return mark[key]
    return False


def _down(value: Any, key: str | int, missing: object) -> Any:
    """One step down a plain value. Below a null or an empty list there is nothing; elsewhere it is `missing`."""
    if isinstance(value, dict) and isinstance(key, str):
        return value.get(key, missing)
    if isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value):
        return value[key]
    return None if value in (None, []) else missing


_LATER = "is known only after apply"


@lru_cache(maxsize=4096)
def _unknown(path: str, why: str) -> Value[Any]:
    """An unknown of no known line: one serves for all resources that have it for the same reason."""
    return unknown(f"{path} {why}")


class Tree:
    """One place in a value tree.

    Args:
        after: the value as far as it is known.
        mark: the mirror that says what is unknown: true, or a text that gives the reason (HCL knows it leaf by leaf).
        why: the reason to give for an unknown.
        sensitive: the mirror that says what must not be shown.
        gap: for a source that writes every attribute down (a plan, a state): what to say of one that is neither known
            nor marked unknown. "" for a source in which an absent attribute has its default (HCL).
        lines: where it is written, if the source tells.
        of: the address, file and line of the resource, for `Leaf`.
    """

    __slots__ = ("after", "gap", "keys", "lines", "mark", "of", "sensitive", "why")

    def __init__(
        self,
        after: Any,
        mark: Any = False,
        why: str = "",
        sensitive: Any = False,
        keys: tuple[str | int, ...] = (),
        gap: str = "",
        lines: Lines | None = None,
        of: tuple[str, str | None, int | None] = ("", None, None),
    ) -> None:
        self.lines = lines
        self.of = of
        self.gap = gap
        self.after = after
        self.mark = mark
        self.why = why
        self.sensitive = sensitive
        self.keys = keys

    @property
    def path(self) -> str:
        """The way here, as people write it: ``a.b[0]``; "" for the whole."""
        if len(self.keys) == 1:
            return str(self.keys[0])
        return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.keys).lstrip(".")

    def at(self, *path: str | int) -> Tree:
        """Go down; what is not there is absent (None) unless it is unknown."""
        after, mark, sensitive, lines = self.after, self.mark, self.sensitive, self.lines
        missing = ABSENT if self.gap else None
        for key in path:
            if mark is not False:
                mark = _child(mark, key)
            if sensitive is not False:
                sensitive = _child(sensitive, key)
            after = _down(after, key, missing)
            if lines is not None:
                lines = lines.below(key)
        return Tree(after, mark, self.why, sensitive, self.keys + path, self.gap, lines, self.of)

    @property
    def leaf(self) -> Leaf | None:
        """Where it is written, if the source tells."""
        lines = self.lines
        return Leaf(self.of, lines.file, lines.line, lines.variables) if lines is not None and self.keys else None

    def value(self) -> Value[Any]:
        """The whole value here; None for null or absent; unknown if any part of it is."""
        mark = _found(self.mark)
        if mark is not False:
            why = mark if isinstance(mark, str) else self.why or _LATER
            path = self.path or "it"
            return _unknown(path, why) if self.lines is None else unknown(f"{path} {why}", self.leaf)
        if self.after is ABSENT:
            return unknown(f"{self.path or 'it'} {self.gap}", self.leaf)
        if self.sensitive is not False and self.is_secret:
            note(self.after)
        return known(self.after, self.leaf)

    @property
    def is_set(self) -> bool:
        """Whether anything is given here, be its value known or not. A null is not."""
        return self.after not in (None, [], {}, "", ABSENT) or _any_true(self.mark)

    @property
    def is_secret(self) -> bool:
        """Whether it, or a part of it, must not be shown."""
        return _any_true(self.sensitive)

    @property
    def is_pending(self) -> bool:
        """Whether it, or a part of it, is marked as known only later."""
        return _any_true(self.mark)

    def typed(self, kind: type, what: str) -> Value[Any]:
        """The whole value here, unknown where it is of another type."""
        value = self.value()
        if not value.is_known:
            return value
        found = value.get()
        if found is None or (isinstance(found, kind) and not (kind is not bool and isinstance(found, bool))):
            return value
        return unknown(f"{self.path} should be {what} and is {type(found).__name__}", self.leaf)

    def _plain(self, path: tuple[str | int, ...], kind: type) -> Value[Any] | None:
        """What most attributes are: known, of the right type and no secret, or known only later; else None."""
        after = self.after
        if len(path) != 1 or self.lines is not None or type(after) is not dict:
            return None
        key, mark = path[0], self.mark
        if mark is not False:
            mark = mark.get(key, False) if type(mark) is dict else None
            if mark is True:
                return _unknown(str(key), self.why or _LATER)
            if mark is not False:
                return None
        secret = self.sensitive
        if secret is not False and (type(secret) is not dict or secret.get(key, False) is not False):
            return None
        found = after.get(key, ABSENT)
        if found is None or (found is ABSENT and not self.gap):
            return NONE
        return known_alike(found) if type(found) is kind else None

    def text(self, *path: str | int) -> Value[str | None]:
        """A string, or None; a value of another type is unknown, with that reason."""
        if (plain := self._plain(path, str)) is not None:
            return plain
        place = self.at(*path)
        value: Value[str | None] = place.typed(str, "a string")
        return value.map(lambda text: text and Hidden(text)) if place.is_secret else value

    def flag(self, *path: str | int) -> Value[bool | None]:
        """A bool, or None."""
        if (plain := self._plain(path, bool)) is not None:
            return plain
        return self.at(*path).typed(bool, "true or false")

    def number(self, *path: str | int) -> Value[int | None]:
        """A whole number, or None."""
        if (plain := self._plain(path, int)) is not None:
            return plain
        return self.at(*path).typed(int, "a whole number")

    def texts(self, *path: str | int) -> Value[tuple[str, ...]]:
        """A list or set of strings; absent is empty."""
        place = self.at(*path)
        value: Value[list[Any] | None] = place.typed(list, "a list")
        if not value.is_known:
            return unknown(value.reason or "", place.leaf)
        found = value.get() or []
        if not all(isinstance(item, str) for item in found):
            return unknown(f"{place.path} should be a list of strings", place.leaf)
        return known(tuple(map(Hidden, found)) if place.is_secret else tuple(found), place.leaf)

    def blocks(self, *path: str | int) -> Value[tuple[Tree, ...]]:
        """The nested blocks at a path. Unknown when their number is; each block's leaves may still be unknown."""
        place = self.at(*path)
        if place.mark is True or isinstance(place.mark, str):
            return unknown(place.value().reason or "", place.leaf)
        if place.after is None or place.after is ABSENT:
            value = place.value()
            return known((), place.leaf) if value.is_known else unknown(value.reason or "", place.leaf)
        if not isinstance(place.after, list) or not all(isinstance(item, dict) for item in place.after):
            if isinstance(place.after, dict):  # a block that nests as a single object
                return known((place,), place.leaf)
            return unknown(f"{place.path} should be a list of blocks", place.leaf)
        return known(tuple(place.at(index) for index in range(len(place.after))), place.leaf)
