"""Terraform addresses, read with a tokenizer: an instance key may hold dots, brackets, quotes and backslashes.

Source: https://developer.hashicorp.com/terraform/cli/state/resource-addressing
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import msgspec

Key = str | int | None
"""An instance key: a string for for_each, a number for count, None for a single instance."""


class AddressError(ValueError):
    """The text is not a Terraform address."""


class Step(msgspec.Struct, frozen=True):
    """One module call on the way to a resource, with its instance key."""

    name: str
    key: Key = None


class Address(msgspec.Struct, frozen=True):
    """A resource instance's address.

    Attributes:
        modules: the module calls from the root to the resource, outermost first.
        mode: ``managed`` or ``data``.
        type, name: as declared.
        key: the instance key.
    """

    modules: tuple[Step, ...]
    mode: str
    type: str
    name: str
    key: Key = None

    @property
    def static(self) -> tuple[str, ...]:
        """The module path without keys, as the configuration has it."""
        return tuple(step.name for step in self.modules)


def quote(key: Key) -> str:
    """Write an instance key as it stands in an address: ``[0]``, ``["a"]`` or nothing."""
    if key is None:
        return ""
    if isinstance(key, int):
        return f"[{key}]"
    escaped = (
        key.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return '["' + escaped.replace("${", "$${").replace("%{", "%%{") + '"]'


def join(modules: tuple[Step, ...], rest: str) -> str:
    """Prefix `rest` with the module path. An empty `rest` gives the module's own address ("" for the root)."""
    parts = [f"module.{step.name}{quote(step.key)}" for step in modules]
    return ".".join([*parts, rest] if rest else parts)


_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def _string(text: str, start: int) -> tuple[str, int]:
    """Read a quoted key that starts after its opening quote; return it and the position after the closing quote."""
    out: list[str] = []
    position = start
    while position < len(text):
        char = text[position]
        if char == '"':
            return "".join(out).replace("$${", "${").replace("%%{", "%{"), position + 1
        if char == "\\" and position + 1 < len(text):
            following = text[position + 1]
            if following in "uU":
                digits = 4 if following == "u" else 8
                try:
                    out.append(chr(int(text[position + 2 : position + 2 + digits], 16)))
                except (ValueError, OverflowError):
                    raise AddressError(f"a bad \\{following} escape in {text!r}") from None
                position += 2 + digits
                continue
            out.append(_ESCAPES.get(following, following))
            position += 2
            continue
        out.append(char)
        position += 1
    raise AddressError(f"a key in {text!r} does not end")


@lru_cache(maxsize=65536)
def tokens(text: str) -> Sequence[tuple[str, Key]]:
    """Split an address or a reference into (name, key) parts: ``a.b["c.d"].e`` -> a, b["c.d"], e.

    Raises:
        AddressError: unbalanced brackets or quotes, or an empty part.
    """
    parts: list[tuple[str, Key]] = []
    position = 0
    while True:
        start = position
        while position < len(text) and text[position] not in ".[":
            position += 1
        name, key = text[start:position], None
        if not name or "]" in name or '"' in name:
            raise AddressError(f"{text!r} is not an address: expected a name at character {start + 1}")
        if position < len(text) and text[position] == "[":
            key, position = _key(text, position + 1)
        parts.append((name, key))
        while position < len(text) and text[position] == "[":  # a second index, as in a reference m["a"]["b"]
            key, position = _key(text, position + 1)
            parts.append(("", key))
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            raise AddressError(f"{text!r} is not an address: unexpected {text[position]!r}")
        position += 1


def _key(text: str, position: int) -> tuple[Key, int]:
    """Read an instance key that starts after its opening bracket; return it and the position after the closing one."""
    key: Key
    if text[position : position + 1] == '"':
        key, position = _string(text, position + 1)
    else:
        end = text.find("]", position)
        digits = text[position : end if end >= 0 else len(text)]
        if not digits.isascii() or not digits.isdigit():
            raise AddressError(f"{text!r} is not an address: [{digits}] is not a number or a quoted string")
        key, position = int(digits), position + len(digits)
    if text[position : position + 1] != "]":
        raise AddressError(f"{text!r} is not an address: a bracket does not close")
    return key, position + 1


@lru_cache(maxsize=65536)
def parse_modules(text: str) -> tuple[Step, ...]:
    """Read a module address (``module.a["k"].module.b``); "" is the root."""
    if not text:
        return ()
    parts = tokens(text)
    if len(parts) % 2 or any(word != ("module", None) for word in parts[::2]):
        raise AddressError(f"{text!r} is not a module address")
    return tuple(Step(name, key) for name, key in parts[1::2])


@lru_cache(maxsize=65536)
def module_names(text: str) -> tuple[str, ...]:
    """The names in a module address, without the keys."""
    return tuple(step.name for step in parse_modules(text))


def parse(text: str) -> Address:
    """Read a resource instance's address.

    Raises:
        AddressError: it is not one.
    """
    parts = tokens(text)
    position = 0
    while position + 1 < len(parts) and parts[position] == ("module", None):
        position += 2
    modules = tuple(Step(name, key) for name, key in parts[1:position:2])
    rest = parts[position:]
    mode = "managed"
    if rest and rest[0] == ("data", None):
        mode, rest = "data", rest[1:]
    if len(rest) != 2 or rest[0][1] is not None:
        raise AddressError(f"{text!r} is not a resource address")
    return Address(modules, mode, rest[0][0], rest[1][0], rest[1][1])
