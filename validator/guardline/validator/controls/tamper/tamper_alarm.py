"""Control tamper-alarm."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from guardline.validator.control import Cell, Control, Severity, Status, Verdict, failed
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.controls.tamper.alarms import alarms
from guardline.validator.controls.tamper.guarded_resources import unwatched_roles
from guardline.validator.controls.tamper.tamper_trail import watches_calls
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS

ID = "tamper-alarm"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    concerned = {one.key for one in scope.accounts if is_asked(scope, ID) or watches_calls(estate, one)}
    return (cell for cell in region_cells(estate, scope) if cell.account.key in concerned)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    verdict = alarms(estate, scope, cell, GUARDDUTY_CALLS, "calls that weaken GuardDuty")
    asked = scope.asked.exempt_roles if scope.asked is not None and is_asked(scope, ID) else None
    if verdict.status is not Status.PASS or asked is None:
        return verdict
    named = {role.rpartition("/")[2] for role in asked}
    if extra := sorted(set(unwatched_roles(estate, cell.account, cell.region or "")) - named):
        return failed(
            f"calls by the role {extra[0]} raise no alarm, and the spec does not exempt it", *verdict.evidence
        )
    spared = f", but for the role {', '.join(sorted(named))}" if named else ""
    return replace(verdict, reason=f"{verdict.reason}{spared}")


CONTROL = Control(
    id=ID,
    title="Weakening GuardDuty raises an alarm",
    practice=6,
    severity=Severity.HIGH,
    why=(
        "Switching the detection off is what an intruder does first, and GuardDuty cannot report its own end. A rule "
        "on the calls that weaken it tells people within minutes, region by region."
    ),
    passes=(
        "Enabled rules match every call of GuardDuty's API that weakens it (each is tried on the pattern, as "
        "CloudTrail would report it from the root user, IAM users, roles, IAM Identity Center and federated users, "
        "with and without MFA, by console and CLI) and lead to an SNS topic that EventBridge may publish to and "
        "somebody subscribes to, or to a function that it may call, directly or through another bus; and a trail "
        "records these calls in the region, without which EventBridge gets none. Asked in every expected region of an "
        "account with a rule about calls to GuardDuty. Under a spec no role is left out but those that it exempts."
    ),
    fails=(
        "No rule matches some call or some class of people (a comparison with `anything-but` does not match a field "
        "that is missing, such as the session issuer of the root user), the rule is disabled, its targets cannot work, "
        "or no trail records the calls."
    ),
    unsure=(
        "A pattern, target or policy is known only after apply or not in the source, nobody is seen to subscribe to "
        "the topic, the target is of another kind than topic, function and bus, or the source is incomplete."
    ),
    fix=(
        "Declare in each region `aws_cloudwatch_event_rule` with `source` aws.guardduty, `detail-type` AWS API Call "
        "via CloudTrail and the `eventName` of each call (`Delete*` and `Disassociate*` by prefix), and "
        "`aws_cloudwatch_event_target` to a topic or the home region's bus."
    ),
    limits=(
        "Whether a subscription was confirmed is not seen. A rule may leave out a role by its name, or calls of AWS "
        "services, but no class of people. Calls on what stands around GuardDuty are for records-alarm."
    ),
    cells=_cells,
    check=_check,
    mappings=mapped(ID),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/logging-using-cloudtrail.html",
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html",
    ),
)
