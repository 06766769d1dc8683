"""The leaves of the spec: every field that holds a value of its own, read from the JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from guardline.spec.schema import schema


def leaves() -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    """Every leaf, as ``docs/spec.md`` writes it, and the kinds of value that it takes (parts of the schema).

    ``[]`` stands for an entry of a list and ``.KEY`` for a key of the user's own: ``suppression[].match.KEY.equals[]``.
    """
    whole = schema()
    found: dict[str, list[Mapping[str, Any]]] = {}
    for path, node in _below("", whole, whole["$defs"]):
        found.setdefault(path, []).append(node)
    return {path: tuple(nodes) for path, nodes in found.items()}


def _below(path: str, node: Mapping[str, Any], blocks: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "$ref" in node:
        node = blocks[node["$ref"].rpartition("/")[2]]
    if "properties" in node:
        for name, field in node["properties"].items():
            yield from _below(f"{path}.{name}".lstrip("."), field, blocks)
    elif "anyOf" in node:
        for each in node["anyOf"]:
            yield from _below(path, each, blocks)
    elif node.get("type") == "array":
        yield from _below(f"{path}[]", node["items"], blocks)
    elif isinstance(node.get("additionalProperties"), Mapping):
        yield from _below(f"{path}.KEY", node["additionalProperties"], blocks)
    elif node.get("type") != "null":
        yield path, node
