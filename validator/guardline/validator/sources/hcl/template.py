"""Template parts into one expression: strip markers, indented heredocs, directives.

Follows the order of HCL's own parser: trim at ``~``, then take the indentation off, then nest the directives.
Source: https://github.com/hashicorp/hcl/blob/main/hclsyntax/parser_template.go
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from guardline.validator.sources.hcl.syntax import Choice, Expression, Literal, Repeat, Template


class TemplateError(ValueError):
    """A template whose directives do not match, or a bad escape."""


@dataclass
class Text:
    """A literal part; in a heredoc one line at most."""

    text: str


@dataclass
class Inserted:
    """``${value}``."""

    value: Expression


@dataclass
class Directive:
    """``%{word ...}``: if, else, endif, for or endfor."""

    word: str
    value: Expression | None = None
    key: str | None = None
    item: str = ""


@dataclass
class Trim:
    """A ``~``: `left` eats the space before it, else the space after it."""

    left: bool


Part = Text | Inserted | Directive | Trim


def build(parts: Sequence[Part], *, indented: bool = False) -> Expression:
    """Make the expression of a template.

    Args:
        parts: in order.
        indented: whether it is a ``<<-`` heredoc.

    Raises:
        TemplateError: an ``endif`` or ``endfor`` is missing or out of place.
    """
    trimmed = _trim(parts)
    if indented:
        _flush(trimmed)
    position, expression = _nest(trimmed, 0, ())
    if position < len(trimmed):
        raise TemplateError(f"%{{ {_word(trimmed[position])} }} without a directive that it ends")
    return expression


def _trim(parts: Sequence[Part]) -> list[Part]:
    found: list[Part] = []
    after = False
    for part in parts:
        if isinstance(part, Trim):
            if part.left and found and isinstance(found[-1], Text):
                found[-1].text = found[-1].text.rstrip()
            after = not part.left
            continue
        if isinstance(part, Text):
            part = Text(part.text.lstrip() if after else part.text)  # noqa: PLW2901 - the parts given stay as they are
        found.append(part)
        after = False
    return found


def _flush(parts: Sequence[Part]) -> None:
    """Take the smallest indentation off every line; blank lines do not count."""
    smallest: int | None = None
    starts: list[Text] = []
    newline = True
    for part in parts:
        if newline:
            newline = False
            spaces: int | None = 0
            if isinstance(part, Text):
                stripped = part.text.lstrip()
                if not stripped and part.text.endswith("\n"):
                    spaces = None
                else:
                    spaces = len(part.text) - len(stripped)
                    starts.append(part)
            if spaces is not None:
                smallest = spaces if smallest is None else min(smallest, spaces)
        if isinstance(part, Text) and part.text.endswith("\n"):
            newline = True
    for start in starts:
        start.text = start.text[smallest or 0 :]


def _word(part: Part) -> str:
    return part.word if isinstance(part, Directive) else ""


def _nest(parts: Sequence[Part], position: int, ends: tuple[str, ...]) -> tuple[int, Expression]:
    """Read parts up to a directive that ends this level; return its position and what was read."""
    found: list[Expression] = []
    while position < len(parts):
        part = parts[position]
        if isinstance(part, Text):
            if part.text:
                found.append(Literal(part.text))
            position += 1
        elif isinstance(part, Inserted):
            found.append(part.value)
            position += 1
        elif isinstance(part, Directive) and part.word in ("if", "for"):
            position, expression = _directive(parts, position, part)
            found.append(expression)
        elif _word(part) in ends:
            return position, _joined(found, nested=True)
        else:
            return position, _joined(found, nested=bool(ends))
    if ends:
        raise TemplateError(f"a template directive is not ended: expected %{{ {' or '.join(ends)} }}")
    return position, _joined(found, nested=False)


def _directive(parts: Sequence[Part], position: int, part: Directive) -> tuple[int, Expression]:
    value = part.value or Literal(None)
    if part.word == "for":
        position, body = _nest(parts, position + 1, ("endfor",))
        _expect(parts, position, ("endfor",))
        return position + 1, Repeat(part.key, part.item, value, body)
    position, then = _nest(parts, position + 1, ("else", "endif"))
    _expect(parts, position, ("else", "endif"))
    otherwise: Expression = Literal("")
    if _word(parts[position]) == "else":
        position, otherwise = _nest(parts, position + 1, ("endif",))
        _expect(parts, position, ("endif",))
    return position + 1, Choice(value, then, otherwise)


def _expect(parts: Sequence[Part], position: int, words: tuple[str, ...]) -> None:
    if position >= len(parts) or _word(parts[position]) not in words:
        raise TemplateError(f"a template directive is not ended: expected %{{ {' or '.join(words)} }}")


def _joined(found: list[Expression], *, nested: bool) -> Expression:
    found = _melded(found)
    if not found:
        return Literal("")
    if len(found) == 1 and isinstance(found[0], Literal) and isinstance(found[0].value, str):
        return found[0]
    if len(found) == 1 and not nested and not isinstance(found[0], Choice | Repeat):
        return found[0]
    return Template(found)


def _melded(found: list[Expression]) -> list[Expression]:
    """Join neighbouring texts. A literal that was inserted (``${null}``) is not text, and stays by itself."""
    melded: list[Expression] = []
    for part in found:
        last = melded[-1] if melded else None
        before = last.value if isinstance(last, Literal) else None
        if isinstance(part, Literal) and isinstance(part.value, str) and isinstance(before, str):
            melded[-1] = Literal(before + part.value)
        else:
            melded.append(part)
    return melded


_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.)|$)", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def _escaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    if digits:
        try:
            return chr(int(digits, 16))
        except (ValueError, OverflowError):
            raise TemplateError(f"{match[0]} is not a character") from None
    if match[3] not in _ESCAPES:
        raise TemplateError(f'{match[0]!r} is not an escape: use one of \\n \\r \\t \\" \\\\ \\uXXXX')
    return _ESCAPES[match[3]]


def unescape(text: str) -> str:
    r"""Undo the escapes of a quoted string.

    Raises:
        TemplateError: an escape that HCL does not have, such as ``\.``.
    """
    return normalize("NFC", _ESCAPE.sub(_escaped, text)) if "\\" in text else text
