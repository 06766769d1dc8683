"""The syntax tree of Terraform source, as typed structs that msgspec can keep in a cache.

One shape for native syntax and JSON syntax, so that everything behind it is written once.
Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
"""

from __future__ import annotations

from typing import Union

import msgspec


class HclError(ValueError):
    """Terraform source that cannot be read.

    Args:
        file: POSIX path as shown to people.
        line: 1-based line, or None where there is none.
        message: what is wrong, and what was expected.
        column: 1-based column, where known.
    """

    def __init__(self, file: str, line: int | None, message: str, column: int | None = None) -> None:
        where = file + (f":{line}" if line else "") + (f":{column}" if line and column else "")
        super().__init__(f"{where}: {message}")
        self.file, self.line, self.message, self.column = file, line, message, column

    def __reduce__(self) -> tuple[type[HclError], tuple[str, int | None, str, int | None]]:
        return HclError, (self.file, self.line, self.message, self.column)  # it travels between processes


class Node(msgspec.Struct, frozen=True, array_like=True, tag=True, gc=False):
    """An expression."""


class Literal(Node, frozen=True):
    """A string, true, false or null."""

    value: str | bool | None


class Number(Node, frozen=True):
    """A number as written: Terraform's are decimal, and more exact than a float."""

    text: str


class Template(Node, frozen=True):
    """A string with interpolations; always a string, unlike a lone ``"${x}"``, which is `x` itself."""

    parts: list[Expression]


class Choice(Node, frozen=True):
    """``%{ if }`` in a template."""

    condition: Expression
    then: Expression
    otherwise: Expression


class Repeat(Node, frozen=True):
    """``%{ for }`` in a template."""

    key: str | None
    item: str
    source: Expression
    body: Expression


class Sequence(Node, frozen=True):
    """``[a, b]``."""

    items: list[Expression]


class Mapping(Node, frozen=True):
    """``{a = b}``."""

    items: list[tuple[Expression, Expression]]


class Name(Node, frozen=True):
    """The first step of a traversal: ``var``, ``aws_vpc``, an iterator, ..."""

    name: str


class Attr(Node, frozen=True):
    """``on.name``."""

    on: Expression
    name: str


class Index(Node, frozen=True):
    """``on[key]``."""

    on: Expression
    key: Expression


class Here(Node, frozen=True):
    """What a splat's body stands on: each element in turn."""


class Splat(Node, frozen=True):
    """``on[*].x`` and ``on.*.x``; `body` is the rest, written over `Here`."""

    on: Expression
    body: Expression


class Call(Node, frozen=True):
    """A function call; `spread` when the last argument ends in ``...``."""

    name: str
    args: list[Expression]
    spread: bool = False


class Unary(Node, frozen=True):
    """``!x`` or ``-x``."""

    operator: str
    operand: Expression


class Binary(Node, frozen=True):
    """``a + b`` and the like."""

    operator: str
    left: Expression
    right: Expression


class Conditional(Node, frozen=True):
    """``c ? a : b``."""

    condition: Expression
    then: Expression
    otherwise: Expression


class For(Node, frozen=True):
    """``[for k, v in x : v if c]``, and with `result_key` ``{for k, v in x : a => b}``; `group` with ``...``."""

    key: str | None
    item: str
    source: Expression
    result: Expression
    result_key: Expression | None = None
    condition: Expression | None = None
    group: bool = False


Expression = Union[  # noqa: UP007 - a forward reference inside structs must be one name that msgspec can resolve
    Literal,
    Number,
    Template,
    Choice,
    Repeat,
    Sequence,
    Mapping,
    Name,
    Attr,
    Index,
    Here,
    Splat,
    Call,
    Unary,
    Binary,
    Conditional,
    For,
]


class Attribute(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """``name = value``, its 1-based line, and its file where an override file gave it."""

    line: int
    value: Expression
    file: str = ""


class Body(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What stands between braces, or in a whole file."""

    attributes: dict[str, Attribute] = {}
    blocks: list[Block] = []

    def of(self, kind: str) -> list[Block]:
        """The nested blocks of one type."""
        return [block for block in self.blocks if block.type == kind]


class Block(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """``type "label" { ... }`` from its first to its last line (1-based, both inclusive)."""

    type: str
    labels: list[str]
    line: int
    end: int
    body: Body
    file: str = ""
