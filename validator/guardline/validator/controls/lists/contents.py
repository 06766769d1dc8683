"""What is wrong with a list by itself, and what most regions hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

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
