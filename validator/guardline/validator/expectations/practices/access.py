"""What the spec's `access` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from guardline.validator.expectations.asked import Center, People
from guardline.validator.expectations.requirement import PracticeRequirements, declared, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec

CONTROLS = ("access-separated", "access-least-privilege")


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """What is asked of the identities of people, and which of them may administer GuardDuty."""
    asked = spec.access
    if asked is None:
        return left_out(4, "identities of people", "the spec has no `access`", key="access")
    if asked.mode == "off":
        return left_out(
            4, "identities of people", asked.reason or "", CONTROLS, key="access", approver=asked.approved_by
        )
    if asked.mode == "reference":
        administrators = frozenset(asked.administrators)
        return declared(f"owned by {asked.owner}", CONTROLS) + PracticeRequirements(
            fields={"administrators": administrators}
        )
    kind = "guardduty-administrator" if asked.kind == "roles" else "gd-admin"
    fields: dict[str, Any] = {"administrators": frozenset({f"{spec.name}-{kind}"})}
    center = None
    if (at := asked.identity_center) is not None:
        center = Center(at.instance_arn, at.region or spec.home_region, frozenset(at.accounts))
    if asked.kind == "roles" or center is not None:
        named = {"reader": asked.readers, "responder": asked.responders, "administrator": asked.administrators}
        parts = {part: frozenset(arns) for part, arns in named.items()}
        fields["people"] = People(parts, asked.mfa, asked.permissions_boundary, center)
    return wanted(*CONTROLS) + PracticeRequirements(fields=fields)
