"""Regular expressions by RE2: Go's syntax and semantics, which are Terraform's, in time linear in the text.

Source: https://pkg.go.dev/regexp; https://developer.hashicorp.com/terraform/language/functions/regex
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from guardline.validator.sources.hcl.functions.base import Function
from guardline.validator.sources.hcl.values import SIZE, EvaluationError, NotEvaluatedError, TooMuchError, to_text

LONGEST = 10_000
"""Characters that a pattern may have."""


@lru_cache(maxsize=64)
def _pattern(source: str) -> Any:
    if len(source) > LONGEST:
        raise NotEvaluatedError("a pattern that long is not evaluated")
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(source.encode(), options)
    except re2.error as error:
        text = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        if "too large" in text:
            raise NotEvaluatedError("a pattern that large is not evaluated") from None
        raise EvaluationError("not a pattern of Go's regular expressions") from None


def _matches(pattern: Any, text: bytes) -> Iterator[Any]:
    """Every match as Go finds them: an empty one right behind another is none."""
    position, last = 0, -1
    while position <= len(text):
        match = pattern.search(text, position)
        if match is None:
            return
        start, end = match.span()
        if end > start or start != last:
            yield match
        last = end
        if end > position:
            position = end
        else:
            position += 1
            while position < len(text) and text[position] & 0xC0 == 0x80:  # inside a character
                position += 1


def _captured(pattern: Any, match: Any) -> Any:
    names = pattern.groupindex
    groups = [group if group is None else group.decode() for group in match.groups()]
    if names:
        if len(names) < pattern.groups:
            raise EvaluationError("the pattern mixes groups with and without a name")
        return {name.decode(): groups[index - 1] for name, index in names.items()}
    return groups or match.group().decode()


def _regex(pattern: Any, text: Any) -> Any:
    compiled = _pattern(to_text(pattern))
    match = compiled.search(to_text(text).encode())
    if match is None:
        raise EvaluationError("the pattern matches nothing")
    return _captured(compiled, match)


def _regexall(pattern: Any, text: Any) -> list[Any]:
    compiled = _pattern(to_text(pattern))
    return [_captured(compiled, match) for match in _matches(compiled, to_text(text).encode())]


def replaced(pattern: str, replacement: str, text: str) -> str:
    """Replace every match; ``$1`` and ``${name}`` stand for groups.

    Raises:
        EvaluationError: Go would refuse the pattern.
        NotEvaluatedError: it is too large.
        TooMuchError: the result is too long.
    """
    compiled = _pattern(pattern)
    data = text.encode()
    made: list[bytes] = []
    size = end = 0
    for match in _matches(compiled, data):
        made += (data[end : match.start()], _expanded(replacement, compiled, match))
        size += len(made[-2]) + len(made[-1])
        end = match.end()
        if size > SIZE:
            raise TooMuchError("replace makes a text that is too long")
    return b"".join([*made, data[end:]]).decode()


_GROUP = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


def _expanded(replacement: str, pattern: Any, match: Any) -> bytes:
    def group(found: re.Match[str]) -> str:
        if found[1]:
            return "$"
        name = found[2] or found[3]
        number = int(name) if name.isdecimal() and len(name) < 4 else pattern.groupindex.get(name.encode(), -1)
        value: bytes | None = match.group(number) if 0 <= number <= pattern.groups else None
        return (value or b"").decode()

    return _GROUP.sub(group, replacement).encode()


FUNCTIONS: Mapping[str, Function] = {
    "regex": Function(_regex),
    "regexall": Function(_regexall),
}
