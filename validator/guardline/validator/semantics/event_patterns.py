"""EventBridge event patterns, evaluated against events.

Fields are joined by *and*, a field's alternatives by *or*; ``$or`` joins whole objects by *or*. An array in the event
stands for each of its elements, and fields of one object pattern must be found in the same element.
Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern.html and
https://github.com/aws/event-ruler (the engine; it also reads a dot in a name as one more level).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NoReturn

import msgspec
from msgspec.structs import replace

from guardline.validator.semantics.event_operators import OPERATORS, Test, alternatives, refuse

Path = tuple[str, ...]
Leaf = tuple[Test, ...]
_DEEPEST = 100  # far more levels than an event has, and few enough to walk


class Pattern(msgspec.Struct, frozen=True, eq=False):
    """A compiled pattern, or a nested object of one. It is equal to itself alone, so that asking again what it matches
    is cheap; one text is parsed once.

    Attributes:
        fields: name and what it takes: alternatives for a leaf, or a nested pattern. All must match.
        either: each group of alternatives under a ``$or``; of each group one must match.
        text: the JSON that it was parsed from; "" of a part.
    """

    fields: tuple[tuple[str, Leaf | Pattern], ...]
    either: tuple[tuple[Pattern, ...], ...] = ()
    text: str = ""

    def matches(self, event: Mapping[str, object]) -> bool:
        """Whether EventBridge would hand this event to the rule's targets."""
        return all(_field_matches(wanted, event, name) for name, wanted in self.fields) and all(
            any(one.matches(event) for one in group) for group in self.either
        )

    def paths(self) -> frozenset[Path]:
        """The leaf fields that the pattern names, e.g. ``("detail", "severity")``; others cannot change its answer."""
        found: set[Path] = set()
        for name, wanted in self.fields:
            below = wanted.paths() if isinstance(wanted, Pattern) else [()]
            found.update((name, *rest) for rest in below)
        return frozenset(found).union(*(one.paths() for group in self.either for one in group))

    def without(self, dropped: Callable[[Path], bool], above: Path = ()) -> Pattern:
        """The pattern without the leaf fields whose paths are `dropped`; it matches at least as much."""
        fields: list[tuple[str, Leaf | Pattern]] = []
        for name, wanted in self.fields:
            path = (*above, name)
            if isinstance(wanted, Pattern):
                fields.append((name, wanted.without(dropped, path)))
            elif not dropped(path):
                fields.append((name, wanted))
        return Pattern(
            tuple(fields), tuple(tuple(one.without(dropped, above) for one in group) for group in self.either)
        )

    def parted(self, belongs: Callable[[Path], bool]) -> tuple[Pattern, Pattern] | None:
        """The leaf fields that belong, and the others: two patterns that together match what this one does.

        They may be tried one by one where what belongs and what does not are no elements of one array. None where a
        ``$or`` joins both kinds.
        """
        if _mixes(self, belongs, ()):
            return None
        return self.without(lambda path: not belongs(path)), self.without(belongs)

    def wants_only_absence(self) -> bool:
        """Whether every leaf is ``exists: false``: then one element of an array that has the field is too many."""
        return not self.either and all(
            wanted.wants_only_absence() if isinstance(wanted, Pattern) else all(test.accepts is None for test in wanted)
            for _, wanted in self.fields
        )


def matches(pattern: Mapping[str, object], event: Mapping[str, object]) -> bool:
    """Whether a pattern, given as the JSON object, matches the event.

    Raises:
        ValueError: EventBridge would refuse the pattern; the message says where and why.
    """
    return compile_pattern(pattern).matches(event)


@lru_cache(maxsize=1024)  # the same few patterns stand in every region
def parse(text: str) -> Pattern:
    """Read a pattern's JSON text.

    Raises:
        ValueError: EventBridge would refuse the pattern; the message says where and why.
    """
    try:
        decoded = json.loads(text, parse_constant=_no_constant)
        if not isinstance(decoded, dict):
            refuse("", "expected a JSON object")
        return replace(compile_pattern(decoded), text=text)
    except json.JSONDecodeError as error:
        raise ValueError(f"the event pattern is not JSON: {error}") from error
    except RecursionError as error:
        raise ValueError("the event pattern is nested too deeply") from error


def compile_pattern(pattern: Mapping[str, object]) -> Pattern:
    """Compile a pattern given as the JSON object; raises `ValueError` as `parse` does."""
    return _object(pattern, "", 0)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"the event pattern is not JSON: {name} is no JSON value")


def _object(pattern: Mapping[str, object], where: str, above: int) -> Pattern:
    if not pattern:
        refuse(where, "an object names at least one field")
    fields: list[tuple[str, Leaf | Pattern]] = []
    either: list[tuple[Pattern, ...]] = []
    for key, wanted in pattern.items():
        inner = f"{where}.{key}" if where else key
        levels = above + 1 + key.count(".")
        if levels > _DEEPEST:
            raise ValueError("the event pattern is nested too deeply")
        if key == "$or" and (group := _alternatives(wanted)) is not None:
            either.append(tuple(_object(one, f"{inner}[{place}]", levels) for place, one in enumerate(group)))
            continue
        if isinstance(wanted, Mapping):
            made: Leaf | Pattern = _object(wanted, inner, levels)
        elif isinstance(wanted, Sequence) and not isinstance(wanted, str):
            if not wanted:
                refuse(inner, "the list of values is empty")
            made = alternatives(wanted, inner)
        else:
            refuse(inner, f"expected an object or a list of values, e.g. [{json.dumps(wanted)}]")
        first, *rest = key.split(".")
        for name in reversed(rest):
            made = Pattern(((name, made),))
        fields.append((first, made))
    return Pattern(tuple(fields), tuple(either))


def _alternatives(wanted: object) -> list[Mapping[str, object]] | None:
    """The objects under a ``$or``; None where the engine takes ``$or`` for the name of a field."""
    if not isinstance(wanted, Sequence) or isinstance(wanted, str) or len(wanted) < 2:
        return None
    objects = [one for one in wanted if isinstance(one, Mapping)]
    if len(objects) < len(wanted) or any(key in OPERATORS for one in objects for key in one):
        return None
    return objects


def _mixes(pattern: Pattern, belongs: Callable[[Path], bool], above: Path) -> bool:
    """Whether one ``$or`` joins fields of which some belong and others do not."""
    groups = ((path for one in group for path in one.paths()) for group in pattern.either)
    return any(len({belongs((*above, *path)) for path in group}) > 1 for group in groups) or any(
        isinstance(wanted, Pattern) and _mixes(wanted, belongs, (*above, name)) for name, wanted in pattern.fields
    )


def _field_matches(wanted: Leaf | Pattern, event: Mapping[str, object], name: str) -> bool:
    value = event.get(name)
    if isinstance(value, str) and not isinstance(wanted, Pattern):  # what most fields are, without the lists below
        return any(test.accepts is not None and test.accepts(value) for test in wanted)
    if isinstance(value, dict) and isinstance(wanted, Pattern):
        return wanted.matches(value)
    found = list(_elements(value)) if name in event else []
    if isinstance(wanted, Pattern):
        objects = [element for element in found if isinstance(element, Mapping)]
        quantity = all if wanted.wants_only_absence() else any
        return quantity(wanted.matches(one) for one in objects or ({},))
    leaves = [element for element in found if not isinstance(element, Mapping)]
    return any(not leaves if test.accepts is None else any(test.accepts(leaf) for leaf in leaves) for test in wanted)


def _elements(value: object) -> Iterator[object]:
    """A value, or the elements of an array, at any depth of arrays."""
    if isinstance(value, list | tuple):
        for element in value:
            yield from _elements(element)
    else:
        yield value
