"""String functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from guardline.validator.sources.hcl.functions.base import Function, a_list
from guardline.validator.sources.hcl.functions.patterns import replaced
from guardline.validator.sources.hcl.functions.verbs import sprintf
from guardline.validator.sources.hcl.values import SIZE, EvaluationError, TooMuchError, to_int, to_text


def _replace(text: Any, what: Any, by: Any) -> str:
    string, substring, replacement = to_text(text), to_text(what), to_text(by)
    if len(substring) > 1 and substring.startswith("/") and substring.endswith("/"):
        return replaced(substring[1:-1], replacement, string)
    _bound(len(string) + string.count(substring) * len(replacement), "replace")
    return string.replace(substring, replacement)


def _bound(size: int, name: str) -> None:
    """Refuse a text before it is made.

    Raises:
        TooMuchError: it would be too long.
    """
    if size > SIZE:
        raise TooMuchError(f"{name} makes a text that is too long")


def _split(separator: Any, text: Any) -> list[str]:
    mark, string = to_text(separator), to_text(text)
    if not mark:
        return list(string)
    return string.split(mark)


def _join(separator: Any, *lists: Any) -> str:
    mark, texts = to_text(separator), [to_text(item) for each in lists for item in a_list(each)]
    _bound(sum(map(len, texts)) + len(mark) * len(texts), "join")
    return mark.join(texts)


def _substr(text: Any, offset: Any, length: Any) -> str:
    string, start, size = to_text(text), to_int(offset), to_int(length)
    if start < 0:
        start = max(len(string) + start, 0)
    return string[start:] if size < 0 else string[start : start + size]


def _indent(spaces: Any, text: Any) -> str:
    string, width = to_text(text), max(to_int(spaces), 0)
    _bound(len(string) + string.count("\n") * width, "indent")
    return string.replace("\n", "\n" + " " * width)


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
    made: list[str] = []
    size = 0
    for row in range(len(lists[0])):
        made.append(_format(template, *(value[row] if isinstance(value, list) else value for value in values)))
        size += len(made[-1])
        _bound(size, "formatlist")
    return made


def _chomp(text: Any) -> str:
    return to_text(text).rstrip("\r\n")


FUNCTIONS: Mapping[str, Function] = {
    "chomp": Function(_chomp),
    "endswith": Function(lambda text, end: to_text(text).endswith(to_text(end))),
    "format": Function(_format),
    "formatlist": Function(_formatlist),
    "indent": Function(_indent),
    "join": Function(_join),
    "lower": Function(lambda text: _each(to_text(text), str.lower)),
    "replace": Function(_replace),
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
