"""Texts of which some parts are unknown: a policy or a selector that names what is known only after apply.

An unknown part is written as a mark. A mark may say what it stands for (an attribute of a resource, by address), so
that two marks of one attribute are known to be equal; a mark that says nothing stands for any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import takewhile
from urllib.parse import quote, unquote

_BEGIN, _END = "\ue000", "\ue001"  # characters of Unicode's private use, which stand in no policy
_MARK = re.compile(f"{_BEGIN}([^{_END}]*){_END}")
_OF_ONE = re.compile(f"{_BEGIN}[^{_END}]+#(arn|id){_END}")
SOMETHING = _BEGIN + _END
"""A part of which nothing is known."""


def mark(name: str, attribute: str = "") -> str:
    """The mark of a resource's attribute, or of something else that a name stands for."""
    return f"{_BEGIN}{quote(name, safe='')}#{attribute}{_END}"


def has_marks(text: str) -> bool:
    """Whether a part of the text is unknown."""
    return _BEGIN in text


def begins_as_one(text: str) -> bool:
    """Whether the text begins with the ARN or id of one resource, whichever that will be."""
    return _OF_ONE.match(text) is not None


def filled(text: str, answer: Callable[[str, str], str | None]) -> str:
    """The text with the marks that `answer` knows (by name and attribute) replaced by what it says."""

    def replaced(found: re.Match[str]) -> str:
        name, _, attribute = found[1].rpartition("#")
        known = answer(unquote(name), attribute) if name else None
        return found[0] if known is None else known

    return _MARK.sub(replaced, text)


def widened(text: str, by: str = "*") -> str:
    """The text with a wildcard for each mark."""
    return _MARK.sub(by, text) if has_marks(text) else text


def shared_start(one: str, other: str) -> int:
    """How many characters two texts surely have in common at their start; a mark of something is common to nobody."""
    same = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    start = "".join(each for each, _ in same).partition(SOMETHING)[0]
    begun = start.rfind(_BEGIN)
    return begun if begun > start.rfind(_END) else len(start)


def shown(text: str) -> str:
    """The text as people may read it: the address and attribute of what is unknown in it."""
    return _MARK.sub(lambda found: unquote(found[1]).replace("#", ".").strip(".") or "(unknown)", text)
