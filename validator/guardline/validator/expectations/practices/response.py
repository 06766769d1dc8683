"""What the spec's `response` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.spec.findings import families
from guardline.spec.playbooks import answers, least, matches, playbooks
from guardline.validator.expectations.asked import Answers
from guardline.validator.expectations.requirement import PracticeRequirements, declared, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec
    from guardline.spec.practices.response import Remediate

ALERT, RESPONSE = "finding-alert", "finding-response"
CARRIERS, ACTS = ("alerts-protected", "alerts-watched"), "response-acts"
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
    alerts = PracticeRequirements()
    if asked.alerts is not None:
        ways = asked.alerts
        alerts = PracticeRequirements(
            fields={
                "emails": frozenset(ways.email),
                "chats": frozenset(
                    (
                        *(f"{each.workspace}/{each.channel}" for each in ways.slack),
                        *(f"{each.tenant}/{each.team}/{each.channel}" for each in ways.teams),
                    )
                ),
                "webhooks": frozenset(each.address for each in ways.webhooks),
                "alert_severity": ways.min_severity,
            }
        )
    if asked.remediate is None:
        why = "the spec has no `response.remediate`"
        none = left_out(7, "a function that answers findings", why, key="response.remediate")
        return alerts + wanted(ALERT, *CARRIERS) + none
    answered = {kind: actions for kind, actions in answers(asked.remediate).items() if actions}
    acts = (ACTS,) if asked.remediate.does != "notify" else ()
    fields = {"response_mode": asked.remediate.does, "answers": answered, "answering": _answering(asked.remediate)}
    return alerts + PracticeRequirements(fields=fields) + wanted(ALERT, RESPONSE, *CARRIERS, *acts)


def _answering(asked: Remediate) -> Answers:
    lines = playbooks(asked)
    first = {kind: next(each for each in lines if any(matches(one, kind) for one in each.types)) for kind in families()}
    return Answers(
        playbooks={kind: (tuple(sorted(each.actions)), each.min_severity) for kind, each in first.items()},
        least=least(asked),
        never=frozenset(asked.never),
        opt_out_tags=frozenset(asked.opt_out_tags),
        opt_in_tags=frozenset(asked.opt_in_tags),
        rate_limit=asked.rate_limit,
        concurrency=asked.concurrency,
    )
