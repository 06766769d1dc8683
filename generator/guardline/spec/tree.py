"""YAML as plain data that remembers where each key and value stands.

Nothing is constructed from tags, so a spec cannot name a Python object. Booleans and numbers follow YAML 1.2's core
schema: ``off``, ``no`` and ``12:30`` are text, and a date is text too, so that what people write is what they get.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeAlias

import yaml

from guardline.spec import yaml_mistakes

Path: TypeAlias = tuple[str | int, ...]
Place: TypeAlias = tuple[int, int]  # line and column, both from 1

MAX_NODES = 20_000  # values after aliases are followed; a hand-written spec has hundreds
MAX_DEPTH = 30  # the spec's own deepest field is at 6

_TAG = "tag:yaml.org,2002:"


class _Loader(yaml.SafeLoader):
    """PyYAML's parser with the core schema's few plain types. Pure Python: deep nesting is an error, not a crash."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's own shape


for _name, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),  # PyYAML looks the empty scalar up under ""
    ("int", r"[-+]?[0-9]{1,18}", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]{1,40}\.[0-9]{0,40})([eE][-+]?[0-9]{1,3})?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(
        _TAG + _name, re.compile(f"^(?:{_pattern})$"), [letter.replace("\0", "") for letter in _first]
    )


@dataclass
class Tree:
    """The data, the place of each key and value by path, and what was wrong with the YAML itself."""

    data: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    mistakes: list[tuple[Place, str]] = field(default_factory=list)

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Where the value (or its key) stands; for what is absent, the nearest key above it."""
        if not key and path in self.values:
            return self.values[path]
        while path:
            if path in self.keys:
                return self.keys[path]
            if path in self.values:
                return self.values[path]
            path = path[:-1]
        return self.values.get((), (1, 1))


@lru_cache(maxsize=2)  # a run reads its spec for what it says, and again for where it says it
def read(text: str) -> Tree:
    """Parse the text. YAML that cannot be parsed gives one mistake and no data; never raises for bad text.

    The same text gives the same tree: nobody changes it.
    """
    tree = Tree()
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        tree.mistakes.append(yaml_mistakes.said(error))
    except yaml.YAMLError as error:  # the reader's: a character that YAML does not allow
        tree.mistakes.append((_reader_place(error, text), f"not valid YAML: {str(error).splitlines()[0]}"))
    except RecursionError:
        tree.mistakes.append(((1, 1), "nested too deeply"))
    except (ValueError, OverflowError):  # PyYAML lets these through, e.g. for the escape "\UFFFFFFFF"
        tree.mistakes.append(((1, 1), "not valid YAML: a number or escape in it is out of range"))
    else:
        if node is not None:
            try:
                tree.data = _Walk(tree).value(node, ())
            except _TooMuchError as error:
                tree.data = None
                tree.mistakes.append((error.place, str(error)))
    return tree


def _reader_place(error: yaml.YAMLError, text: str) -> Place:
    position = getattr(error, "position", 0)
    before = text[:position]
    return before.count("\n") + 1, position - (before.rfind("\n") + 1) + 1


class _TooMuchError(Exception):
    """The document is larger or deeper than any spec."""

    def __init__(self, node: yaml.Node, message: str) -> None:
        super().__init__(message)
        self.place = _start(node)


class _Walk:
    """Turns nodes into data, noting places. Aliases are followed, and counted each time."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.seen = 0

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.seen += 1
        if self.seen > MAX_NODES:
            raise _TooMuchError(node, f"more than {MAX_NODES} values (aliases counted each time they are used)")
        if len(path) > MAX_DEPTH:  # also ends an alias that contains itself
            raise _TooMuchError(node, f"nested more than {MAX_DEPTH} deep")
        # A block's own start is its first key, a line further on: people look for the key that holds it.
        scalar = isinstance(node, yaml.ScalarNode)
        self.tree.values[path] = _start(node) if scalar else self.tree.keys.get(path, _start(node))
        if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node)
        self.tree.mistakes.append((self.tree.values[path], _tag_refused(node)))
        return None

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self.scalar(key_node) if isinstance(key_node, yaml.ScalarNode) else None
            if not isinstance(key, str):
                self.mistake(key_node, "a key must be text; put it in quotes if it looks like something else")
                continue
            if key in data:
                line, _ = self.tree.keys[(*path, key)]
                self.mistake(key_node, f"`{key}` is given twice; the first is on line {line}")
                continue
            self.tree.keys[(*path, key)] = _start(key_node)
            data[key] = self.value(value_node, (*path, key))
        return data

    def scalar(self, node: yaml.ScalarNode) -> str | int | float | bool | None:
        text: str = node.value
        if node.tag == f"{_TAG}str":
            for problem in _bad_characters(text):
                self.mistake(node, problem)
            return text
        for tag, pattern in _Loader.yaml_implicit_resolvers.get(text[:1], []):
            if tag == node.tag and node.style is None and pattern.match(text):
                return _plain(tag.removeprefix(_TAG), text)
        self.mistake(node, _tag_refused(node))
        return None

    def mistake(self, node: yaml.Node, message: str) -> None:
        self.tree.mistakes.append((_start(node), message))


def _tag_refused(node: yaml.Node) -> str:
    return f"the tag {node.tag!r} is not accepted; write the value without it"


def _plain(kind: str, text: str) -> int | float | bool | None:
    if kind == "bool":
        return text.lower() == "true"
    if kind == "int":
        return int(text)
    return float(text) if kind == "float" else None


def _bad_characters(text: str) -> Iterator[str]:
    """Escapes can smuggle in what neither UTF-8 nor a Terraform string can hold."""
    for character in text:
        if "\ud800" <= character <= "\udfff" or (character < " " and character not in "\t\n\r") or character == "\x7f":
            yield f"holds the character U+{ord(character):04X}, which Terraform cannot"
            return


def _start(node: yaml.Node) -> Place:
    mark = node.start_mark
    return mark.line + 1, mark.column + 1
