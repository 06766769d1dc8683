"""Evaluated values as a three-state `Tree`: what is known, and mirrors of what is unknown and of what is sensitive."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guardline.validator.sources.hcl.schema import Kind
from guardline.validator.sources.hcl.values import (
    EvaluationError,
    Object,
    Told,
    Unknown,
    plain,
    to_bool,
    to_number,
    to_text,
)
from guardline.validator.sources.tree import Tree

WHY = "cannot be told from the source"


def tree(values: dict[str, Any], mode: str, kind: Kind) -> Tree:
    """Make the tree of a resource's values, with the types that the provider's schema has.

    Args:
        values: as `content` gives them.
        mode: ``managed`` or ``data``.
        kind: what the schema tells of the type.
    """
    after, mark, sensitive = _split(values, "", kind)
    mark = mark or {}
    for name in kind.computed:
        if after.get(name) is None and name not in mark:
            mark[name] = f"is {'read from AWS when planning' if mode == 'data' else 'known only after apply'}"
    for name in kind.required:
        if after.get(name) is None and name not in mark:
            mark[name] = "is required and not given, so that Terraform refuses it"
    return Tree(after, mark, WHY, sensitive)


def _split(value: Any, name: str, kind: Kind) -> tuple[Any, Any, Any]:
    """The value, the mark of what is unknown in it, and the mark of what is sensitive: False where nothing is."""
    if isinstance(value, Object):
        value = value.whole()
    if isinstance(value, Unknown):
        return None, value.reason or True, False
    if isinstance(value, dict):
        after: dict[str, Any] = {}
        marks: dict[str, Any] = {}
        hidden: dict[str, Any] = {}
        for key, item in value.items():
            part = str.__str__(key)
            after[part], mark, sensitive = _split(item, part, kind)
            if mark is not False:
                marks[part] = mark
            if sensitive is not False:
                hidden[part] = sensitive
        return after, marks or False, hidden or False
    if isinstance(value, list):
        rows = [_split(item, name, kind) for item in value]
        marked = [row[1] for row in rows] if any(row[1] is not False for row in rows) else False
        return [row[0] for row in rows], marked, [row[2] for row in rows] if any(row[2] for row in rows) else False
    try:
        return _typed(value, name, kind), False, isinstance(value, Told) and value.sensitive
    except EvaluationError as error:
        return None, f"cannot be told: {error}", False


def _typed(value: Any, name: str, kind: Kind) -> Any:
    """A scalar as the provider takes it: ``enable = "true"`` is true, ``values = [1]`` are texts."""
    if value is None:
        return None
    if name in kind.bools:
        return to_bool(value)
    if name in kind.numbers:
        number = to_number(value)
        return float(number) if isinstance(number, Decimal) else number
    return plain(to_text(value))
