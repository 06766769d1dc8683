"""The values of a block's body: attributes, nested blocks as lists, dynamic blocks written out.

Source: https://developer.hashicorp.com/terraform/language/expressions/dynamic-blocks
"""

from __future__ import annotations

from typing import Any

from guardline.validator.sources.hcl import syntax
from guardline.validator.sources.hcl.access import pairs
from guardline.validator.sources.hcl.evaluate import Local, attempt
from guardline.validator.sources.hcl.syntax import Block, Body
from guardline.validator.sources.hcl.values import EvaluationError, Unknown, bounded


def content(body: Body, scope: Local, skip: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Work out a body.

    Args:
        body: the body.
        scope: where it stands.
        skip: names of attributes and blocks that are no values.

    Returns:
        Attribute values by name; nested blocks as lists of such dicts. What cannot be told is unknown.
    """
    found: dict[str, Any] = {
        name: attempt(each.value, scope) for name, each in body.attributes.items() if name not in skip
    }
    for block in body.blocks:
        if block.type == "dynamic" and len(block.labels) == 1:
            _extend(found, block.labels[0], _dynamic(block, scope))
        elif block.type not in skip:
            _extend(found, block.type, [content(block.body, scope)])
    bounded(found)
    return found


def _extend(found: dict[str, Any], name: str, more: list[Any] | Unknown) -> None:
    before = found.get(name, [])
    if isinstance(before, Unknown):
        return
    if isinstance(more, Unknown):
        found[name] = more
    elif isinstance(before, list):
        found[name] = [*before, *more]


def _dynamic(block: Block, scope: Local) -> list[Any] | Unknown:
    given = block.body.attributes
    inner = next(iter(block.body.of("content")), None)
    if "for_each" not in given or inner is None:
        return Unknown(f"the dynamic block {block.labels[0]} has no for_each or no content")
    over = attempt(given["for_each"].value, scope)
    if isinstance(over, Unknown):
        return Unknown(f"how many {block.labels[0]} blocks there are is unknown: {over.reason}")
    iterator = given.get("iterator")
    name = iterator.value.name if iterator is not None and isinstance(iterator.value, syntax.Name) else block.labels[0]
    try:
        items = list(pairs(over))
    except EvaluationError as error:
        return Unknown(f"the dynamic block {block.labels[0]}: {error}")
    return [content(inner.body, scope.bind({name: {"key": key, "value": value}})) for key, value in items]
