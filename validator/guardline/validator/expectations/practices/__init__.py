"""What a spec asks of the controls: one file for each practice, collected here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from guardline.validator.expectations import known_vpcs
from guardline.validator.expectations.practices import (
    access,
    detection,
    dns_logs,
    flow_logs,
    lists,
    organization,
    response,
    security_hub,
    suppression,
    tamper,
    trail,
)
from guardline.validator.expectations.requirement import PracticeRequirements
from guardline.validator.expectations.scope import NotAsked, Requirements

if TYPE_CHECKING:
    from guardline.spec.model import Leaving, Spec

# In the order of the practices, which is the order in which the report lists what is not asked.
PRACTICES: tuple[Callable[[Spec, Path], PracticeRequirements], ...] = (
    detection.asks,
    flow_logs.asks,
    dns_logs.asks,
    known_vpcs.asks,
    trail.asks,
    access.asks,
    organization.asks,
    security_hub.asks,
    response.asks,
    tamper.asks,
    suppression.asks,
    lists.asks,
)


def asked_by(spec: Spec, path: Path) -> tuple[Requirements, tuple[NotAsked, ...]]:
    """What the spec asks of the controls, and the practices it leaves out.

    Args:
        spec: the spec.
        path: its file; lists are read beside it.

    Raises:
        ListError: a list cannot be read.
    """
    whole = PracticeRequirements()
    for asks in PRACTICES:
        whole += asks(spec, path)
    left: Mapping[str, Leaving] = {key: one for key, one in spec.leaving.items() if one.reason or one.approved_by}
    not_asked = tuple(_approved(each, left) for each in whole.not_asked)
    asked = Requirements(
        **whole.fields, wanted=whole.wanted, off=whole.off, waivers=whole.waivers, declared=whole.declared
    )
    return asked, not_asked


def _approved(each: NotAsked, left: Mapping[str, Leaving]) -> NotAsked:
    """With the reason and approver that `leaving` gives where the practice itself gives none."""
    waiver = each.waiver
    if waiver is None or waiver.is_approved or (one := left.get(each.key or "")) is None:
        return each
    return replace(each, waiver=replace(waiver, reason=one.reason or waiver.reason, approver=one.approved_by))
