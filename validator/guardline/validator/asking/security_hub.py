"""What the spec's `security_hub` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.asking.asking import Asking, declared, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec

ENABLED, AGGREGATION, INTEGRATIONS = (
    "security-hub-enabled",
    "security-hub-aggregation",
    "security-hub-integrations",
)
_ALL = (ENABLED, AGGREGATION, INTEGRATIONS)


def asks(spec: Spec, _path: Path) -> Asking:
    """What is asked of Security Hub."""
    asked = spec.security_hub
    if asked is None:
        return left_out(8, "Security Hub", "the spec has no `security_hub`")
    if asked.mode == "off":
        return left_out(8, "Security Hub", asked.reason or "", _ALL)
    if asked.mode == "reference":
        return declared(f"owned by {asked.owner}", (ENABLED, AGGREGATION))
    asking = wanted(ENABLED)
    if asked.aggregate:
        asking += wanted(AGGREGATION)
    else:
        reason = "the spec says `security_hub.aggregate: false`"
        asking += left_out(8, "one view of all regions", reason, (AGGREGATION,))
    if asked.integrations:
        products = frozenset(f"product/aws/{name}" for name in asked.integrations)
        asking += wanted(INTEGRATIONS) + Asking(fields={"integrations": products})
    return asking
