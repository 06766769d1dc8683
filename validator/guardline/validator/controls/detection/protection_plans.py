"""Controls s3-protection, eks-audit-logs, ebs-malware-protection, rds-login-events, lambda-network-logs."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from guardline.spec.features import FEATURES
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, not_applicable, passed, undetermined
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.detectors import on_detector
from guardline.validator.controls.shared.features import effective, fix, offered
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.members import enabled_by_administrator
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector

Judge = Callable[[Estate, Scope, Cell, Detector], Verdict]

UNSURE = (
    "The status is known only after apply; declarations of one feature disagree; a feature whose detector or name is "
    "unknown may be this one; or it is not declared, and the detector may exist already and keep what it has (source "
    "alone never shows that a detector is new)."
)
LINKS = (
    "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html",
    "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_detector_feature",
)


def wanted_cells(feature: str) -> Callable[[Estate, Scope], Iterator[Cell]]:
    """Region cells, or none where the spec asks the feature off."""

    def cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
        wanted = scope.asked is None or scope.asked.features.get(feature, True)
        return region_cells(estate, scope) if wanted else iter(())

    return cells


def where_offered(feature: str, judge: Judge) -> Callable[[Estate, Scope, Cell], Verdict]:
    """A check on the region's detector, not applicable where AWS documents that the feature is missing."""
    check = enabled_by_administrator(on_detector(judge), lambda _: (feature,))

    def checked(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
        if not offered(cell.region or "", feature):
            return not_applicable(f"AWS does not offer {feature} in {cell.region} (region catalogue)")
        return check(estate, scope, cell)

    return checked


def _judge(feature: str) -> Judge:
    def judge(estate: Estate, _scope: Scope, cell: Cell, detector: Detector) -> Verdict:
        state = effective(estate, detector, feature)
        if not state.on.is_known:
            return undetermined(f"in {cell.region}: {state.on.reason}", *state.evidence)
        if state.on.get():
            return passed(f"{feature} is on in {cell.region}: {state.how}", *state.evidence)
        reason = f"{feature} is off in {cell.region}: {state.how}"
        return failed(reason, *state.evidence, fix=fix(detector, feature))

    return judge


S3 = "S3_DATA_EVENTS"
"""Recommendation 2 by itself: control `s3-protection`, in its own file."""

WHY = {
    S3: (
        "S3 Protection reads object-level events (GetObject, PutObject, DeleteObject), which is how the theft or "
        "destruction of data in buckets is seen. It needs no trail of your own; without it only bucket-level changes "
        "are watched."
    ),
    "EKS_AUDIT_LOGS": (
        "EKS Protection reads Kubernetes audit logs: anonymous access, stolen service-account tokens and privileged "
        "containers show nowhere else. It needs no control-plane logging of your own."
    ),
    "EBS_MALWARE_PROTECTION": (
        "Malware Protection for EC2 scans the volumes of an instance when another finding suspects it, without an "
        "agent. Without it a suspicion stays a suspicion."
    ),
    "RDS_LOGIN_EVENTS": (
        "RDS Protection watches logins to supported databases: brute force, and successful logins from unusual "
        "places. These events appear in neither CloudTrail nor flow logs."
    ),
    "LAMBDA_NETWORK_LOGS": (
        "Lambda Protection watches the network activity of functions, including those outside a VPC, which your own "
        "flow logs never see: mining, command-and-control, Tor."
    ),
}


def of_feature(feature: str, control: str, title: str) -> Control:
    """The control that asks whether a protection plan is on.

    Args:
        feature: its name in the API.
        control: the control's id.
        title: the plan's name for people.
    """
    return Control(
        id=control,
        title=f"{title} is on",
        practice=2 if feature == S3 else 3,
        severity=Severity.HIGH if feature == S3 else Severity.MEDIUM,
        why=WHY[feature],
        passes=(
            f"`{feature}` is effectively on for the region's detector: declared ENABLED (a feature resource, or the "
            "legacy `datasources` block), on by AWS's default on a detector that the change creates, or on already "
            "on an existing one."
        ),
        fails="The effective state is off, or the region has no working detector (the cause is then that).",
        unsure=UNSURE,
        fix=(
            f'Declare `aws_guardduty_detector_feature` with `name = "{feature}"` and `status = "ENABLED"` on the '
            "region's detector."
        ),
        limits=(
            "Removing a feature resource disables nothing: AWS keeps the last state. "
            "A feature on another region's detector shows nothing for this one."
        ),
        cells=wanted_cells(feature),
        check=where_offered(feature, _judge(feature)),
        mappings=mapped(control),
        links=LINKS,
    )


CONTROLS = tuple(
    of_feature(plan.name, plan.control, plan.title) for plan in FEATURES if plan.name in WHY and plan.name != S3
)
