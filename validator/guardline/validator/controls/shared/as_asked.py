"""Whether something is as the spec asks, by several tests: what is surely otherwise outweighs what is unknown."""

from __future__ import annotations

from collections.abc import Iterable

from guardline.validator.control import Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.buckets import Fault
from guardline.validator.model.resource import Origin
from guardline.validator.model.value import UnknownValue, Value


class Tests:
    """Collects what is otherwise than asked, what is unknown, and what else is worth saying."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.unsure: list[str] = []
        self.notes: list[str] = []

    def ask(self, faults: Iterable[Fault]) -> None:
        """Take the faults that a test finds; it may raise `UnknownValue` on the way."""
        try:
            self.faults.extend(faults)
        except UnknownValue as unknown_value:
            self.unsure.append(unknown_value.reason)

    def equal(self, found: Value[str] | Value[int] | Value[bool], asked: object, what: str, origin: Origin) -> None:
        """Whether a value is the one asked for.

        Args:
            found: the value.
            asked: what the spec asks.
            what: half a sentence that both end, such as ``it sums up seconds:``.
            origin: where it is declared.
        """
        if not found.is_known:
            self.unsure.append(f"{origin.address}: {found.reason}")
        elif found.get() != asked:
            self.faults.append(Fault(f"{what} {_said(found.get())}, and the spec asks for {_said(asked)}", origin))

    def verdict(self, what: str, passes: str, *evidence: Origin) -> Verdict:
        """What comes of it.

        Args:
            what: the subject of the sentence about a fault, e.g. ``the bucket``.
            passes: the reason of a pass.
            evidence: what was looked at.
        """
        if self.faults:
            first = dict.fromkeys((*(each.origin for each in self.faults), *evidence))
            return failed(f"{what} {' and '.join(dict.fromkeys(each.reason for each in self.faults))}", *first)
        if self.unsure:
            return undetermined(f"{what}: {self.unsure[0]}", *evidence)
        return passed(passes, *evidence)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
