"""The references of an expression, written as a plan writes them.

A plan lists each reference unwrapped from the longest to the shortest form: ``a.b[0].id, a.b[0], a.b``.
Source: https://developer.hashicorp.com/terraform/internals/json-format#expression-representation
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from guardline.validator.sources.address import Key, quote
from guardline.validator.sources.hcl.syntax import (
    Attr,
    Binary,
    Call,
    Choice,
    Conditional,
    Expression,
    For,
    Here,
    Index,
    Literal,
    Mapping,
    Name,
    Number,
    Repeat,
    Sequence,
    Splat,
    Template,
    Unary,
)


class Traversal(msgspec.Struct, frozen=True):
    """``root.a["b"].c``: `steps` are attribute names (as ``(name, None)``) and constant indexes (``("", key)``)."""

    root: str
    steps: tuple[tuple[str, Key], ...]

    def __str__(self) -> str:
        return self.root + "".join(_written(step) for step in self.steps)


def _written(step: tuple[str, Key]) -> str:
    return f".{step[0]}" if step[0] else quote(step[1])


def traversal(expression: Expression) -> Traversal | None:
    """The expression as one traversal of constant steps, else None."""
    steps: list[tuple[str, Key]] = []
    while not isinstance(expression, Name):
        if isinstance(expression, Attr):
            steps.append((expression.name, None))
        elif isinstance(expression, Index):
            key = _constant_key(expression.key)
            if key is None:
                return None
            steps.append(("", key))
        else:
            return None
        expression = expression.on
    return Traversal(expression.name, tuple(reversed(steps)))


def _constant_key(key: Expression) -> Key:
    if isinstance(key, Literal) and isinstance(key.value, str):
        return key.value
    if isinstance(key, Number) and key.text.isascii() and key.text.isdigit():
        return int(key.text)
    return None


def traversals(expression: Expression, bound: frozenset[str] = frozenset()) -> Iterator[Traversal]:
    """Every traversal in an expression, in Terraform's order; names bound by a `for` are no references."""
    whole = traversal(expression)
    if whole is not None:
        if whole.root not in bound and whole.steps:
            yield whole
        return
    if isinstance(expression, For | Repeat):
        yield from traversals(expression.source, bound)
        inner = bound | {expression.item} | ({expression.key} if expression.key else set())
        parts = [expression.body] if isinstance(expression, Repeat) else _results(expression)
        for part in parts:
            yield from traversals(part, inner)
        return
    for part in children(expression):
        yield from traversals(part, bound)


def _results(expression: For) -> list[Expression]:
    parts = (expression.result_key, expression.result, expression.condition)
    return [part for part in parts if part is not None]


def children(expression: Expression) -> list[Expression]:
    """The expressions directly inside one, in source order."""
    match expression:
        case Template(parts):
            return parts
        case Choice(condition, then, otherwise) | Conditional(condition, then, otherwise):
            return [condition, then, otherwise]
        case Repeat(_, _, source, body):
            return [source, body]
        case Sequence(items):
            return items
        case Mapping(pairs):
            return [part for pair in pairs for part in pair]
        case Attr(on, _):
            return [on]
        case Index(on, key):
            return [on, key]
        case Splat(on, body):
            return [on, body]
        case Call(_, args):
            return args
        case Unary(_, operand):
            return [operand]
        case Binary(_, left, right):
            return [left, right]
        case For():
            return [expression.source, *_results(expression)]
        case Literal() | Number() | Name() | Here():
            return []


_SUBJECTS = {"var": 1, "local": 1, "each": 1, "count": 1, "path": 1, "terraform": 1, "self": 0}
"""How many steps after the root belong to what is referred to."""


def unwrapped(found: Traversal) -> list[str]:
    """One reference as a plan lists it: itself, then shorter and shorter down to what can be referred to."""
    if found.root == "resource":
        if len(found.steps) < 2:
            return []
        found = Traversal(found.steps[0][0], found.steps[1:])
    if found.root in _SUBJECTS:
        least, also = _SUBJECTS[found.root], 0
    elif found.root == "module":
        least, also = _module(found.steps)
    else:
        least = 2 if found.root == "data" else 1
        also = 0
        if len(found.steps) > least and not found.steps[least][0]:  # the subject is an instance; its resource follows
            least, also = least + 1, 1
    if len(found.steps) < least:
        return []
    lengths = range(len(found.steps), least - also - 1, -1)
    return [str(Traversal(found.root, found.steps[:length])) for length in lengths]


def _module(steps: tuple[tuple[str, Key], ...]) -> tuple[int, int]:
    """``module.m[k].out`` is followed by ``module.m[k]``; ``module.m[k]`` alone by ``module.m``."""
    keyed = len(steps) > 1 and not steps[1][0]
    if len(steps) > 1 + keyed:
        return 2 + keyed, 1
    return (2, 1) if keyed else (1, 0)


def references(expression: Expression) -> list[str]:
    """All references of an expression, as a plan lists them."""
    return [text for found in traversals(expression) for text in unwrapped(found)]


def written(steps: list[Attr | Index], keys: list[Any]) -> str:
    """The steps of a reference as people write them.

    Args:
        steps: after the root.
        keys: the values of the indexes among them, in order.
    """
    made, left = "", iter(keys)
    for step in steps:
        if isinstance(step, Attr):
            made += f".{step.name}"
        else:
            key = next(left)
            made += quote(key) if isinstance(key, str | int) and not isinstance(key, bool) else "[...]"
    return made
