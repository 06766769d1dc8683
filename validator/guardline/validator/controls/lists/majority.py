"""What most regions hold, and whether one differs from it."""

from __future__ import annotations

from collections import Counter
from typing import TypeVar

from guardline.validator.model.value import UnknownValue

T = TypeVar("T")


def differs(ours: T, held: Counter[T], unknown_value: int, what: str) -> bool:
    """Whether as many regions, or more, hold something else.

    Args:
        ours: what one region holds.
        held: how many regions hold what, this one included.
        unknown_value: of how many it is not known what they hold.
        what: what is held, for the reason.

    Raises:
        UnknownValue: those of which it is not known may tip the scales.
    """
    rivals = max((count for other, count in held.items() if other != ours), default=0)
    if rivals >= held[ours] + unknown_value:
        return True
    if rivals + unknown_value >= held[ours]:
        raise UnknownValue(f"whether {what} are those of other regions is not told: some content is unknown")
    return False
