"""What the spec's `tamper` block asks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from guardline.validator.expectations.requirement import PracticeRequirements, declared, left_out, wanted

if TYPE_CHECKING:
    from guardline.spec.model import Spec
    from guardline.spec.practices.tamper import Tamper

ALARMS = ("tamper-alarm", "records-alarm")
WATCHING = ("tamper-trail", *ALARMS)
CONTROLS = (*WATCHING, "tamper-prevention")
_HANDED_ON = "no organization in the spec; the policies are an output for whoever manages it"


def asks(spec: Spec, _path: Path) -> PracticeRequirements:
    """What is asked of watching GuardDuty itself."""
    asked = spec.tamper
    if asked is None:
        return left_out(6, "watching GuardDuty itself", "the spec has no `tamper`", key="tamper")
    if asked.mode == "off":
        reason, approver = asked.reason or "", asked.approved_by
        return left_out(6, "watching GuardDuty itself", reason, CONTROLS, key="tamper", approver=approver)
    if asked.mode == "reference":
        return declared(f"watched by {asked.owner}", WATCHING)
    whole = PracticeRequirements(fields={"exempt_roles": _exempt(spec, asked), "targets": asked.targets})
    if spec.trail.mode == "off":  # then the spec has neither an alarm nor queries, which would need a trail
        reason, approver = spec.trail.reason or "", spec.trail.approved_by
        whole += left_out(6, "trail of changes", reason, ("tamper-trail",), key="trail", approver=approver)
    else:
        whole += wanted("tamper-trail")
    if asked.queries:
        whole += wanted("tamper-queries") + PracticeRequirements(fields={"queried_bucket": asked.trail_bucket})
    if spec.trail.mode == "reference":
        whole += declared(f"{spec.trail.arn}, owned by {spec.trail.owner}", ("tamper-trail",))
    no_alarm = left_out(6, "alarm", "`tamper.alarm` is false", ALARMS, key="tamper.alarm")
    whole += wanted(*ALARMS) if asked.alarm else no_alarm
    for practice, on, control, what in (
        (6, asked.scp, "tamper-prevention", "service control policy against tampering"),
        (3, asked.deny_regions, "region-denied", "service control policy on regions"),
    ):
        if on and spec.organization is not None:
            whole += wanted(control)
        elif on:
            whole += left_out(practice, what, _HANDED_ON)
        else:
            key = "tamper.scp" if control == "tamper-prevention" else None
            whole += left_out(practice, what, "not asked for in `tamper`", key=key)
    return whole


def _exempt(spec: Spec, asked: Tamper) -> tuple[str, ...] | None:
    """The roles that deploy: those of the spec, else the one that Terraform assumes; None for an unknown one."""
    if asked.exempt_roles:
        return asked.exempt_roles
    if (assumed := spec.terraform.provider.assume_role) is not None:
        return (assumed.role_arn,)
    if spec.organization is not None and spec.organization.deploy_role is not None:
        return (f"arn:{spec.partition}:iam::*:role/{spec.organization.deploy_role}",)
    return None
