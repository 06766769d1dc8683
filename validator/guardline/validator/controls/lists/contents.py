"""What is wrong with a list by itself, and what most regions hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from guardline.spec.list_formats import format_of
from guardline.spec.lists import entries
from guardline.validator.model.guardduty import IpList
from guardline.validator.model.value import UnknownValue

T = TypeVar("T")


class Problem(Protocol):
    """What is wrong with an entry."""

    @property
    def message(self) -> str:
        """In words."""
        ...


def bad_entry(one: IpList, check: Callable[[str], Sequence[Problem]]) -> str | None:
    """What is wrong with a list's entries; None where they are right, unknown, or in a format that is not read."""
    if one.format.known_or("") != "TXT" or not one.content.is_known:
        return None
    problems = check(one.content.get())
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{problems[0].message}{more}" if problems else None


def differs(ours: T, held: Counter[T], unread: int, what: str) -> bool:
    """Whether as many regions, or more, hold something else.

    Args:
        ours: what one region holds.
        held: how many regions hold what, this one included.
        unread: of how many it is not known what they hold.
        what: what is held, for the reason.

    Raises:
        UnknownValue: those of which it is not known may decide.
    """
    rivals = max((count for other, count in held.items() if other != ours), default=0)
    if rivals >= held[ours] + unread:
        return True
    if rivals + unread >= held[ours]:
        raise UnknownValue(f"whether {what} are those of other regions cannot be determined: some content is unknown")
    return False


def lines_of(one: IpList, *, asked: bool) -> frozenset[str]:
    """The lines of a list; in another format than TXT they are compared with the spec's file alone, never read.

    Args:
        one: the list.
        asked: whether a spec says what it must hold.

    Raises:
        UnknownValue: the format or the content is unknown, nothing says what it must hold, or it is in another format
            than it declares.
    """
    form, name = one.format.get(), one.origin.address
    if form != "TXT":
        if not asked:
            raise UnknownValue(f"the list {name} is {form}, whose entries are not read")
        if format_of(one.content.get()) != form:
            raise UnknownValue(f"the list {name} is declared as {form}, and its content does not look like that")
    return frozenset(entries(one.content.get()))
