"""String functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from guardline.validator.sources.hcl.functions.base import Function, a_list
from guardline.validator.sources.hcl.functions.verbs import sprintf
from guardline.validator.sources.hcl.values import (
    SIZE,
    EvaluationError,
    NotEvaluatedError,
    TooMuchError,
    to_int,
    to_text,
)


def _pattern(text: Any) -> re.Pattern[str]:
    """A Go pattern as Python's. What only one of the two knows is refused rather than guessed."""
    source = to_text(text)
    if len(source) > 10_000 or re.search(r"\(\?(?:[=!>#]|<[=!]|[ims]*U)|\\[1-9zZA]|\[\[:|\\p|\\Q", source):
        raise NotEvaluatedError("this pattern is not one that guardline evaluates")
    try:
        return re.compile(source, re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise NotEvaluatedError(f"a pattern that Python does not read: {error}") from None


def _captured(match: re.Match[str]) -> Any:
    if match.re.groupindex:
        return dict(match.groupdict())
    return list(match.groups()) if match.re.groups else match[0]


def _regex(pattern: Any, text: Any) -> Any:
    match = _pattern(pattern).search(to_text(text))
    if match is None:
        raise EvaluationError("the pattern matches nothing")
    return _captured(match)


def _regexall(pattern: Any, text: Any) -> list[Any]:
    return [_captured(match) for match in _pattern(pattern).finditer(to_text(text))]


def _replace(text: Any, what: Any, by: Any) -> str:
    string, substring, replacement = to_text(text), to_text(what), to_text(by)
    if len(substring) > 1 and substring.startswith("/") and substring.endswith("/"):
        pattern = _pattern(substring[1:-1])
        return pattern.sub(lambda match: _expand(replacement, match), string)
    if substring in string and (len(string) + 1) * (len(replacement) + 1) > SIZE * 50:
        raise TooMuchError("replace makes a text that is too long")
    return string.replace(substring, replacement)


_GROUP = re.compile(r"\$(?:(\$)|\{(\w+)\}|(\w+))")


def _expand(replacement: str, match: re.Match[str]) -> str:
    def group(found: re.Match[str]) -> str:
        if found[1]:
            return "$"
        name = found[2] or found[3]
        try:
            return match[int(name) if name.isdigit() else name] or ""
        except IndexError:
            return ""

    return _GROUP.sub(group, replacement)


def _split(separator: Any, text: Any) -> list[str]:
    mark, string = to_text(separator), to_text(text)
    if not mark:
        return list(string)
    return string.split(mark)


def _join(separator: Any, *lists: Any) -> str:
    return to_text(separator).join(to_text(item) for each in lists for item in a_list(each))


def _substr(text: Any, offset: Any, length: Any) -> str:
    string, start, size = to_text(text), to_int(offset), to_int(length)
    if start < 0:
        start = max(len(string) + start, 0)
    return string[start:] if size < 0 else string[start : start + size]


def _indent(spaces: Any, text: Any) -> str:
    return to_text(text).replace("\n", "\n" + " " * min(to_int(spaces), 1000))


def _title(text: Any) -> str:
    return re.sub(r"(^|\W)(\w)", lambda match: match[1] + _each(match[2], str.upper), to_text(text))


def _each(text: str, change: Callable[[str], str]) -> str:
    """Change each character for one other, as Go does: there is none for a sharp s, which Python makes two of."""
    return change(text) if text.isascii() else "".join(one if len(one := change(each)) == 1 else each for each in text)


def _format(template: Any, *values: Any) -> str:
    return sprintf(to_text(template), list(values))


def _formatlist(template: Any, *values: Any) -> list[str]:
    lists = [value for value in values if isinstance(value, list)]
    if not lists:
        return [_format(template, *values)]
    if len({len(each) for each in lists}) > 1:
        raise EvaluationError("the lists must be of one length")
    rows = range(len(lists[0]))
    return [_format(template, *(value[row] if isinstance(value, list) else value for value in values)) for row in rows]


def _chomp(text: Any) -> str:
    return to_text(text).rstrip("\r\n")


_PATTERNS = "patterns without `\\p`, `\\z`, `\\Q`, `[[:class:]]` and `(?U)`"

FUNCTIONS: Mapping[str, Function] = {
    "chomp": Function(_chomp),
    "endswith": Function(lambda text, end: to_text(text).endswith(to_text(end))),
    "format": Function(_format),
    "formatlist": Function(_formatlist),
    "indent": Function(_indent),
    "join": Function(_join),
    "lower": Function(lambda text: _each(to_text(text), str.lower)),
    "regex": Function(_regex, partly=_PATTERNS),
    "regexall": Function(_regexall, partly=_PATTERNS),
    "replace": Function(_replace, partly=f"texts; {_PATTERNS}"),
    "split": Function(_split),
    "startswith": Function(lambda text, start: to_text(text).startswith(to_text(start))),
    "strcontains": Function(lambda text, part: to_text(part) in to_text(text)),
    "strrev": Function(lambda text: to_text(text)[::-1]),
    "substr": Function(_substr),
    "title": Function(_title),
    "trim": Function(lambda text, cut: to_text(text).strip(to_text(cut)) if to_text(cut) else to_text(text)),
    "trimprefix": Function(lambda text, start: to_text(text).removeprefix(to_text(start))),
    "trimspace": Function(lambda text: to_text(text).strip()),
    "trimsuffix": Function(lambda text, end: to_text(text).removesuffix(to_text(end))),
    "upper": Function(lambda text: _each(to_text(text), str.upper)),
}
