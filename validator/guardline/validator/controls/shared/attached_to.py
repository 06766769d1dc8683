"""Which resources that name a detector are on a given one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from guardline.validator.model.guardduty import Detector
from guardline.validator.model.resource import Ref
from guardline.validator.model.value import Value


class Attached(Protocol):
    """Something that lives on a detector."""

    @property
    def detector(self) -> Value[Ref]:
        """The detector it names."""
        ...


AnyAttached = TypeVar("AnyAttached", bound=Attached)


def attached_to(resources: Iterable[AnyAttached], detector: Detector) -> tuple[AnyAttached, ...]:
    """Those that are surely on the detector."""
    return tuple(one for one in resources if one.detector.is_known and detector.is_named_by(one.detector.get()))


def assert_attached(resources: Iterable[Attached]) -> None:
    """Call before claiming that nothing more is on a detector.

    Raises:
        UnknownValue: the detector of one of the resources, all of its region, is unknown.
    """
    for one in resources:
        one.detector.get()
