"""Terraform's JSON syntax (``.tf.json``) into the same `Body` as native syntax, with line numbers.

Without a provider's schema a nested object may be a block or an attribute; it stays an attribute, which reads the
same in a `Tree` (one object, or a list of them). Source: https://developer.hashicorp.com/terraform/language/syntax/json
"""

from __future__ import annotations

import json
import re
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined]  # public in CPython, not in typeshed
from typing import Any

from guardline.validator.sources.hcl.scan import marks
from guardline.validator.sources.hcl.syntax import (
    Attribute,
    Block,
    Body,
    Expression,
    HclError,
    Literal,
    Mapping,
    Number,
    Sequence,
)

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
LABELS = {"resource": 2, "data": 2, "ephemeral": 2, "module": 1, "provider": 1, "variable": 1, "output": 1, "check": 1}
_NESTED = {"lifecycle", "backend", "required_providers", "cloud"}


class Item:
    """A JSON value with its line: `value` is a dict of str to Item, a list of Item, or a plain value."""

    __slots__ = ("line", "value")

    def __init__(self, line: int, value: Any) -> None:
        self.line = line
        self.value = value


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.line = 1
        self.counted = 0

    def at(self, position: int) -> int:
        self.line += self.text.count("\n", self.counted, position)
        self.counted = position
        return self.line

    def skip(self, position: int) -> int:
        match = _SPACE.match(self.text, position)
        return match.end() if match else position

    def fail(self, position: int, expected: str) -> JSONDecodeError:
        return JSONDecodeError(f"expected {expected}", self.text, position)

    def value(self, position: int) -> tuple[Item, int]:
        line = self.at(position)
        char = self.text[position : position + 1]
        if char == "{":
            return self.members(position + 1, line)
        if char == "[":
            return self.elements(position + 1, line)
        if char == '"':
            text, end = scanstring(self.text, position + 1)
            return Item(line, text), end
        for word, found in _WORDS.items():
            if self.text.startswith(word, position):
                return Item(line, found), position + len(word)
        number = _NUMBER.match(self.text, position)
        if number is None:
            raise self.fail(position, "a value")
        return Item(line, Number(number[0])), number.end()

    def members(self, position: int, line: int) -> tuple[Item, int]:
        found: dict[str, Item] = {}
        position = self.skip(position)
        while not self.text.startswith("}", position):
            if not self.text.startswith('"', position):
                raise self.fail(position, "a quoted name or }")
            key_line = self.at(position)
            key, position = scanstring(self.text, position + 1)
            position = self.skip(position)
            if not self.text.startswith(":", position):
                raise self.fail(position, ":")
            item, position = self.value(self.skip(position + 1))
            if key in found:
                raise self.fail(position, f"{key!r} only once")
            found[key] = Item(key_line, item.value)
            position = self.separator(position, "}")
        return Item(line, found), position + 1

    def elements(self, position: int, line: int) -> tuple[Item, int]:
        found: list[Item] = []
        position = self.skip(position)
        while not self.text.startswith("]", position):
            item, position = self.value(position)
            found.append(item)
            position = self.separator(position, "]")
        return Item(line, found), position + 1

    def separator(self, position: int, close: str) -> int:
        position = self.skip(position)
        if self.text.startswith(",", position):
            position = self.skip(position + 1)
            if self.text.startswith(close, position):
                raise self.fail(position, "a value after the comma")
        elif not self.text.startswith(close, position):
            raise self.fail(position, f", or {close}")
        return position


def load(text: str) -> Item:
    """Read a JSON document with its lines.

    Raises:
        json.JSONDecodeError: not JSON.
    """
    reader = _Reader(text)
    item, end = reader.value(reader.skip(0))
    if reader.skip(end) != len(text):
        raise reader.fail(end, "nothing more")
    return item


def read(text: str, file: str) -> Body:
    """Read one ``.tf.json`` file.

    Raises:
        HclError: not JSON, or not the shape of Terraform's JSON syntax.
    """
    try:
        root = load(text)
    except json.JSONDecodeError as error:
        raise HclError(file, error.lineno, f"not valid JSON: {error.msg}", error.colno) from None
    blocks: list[Block] = []
    for part in _objects(root, file):
        for kind, item in part.items():
            blocks.extend(_blocks(kind, item, [], LABELS.get(kind, 0), file))
    return Body({}, blocks)


def members(text: str, file: str) -> dict[str, Attribute]:
    """Read a JSON file of values (``.tfvars.json``): strings are text, not templates.

    Raises:
        HclError: not a JSON object.
    """
    try:
        root = load(text)
    except json.JSONDecodeError as error:
        raise HclError(file, error.lineno, f"not valid JSON: {error.msg}", error.colno) from None
    if not isinstance(root.value, dict):
        raise HclError(file, root.line, "expected an object of variable values")
    return {name: Attribute(item.line, _value(item), file) for name, item in root.value.items()}


def _value(item: Item) -> Expression:
    value = item.value
    if isinstance(value, dict):
        return Mapping([(Literal(key), _value(inner)) for key, inner in value.items()])
    if isinstance(value, list):
        return Sequence([_value(inner) for inner in value])
    return value if isinstance(value, Number) else Literal(value)


def _objects(item: Item, file: str) -> list[dict[str, Item]]:
    items = item.value if isinstance(item.value, list) else [item]
    for each in items:
        if not isinstance(each.value, dict):
            raise HclError(file, each.line, "expected an object: a block's contents")
    return [{name: inner for name, inner in each.value.items() if name != "//"} for each in items]


def _blocks(kind: str, item: Item, labels: list[str], depth: int, file: str) -> list[Block]:
    found: list[Block] = []
    for part in _objects(item, file):
        if depth:
            for label, inner in part.items():
                found.extend(_blocks(kind, inner, [*labels, label], depth - 1, file))
        else:
            end = max((each.line for each in part.values()), default=item.line)
            found.append(Block(kind, labels, item.line, end, _body(part, file)))
    return found


def _body(part: dict[str, Item], file: str) -> Body:
    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []
    for name, item in part.items():
        if name == "dynamic":
            blocks.extend(_dynamic(item, file))
        elif name in _NESTED and isinstance(item.value, dict | list):
            blocks.extend(_blocks(name, item, [], 1 if name == "backend" else 0, file))
        elif name != "//":
            attributes[name] = Attribute(item.line, _expression(item, file))
    return Body(attributes, blocks)


def _dynamic(item: Item, file: str) -> list[Block]:
    found: list[Block] = []
    for part in _objects(item, file):
        for label, inner in part.items():
            for each in _objects(inner, file):
                content = _blocks("content", each.pop("content", Item(inner.line, {})), [], 0, file)
                body = _body(each, file)
                found.append(Block("dynamic", [label], inner.line, inner.line, Body(body.attributes, content)))
    return found


def _expression(item: Item, file: str) -> Expression:
    value = item.value
    if isinstance(value, dict):
        return Mapping([(_text(key, inner.line, file), _expression(inner, file)) for key, inner in value.items()])
    if isinstance(value, list):
        return Sequence([_expression(inner, file) for inner in value])
    if isinstance(value, str):
        return _text(value, item.line, file)
    return value if isinstance(value, Number) else Literal(value)


def _text(text: str, line: int, file: str) -> Expression:
    """A JSON string is a template; its inside may hold any expression."""
    if "${" not in text and "%{" not in text:
        return Literal(text)
    from guardline.validator.sources.hcl.convert import Converter
    from guardline.validator.sources.hcl.parse import grammar

    rewriting = marks(text)
    converter = Converter(file, rewriting, grammar)
    return converter.template(rewriting.apply(text) if rewriting is not None else text, line)
