"""What is sensitive stands in no output: it is noted where it is met, and veiled where values become text for people.

Values derived from a sensitive one are noted as they are made. What a check makes of them (a bucket's name out of its
ARN) is a part of one, so parts are noted too, as far as they are not words that anybody may use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from guardline.spec import catalogue

VEIL = "(sensitive)"

SHORTEST = 4
"""A shorter text says nothing where it stands, and is a part of many others."""

_OPEN = re.compile(r"true|false|null|default|\d{1,5}|\d{12}|(?:[\w-]+\.)+amazonaws\.com(?:\.cn)?", re.ASCII)
"""What is no secret whatever a source says: words of the language, account ids, AWS's own names."""

_PART = re.compile(r"[\w.+=@-]{8,}")
_TELLING = re.compile(r"[0-9_.+=@-]")
"""What a part must hold, so that a plain word is not veiled in every sentence."""

_met: ContextVar[set[str] | None] = ContextVar("_met", default=None)

T = TypeVar("T")
R = TypeVar("R", bound=msgspec.Struct)


@contextmanager
def meeting() -> Iterator[set[str]]:
    """Collect what is sensitive inside the block."""
    found: set[str] = set()
    token = _met.set(found)
    try:
        yield found
    finally:
        _met.reset(token)


def note(value: Any) -> None:
    """Note that a value, with all that is in it, is sensitive."""
    found = _met.get()
    if found is None:
        return
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            text = str.__str__(item)
            if text not in found and len(text) >= SHORTEST and not _is_open(text):
                found.add(text)
                found.update(part for part in _PART.findall(text) if _TELLING.search(part) and not _is_open(part))
        elif isinstance(item, Mapping):
            stack += [*item, *item.values()]
        elif isinstance(item, list | tuple):
            stack += item
        elif isinstance(item, int) and not isinstance(item, bool):
            stack.append(str(item))


def _is_open(text: str) -> bool:
    return _OPEN.fullmatch(text) is not None or catalogue.region(text) is not None


class Veil:
    """Veils secrets in records, tuples and texts.

    Args:
        secrets: as `meeting` collected them.
    """

    def __init__(self, secrets: set[str]) -> None:
        self._pattern: Any = None
        if secrets:
            import re2

            forms = {form for secret in secrets for form in _forms(secret)}
            options = re2.Options()
            options.max_mem, options.case_sensitive = 1 << 28, False
            longest_first = sorted(forms, key=lambda each: (-len(each), each))
            self._pattern = re2.compile("|".join(map(_bounded, longest_first)), options)

    def __call__(self, value: T) -> T:
        """The same, with every secret in its texts veiled."""
        made: T = value if self._pattern is None else _veil(value, self._pattern)
        return made

    def fields(self, record: R, *names: str) -> R:
        """The same record, with these of its fields veiled."""
        changed = {name: self(getattr(record, name)) for name in names} if self._pattern is not None else {}
        return replace(record, **changed) if changed else record


def _forms(secret: str) -> Iterator[str]:
    """A secret as it may be written: itself, and with its signs escaped."""
    plain = secret.encode("utf-8", "backslashreplace").decode()
    yield plain
    yield repr(plain)[1:-1]
    yield json.dumps(plain)[1:-1]


def _bounded(form: str) -> str:
    import re2

    quoted: str = re2.escape(form)
    return quoted if len(form) >= 8 else rf"\b{quoted}\b"


def _veil(value: Any, pattern: Any) -> Any:
    if isinstance(value, str):
        made = pattern.sub(VEIL, value.encode("utf-8", "backslashreplace").decode()) if pattern.search(value) else value
        return made if type(value) is str else value
    if isinstance(value, msgspec.Struct):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: made for name, old in fields.items() if (made := _veil(old, pattern)) is not old}
        return replace(value, **changed) if changed else value
    if isinstance(value, tuple):
        parts = [_veil(each, pattern) for each in value]
        same = all(new is old for new, old in zip(parts, value, strict=True))
        return value if same else tuple(parts)
    return value
