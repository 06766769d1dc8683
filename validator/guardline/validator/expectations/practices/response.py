"""What the spec's `response` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.spec.playbooks import answers
from guardline.validator.expectations.requirement import PracticeRequirements, declared, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec

ALERT, RESPONSE = "finding-alert", "finding-response"
_WHAT = "alerts and responses to findings"


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """What is asked of alerts and of the function that answers findings."""
    asked = spec.response
    if asked is None:
        return left_out(7, _WHAT, "the spec has no `response`", key="response")
    if asked.mode == "off":
        return left_out(7, _WHAT, asked.reason or "", (ALERT, RESPONSE), key="response", approver=asked.approved_by)
    if asked.mode == "reference":
        return declared(f"owned by {asked.owner}", (ALERT, RESPONSE))
    if asked.remediate is None:
        why = "the spec has no `response.remediate`"
        return wanted(ALERT) + left_out(7, "a function that answers findings", why, key="response.remediate")
    answered = {kind: actions for kind, actions in answers(asked.remediate).items() if actions}
    return PracticeRequirements(fields={"response_mode": asked.remediate.does, "answers": answered}) + wanted(
        ALERT, RESPONSE
    )
