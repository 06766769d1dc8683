"""Which of the things that name a detector are on a given one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from guardline.validator.estate import Detector, Ref
from guardline.validator.value import Value


class Attached(Protocol):
    """Something that lives on a detector."""

    @property
    def detector(self) -> Value[Ref]:
        """The detector it names."""
        ...


AnyAttached = TypeVar("AnyAttached", bound=Attached)


def belonging(things: Iterable[AnyAttached], detector: Detector) -> tuple[AnyAttached, ...]:
    """Those on the detector. One whose detector is unknown can only be on the region's one: AWS refuses any other."""
    return tuple(one for one in things if not one.detector.is_known or detector.is_named_by(one.detector.get()))
