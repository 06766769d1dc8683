"""python-hcl2's parse tree into our syntax tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from guardline.validator.sources.hcl.scan import Marks, ScanError, pieces
from guardline.validator.sources.hcl.syntax import (
    Attr,
    Attribute,
    Binary,
    Block,
    Body,
    Call,
    Conditional,
    Expression,
    For,
    HclError,
    Here,
    Index,
    Literal,
    Mapping,
    Name,
    Number,
    Sequence,
    Splat,
    Unary,
)
from guardline.validator.sources.hcl.template import (
    Directive,
    Inserted,
    Part,
    TemplateError,
    Text,
    Trim,
    build,
    unescape,
)

LarkTree = Any
"""A `lark.Tree`: its children are trees and tokens, told apart by ``data``, which only trees have."""

_LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
_QUIET = {"new_line_or_comment"}


class Converter:
    """Converts one file's tree.

    Args:
        file: for errors.
        marks: the rewriting that the text went through before the parse.
        grammar: parses HCL text into a tree; used for what stands inside heredocs.
        line: what to add to the tree's lines.
    """

    def __init__(self, file: str, marks: Marks | None, grammar: Callable[[str], Any], line: int = 0) -> None:
        self.file = file
        self.marks = marks
        self.grammar = grammar
        self.line = line
        self._terms: dict[str, Callable[[Any], Expression]] = {
            "expr_term": self._term,
            "string": self._string,
            "template_string": lambda tree: Literal(unescape(str(tree.children[0])[2:-2])),
            "int_lit": self._number,
            "float_lit": self._number,
            "literal_value": lambda tree: Literal(_LITERALS[str(tree.children[0])]),
            "identifier": lambda tree: Name(self._name(tree)),
            "keyword": lambda tree: Name(self._name(tree)),
            "tuple": lambda tree: Sequence([self.expression(child) for child in _trees(tree)]),
            "object": self._object,
            "function_call": self._call,
            "heredoc_template": self._heredoc,
            "heredoc_template_trim": self._heredoc,
            "index_expr_term": self._index,
            "get_attr_expr_term": self._attr,
            "attr_splat_expr_term": self._attr_splat,
            "full_splat_expr_term": self._full_splat,
            "for_tuple_expr": self._for,
            "for_object_expr": self._for,
            "conditional": self._conditional,
            "binary_op": self._binary,
            "unary_op": lambda tree: Unary(str(tree.children[0]), self.expression(tree.children[-1])),
        }

    def body(self, tree: LarkTree) -> Body:
        """Convert a body.

        Raises:
            HclError: an attribute is given twice, a bad escape, a template that does not end.
        """
        attributes: dict[str, Attribute] = {}
        blocks: list[Block] = []
        for child in _trees(tree):
            if child.data == "attribute":
                name = self._name(child.children[0])
                line = _line(child) + self.line
                if name in attributes:
                    raise HclError(self.file, line, f"{name} is set twice; first in line {attributes[name].line}")
                attributes[name] = Attribute(line, self.expression(child.children[-1]))
            else:
                blocks.append(self._block(child))
        return Body(attributes, blocks)

    def expression(self, tree: LarkTree) -> Expression:
        """Convert an expression."""
        return self._terms[tree.data](tree)

    # -- bodies --------------------------------------------------------------------------------------------------

    def _block(self, tree: LarkTree) -> Block:
        *heads, body = _trees(tree)
        labels = [self._label(head) for head in heads[1:]]
        first, last = _line(tree) + self.line, tree.meta.end_line + self.line
        return Block(self._name(heads[0]), labels, first, last, self.body(body))

    def _label(self, tree: LarkTree) -> str:
        if tree.data != "string":
            return self._name(tree)
        value = self._string(tree)
        if not isinstance(value, Literal) or not isinstance(value.value, str):
            raise HclError(self.file, _line(tree) + self.line, "a block label must be plain text, without ${ }")
        return value.value

    def _name(self, tree: LarkTree) -> str:
        text = str(tree.children[0])
        return self.marks.restore(text) if self.marks else text

    # -- terms ---------------------------------------------------------------------------------------------------

    def _term(self, tree: LarkTree) -> Expression:
        for child in tree.children:
            if hasattr(child, "data") and child.data not in _QUIET:
                return self.expression(child)
        raise AssertionError("the grammar gives every term a child")

    @staticmethod
    def _number(tree: LarkTree) -> Expression:
        return Number(str(tree.children[0]))

    def _object(self, tree: LarkTree) -> Expression:
        items: list[tuple[Expression, Expression]] = []
        for element in _trees(tree):
            key, value = _trees(element)
            name = _bare(key.children[0])
            made: Expression = Literal(self._name(name)) if name is not None else self.expression(key.children[0])
            items.append((made, self.expression(value)))
        return Mapping(items)

    def _call(self, tree: LarkTree) -> Expression:
        names = [self._name(child) for child in _trees(tree) if child.data == "identifier"]
        arguments = next((child for child in _trees(tree) if child.data == "arguments"), None)
        if arguments is None:
            return Call("::".join(names), [])
        spread = any(getattr(child, "type", "") == "ELLIPSIS" for child in arguments.children)
        return Call("::".join(names), [self.expression(child) for child in _trees(arguments)], spread)

    def _step(self, on: Expression, tree: LarkTree) -> Expression:
        """Apply ``.name``, ``.0`` or ``[key]``."""
        if tree.data == "get_attr":
            return Attr(on, self._name(tree.children[-1]))
        if tree.data == "short_index":
            return Index(on, Number(str(tree.children[-1])))
        return Index(on, self.expression(next(_trees(tree))))

    def _attr(self, tree: LarkTree) -> Expression:
        on, step = _trees(tree)
        return self._step(self.expression(on), step)

    _index = _attr

    def _full_splat(self, tree: LarkTree) -> Expression:
        on, splat = _trees(tree)
        body: Expression = Here()
        for step in _trees(splat):
            body = self._step(body, step)
        return self._after(on, lambda before: Splat(before, body))

    def _after(self, on: LarkTree, apply: Callable[[Expression], Expression]) -> Expression:
        """Apply a splat to a term. What follows a full splat is of each of its elements, a further splat too."""
        made = self.expression(on)
        return _innermost(made, apply) if _is_full_splat(on) and isinstance(made, Splat) else apply(made)

    def _attr_splat(self, tree: LarkTree) -> Expression:
        """``a.*.b[0]``: only the names are taken of each element; an index is of the list that results."""
        on, splat = _trees(tree)
        body: Expression = Here()
        steps = list(_trees(splat))
        while steps and steps[0].data != "braces_index":
            body = self._step(body, steps.pop(0))

        def apply(before: Expression) -> Expression:
            found: Expression = Splat(before, body)
            for step in steps:
                found = self._step(found, step)
            return found

        return self._after(on, apply)

    def _for(self, tree: LarkTree) -> Expression:
        intro, *rest = _trees(tree)
        names = [self._name(child) for child in _trees(intro) if child.data == "identifier"]
        source = self.expression(list(_trees(intro))[-1])  # never an identifier: a bare name is an expr_term here
        condition = self.expression(next(_trees(rest.pop()))) if rest[-1].data == "for_cond" else None
        results = [self.expression(child) for child in rest]
        group = any(getattr(child, "type", "") == "ELLIPSIS" for child in tree.children)
        return For(
            names[0] if len(names) > 1 else None,
            names[-1],
            source,
            results[-1],
            results[0] if len(results) > 1 else None,
            condition,
            group,
        )

    def _conditional(self, tree: LarkTree) -> Expression:
        condition, then, otherwise = (self.expression(child) for child in _trees(tree))
        return Conditional(condition, then, otherwise)

    def _binary(self, tree: LarkTree) -> Expression:
        left, term = _trees(tree)
        operator, right = _trees(term)
        sign = str(operator.children[0]).rpartition("\n")[2].strip()  # the newlines before it come along
        return Binary(sign, self.expression(left), self.expression(right))

    # -- templates -----------------------------------------------------------------------------------------------

    def _string(self, tree: LarkTree) -> Expression:
        children = tree.children
        if len(children) == 2:
            return Literal("")
        try:
            if self.marks is None and len(children) == 3:
                only = children[1].children[0]
                if not hasattr(only, "data"):  # the common case: no interpolation
                    return Literal(unescape(str(only)))
            return build(list(self._parts(children[1:-1])))
        except TemplateError as error:
            raise HclError(self.file, _line(tree) + self.line, str(error)) from None

    def _parts(self, children: list[Any], *, escapes: bool = True) -> Iterator[Part]:
        for child in children:
            part = child.children[0]
            if not hasattr(part, "data"):
                yield from self._text(str(part), escapes=escapes)
            elif part.data == "interpolation":
                yield Inserted(self.expression(next(_trees(part))))
            else:
                yield from self._directive(part)

    def _text(self, text: str, *, escapes: bool) -> Iterator[Part]:
        left = right = False
        if self.marks is not None:
            right = text.startswith(self.marks.right)
            left = text.endswith(self.marks.left)
            text = text.removeprefix(self.marks.right).removesuffix(self.marks.left)
        if right:
            yield Trim(left=False)
        if text:
            plain = unescape(text) if escapes else text
            yield Text(self.marks.restore(plain) if self.marks else plain)
        if left:
            yield Trim(left=True)

    def _directive(self, tree: LarkTree) -> Iterator[Part]:
        strips = [index for index, child in enumerate(tree.children) if getattr(child, "type", "") == "STRIP_MARKER"]
        inner = list(_trees(tree))
        word = tree.data.removeprefix("template_").removesuffix("_start")
        if 1 in strips:
            yield Trim(left=True)
        if word == "for":
            names = [self._name(child) for child in inner[:-1]]
            yield Directive(word, self.expression(inner[-1]), names[0] if len(names) > 1 else None, names[-1])
        else:
            yield Directive(word, self.expression(inner[0]) if inner else None)
        if any(index > 1 for index in strips):
            yield Trim(left=False)

    def _heredoc(self, tree: LarkTree) -> Expression:
        token = tree.children[0]
        marker, _, rest = str(token).partition("\n")
        body = rest.rstrip(" \t\r\n")
        body = body[: len(body) - len(marker.strip().lstrip("<-"))]
        lines = body.rpartition("\n")
        return self.template(lines[0] + lines[1], (token.line or 1) + 1 + self.line, indented=marker.startswith("<<-"))

    def template(self, text: str, line: int, *, indented: bool = False) -> Expression:
        """Read a raw template, as a heredoc or a JSON string holds it.

        Args:
            text: without escapes; newlines stand for themselves.
            line: of its first line.
            indented: whether it is a ``<<-`` heredoc.

        Raises:
            HclError: it is not a template.
        """
        parts: list[Part] = []
        position = 0
        try:
            for is_sequence, piece in pieces(text):
                at = line + text.count("\n", 0, position)
                if is_sequence:
                    parts.extend(self._sequence(piece, at))
                else:
                    for row in _ROWS.findall(piece):
                        parts.extend(self._text(row, escapes=False))
                position += len(piece)
            return build(parts, indented=indented)
        except ScanError as error:
            raise HclError(self.file, line + text.count("\n", 0, error.offset), str(error)) from None
        except TemplateError as error:
            raise HclError(self.file, line, str(error)) from None

    def _sequence(self, piece: str, line: int) -> list[Part]:
        """Parse one ``${...}`` or ``%{...}``; the grammar reads each directive by itself."""
        inside = Converter(self.file, self.marks, self.grammar, line - 1)
        from lark.exceptions import UnexpectedInput

        try:
            file: Any = self.grammar(f'a = "{piece}"\n')
        except UnexpectedInput as error:
            found = str(getattr(error, "token", "")).split("\n", 1)[0][:40]
            at = line + max(getattr(error, "line", 1) - 1, 0)
            raise HclError(self.file, at, f"not a valid template: unexpected {found!r}") from None
        body = next(_trees(file))
        attribute = next(_trees(body))
        string = next(_trees(attribute.children[-1]))
        return list(inside._parts(string.children[1:-1]))


_ROWS = re.compile(r"[^\n]*\n|[^\n]+")


def _trees(tree: Any) -> Iterator[Any]:
    """The children that are trees and carry meaning."""
    return (child for child in tree.children if hasattr(child, "data") and child.data not in _QUIET)


def _line(tree: LarkTree) -> int:
    line: int = tree.meta.line
    return line


def _bare(tree: Any) -> Any:
    """The identifier that an object key consists of, without parentheses; else None."""
    if tree.data in ("keyword", "identifier"):
        return tree
    only = tree.children[0] if tree.data == "expr_term" and len(tree.children) == 1 else None
    return only if only is not None and only.data in ("identifier", "literal_value") else None


def _innermost(splat: Splat, apply: Callable[[Expression], Expression]) -> Splat:
    body = splat.body
    return Splat(splat.on, _innermost(body, apply) if isinstance(body, Splat) else apply(body))


def _is_full_splat(term: LarkTree) -> bool:
    """Whether a term is one, and not one in parentheses: these end it."""
    return getattr(term.children[0], "data", "") == "full_splat_expr_term"
