"""Values as Terraform source: whatever a text holds, it comes out as that text and never as an expression.

Source: https://developer.hashicorp.com/terraform/language/expressions/strings
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

Plain = str | bool | int | None | Sequence["Plain"] | Mapping[str, "Plain"]

ACCOUNT_ID = "\ue000" * 12
"""Stands for the account's id in a root that is run for several: as long as one, and of signs that are in no text."""

_LINE = 100  # a list of more characters gets a line for each item
# `terraform fmt` counts what a reader takes for one character, and beyond Latin letters that may be several. Such a
# name stands between empty lines, where nothing is aligned with it.
_LAST_LATIN = "\u024f"
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _char(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def quote(text: str) -> str:
    """Write a text as a quoted string: quotes, backslashes, line breaks and ``${``, ``%{`` lose their meaning.

    `ACCOUNT_ID` in it becomes the root's variable.
    """
    if ACCOUNT_ID in text:
        if text == ACCOUNT_ID:
            return "var.account_id"
        return '"' + "${var.account_id}".join(quote(part)[1:-1] for part in text.split(ACCOUNT_ID)) + '"'
    # Most texts hold nothing to escape but these two, and an organization's roots hold hundreds of thousands.
    plain = text.replace("\\", "\\\\").replace('"', '\\"') if text.isprintable() else "".join(map(_char, text))
    if "{" not in plain:
        return f'"{plain}"'
    # python-hcl2 8.1.4 takes a doubled sign only where a brace closes it; the last ones are written by their numbers.
    closed = plain.rfind("}") + 1
    before, after = plain[:closed], plain[closed:]
    before = before.replace("${", "$${").replace("%{", "%%{")
    after = after.replace("${", "\\u0024{").replace("%{", "\\u0025{")
    return f'"{before}{after}"'


def hcl(value: Plain) -> str:
    """Write a value on one line.

    Args:
        value: a text, a whole number, a flag, None, or a list or mapping of these.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, Mapping):
        inner = ", ".join(f"{quote(key)} = {hcl(item)}" for key, item in value.items())
        return "{ " + inner + " }" if inner else "{}"
    return "[" + ", ".join(hcl(item) for item in value) + "]"


def literal(value: Plain, indent: int) -> str:
    """Write a value over several lines, as people write an object or a long list.

    Args:
        value: as for `hcl`.
        indent: spaces before the line that closes it.
    """
    inner = " " * (indent + 2)
    if isinstance(value, Mapping) and value:
        pairs = [(_key(key), literal(item, indent + 2)) for key, item in value.items()]
        # `terraform fmt` aligns neighbours of one line each; what takes several lines stands for itself.
        width = 0
        lines = []
        for place, (name, item) in enumerate(pairs):
            if "\n" in item:
                lines.append(f"{inner}{name} = {item}")
                continue
            if place == 0 or "\n" in pairs[place - 1][1]:
                group = itertools.takewhile(lambda pair: "\n" not in pair[1], pairs[place:])
                width = max(len(each) for each, _ in group)
            lines.append(f"{inner}{name:<{width}} = {item}")
        return "\n".join(("{", *lines, f"{' ' * indent}}}"))
    short = hcl(value)
    if isinstance(value, str | bool | int | None | Mapping) or len(short) + indent <= _LINE:
        return short
    items = (f"{inner}{literal(item, indent + 2)}," for item in value)
    return "\n".join(("[", *items, f"{' ' * indent}]"))


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name) else quote(name)


def arguments(values: Mapping[str, Plain], indent: int) -> list[str]:
    """Lines ``name = value``, aligned as `terraform fmt` aligns them; the names are Terraform's own."""
    return _aligned([(name, hcl(value)) for name, value in values.items()], indent)


def entries(values: Mapping[str, Plain], indent: int) -> list[str]:
    """Lines ``"key" = value`` of a map, aligned; the keys are anyone's."""
    return _aligned([(quote(key), hcl(value)) for key, value in values.items()], indent)


def expressions(values: Mapping[str, str], indent: int, region: str) -> list[str]:
    """Lines ``name = expression``, aligned; both are Terraform's own, written here and never the spec's.

    Args:
        values: name -> expression.
        indent: spaces before each line.
        region: the expression that ``REGION`` stands for.
    """
    return _aligned([(name, each.replace("REGION", region)) for name, each in values.items()], indent)


def _aligned(pairs: Sequence[tuple[str, str]], indent: int) -> list[str]:
    lines: list[str] = []
    for latin, group in itertools.groupby(pairs, key=lambda pair: max(pair[0]) <= _LAST_LATIN):
        together = list(group)
        for part in [together] if latin else [[pair] for pair in together]:
            width = max(len(name) for name, _ in part)
            lines += [*([""] if lines else []), *(f"{' ' * indent}{name:<{width}} = {value}" for name, value in part)]
    return lines
