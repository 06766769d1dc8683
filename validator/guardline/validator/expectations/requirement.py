"""What one practice of a spec asks of the controls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from guardline.validator.expectations.asked import Store
from guardline.validator.expectations.scope import NotAsked, Waiver

if TYPE_CHECKING:
    from guardline.spec.log_destination import Delivered
    from guardline.spec.practices.detection import Export
    from guardline.spec.practices.trail import Trail


class PracticeRequirements(msgspec.Struct, frozen=True):
    """What is asked; ``+`` adds what another practice asks.

    Attributes:
        wanted: ids of the controls to ask even where their artefact appears nowhere in the source.
        off: control id -> why it is not asked.
        waivers: control id -> who left it out, of those that would be asked else.
        declared: control id -> reference (ARN, owner), for a practice that another team looks after.
        not_asked: what the report lists as not asked.
        fields: other fields of `Requirements`, by name.
    """

    wanted: frozenset[str] = frozenset()
    off: Mapping[str, str] = msgspec.field(default_factory=dict)
    waivers: Mapping[str, Waiver] = msgspec.field(default_factory=dict)
    declared: Mapping[str, str] = msgspec.field(default_factory=dict)
    not_asked: tuple[NotAsked, ...] = ()
    fields: Mapping[str, Any] = msgspec.field(default_factory=dict)

    def __add__(self, other: PracticeRequirements) -> PracticeRequirements:
        return PracticeRequirements(
            self.wanted | other.wanted,
            {**self.off, **other.off},
            {**self.waivers, **other.waivers},
            {**self.declared, **other.declared},
            (*self.not_asked, *other.not_asked),
            {**self.fields, **other.fields, **self._united(other)},
        )

    def _united(self, other: PracticeRequirements) -> Mapping[str, Any]:
        """The stores of both: each practice that keeps records adds its own."""
        parts = [of.fields["stores"] for of in (self, other) if "stores" in of.fields]
        return {"stores": {key: store for part in parts for key, store in part.items()}} if parts else {}


def left_out(
    practice: int,
    what: str,
    reason: str,
    controls: Iterable[str] = (),
    *,
    key: str | None = None,
    approver: str | None = None,
) -> PracticeRequirements:
    """A practice that the spec switches off (mode `off`) or does not name.

    Args:
        practice: its number.
        what: its name for the report, e.g. ``CloudTrail trail``.
        reason: the spec's, or that the spec has no such block.
        controls: ids of those not to ask; without any they still are asked where their artefact appears.
        key: the spec's key of what is left out, where an earlier spec may have asked for it.
        approver: who accepted the gap, as the spec says.
    """
    waiver = Waiver("spec", reason, approver)
    off = dict.fromkeys(controls, reason)
    not_asked = NotAsked(practice, f"{what}: {reason}", key, waiver)
    return PracticeRequirements(off=off, waivers=dict.fromkeys(off, waiver), not_asked=(not_asked,))


def declared(reference: str, controls: Iterable[str]) -> PracticeRequirements:
    """A practice in mode `reference`: its controls are asked, and pass on the declaration unless the thing is seen."""
    ids = frozenset(controls)
    return PracticeRequirements(wanted=ids, declared=dict.fromkeys(sorted(ids), reference))


def kept(control: str, store: Store) -> PracticeRequirements:
    """How a practice's records are kept; `control` asks whether they are."""
    return PracticeRequirements(wanted=frozenset({control}), fields={"stores": {control: store}})


def lock_of(asked: Delivered | Export | Trail) -> tuple[str, int] | None:
    """The object lock that a practice asks for, or None."""
    return None if asked.object_lock is None else (asked.object_lock.mode, asked.object_lock.days)


def delivered(asked: Delivered) -> Store:
    """Where a practice that delivers logs keeps them."""
    return Store(
        kind=asked.destination,
        name=asked.bucket or asked.stream,
        days=asked.retention_days,
        lock=lock_of(asked),
        key=asked.kms_key,
    )


def wanted(*controls: str) -> PracticeRequirements:
    """Controls to ask even where their artefact appears nowhere."""
    return PracticeRequirements(wanted=frozenset(controls))
