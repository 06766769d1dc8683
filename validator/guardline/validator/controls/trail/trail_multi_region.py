"""Control trail-multi-region."""

from __future__ import annotations

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.cells import account_cells
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.trails import complete, none_will_do, origins, recording
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate


def _check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    judged = [complete(estate, trail, cell.account) for trail in recording(estate, cell.account)]
    good = [one for one in judged if one.satisfies]
    if good:
        whose = "an organization trail" if good[0].trail.organization.known_or(False) else "a trail"
        return passed(f"{whose} logs management events, read and write, of every region", *origins(good))
    reason = none_will_do(estate, cell.account, judged, "trail logs all management events of every region")
    return failed(reason, *origins(judged), missing=Trail)


CONTROL = Control(
    id="trail-multi-region",
    title="A trail records every region",
    practice=1,
    severity=Severity.CRITICAL,
    why=(
        "CloudTrail is the record of who did what in the account, and the only one an investigation can fall back on. "
        "GuardDuty reads a copy of its own and needs no trail; your evidence, and alarms on tampering, do."
    ),
    passes=(
        "One trail logs, covers every region and global services, and its selectors taken together record all "
        "management events, read and write, KMS and RDS Data API included. Its home region does not matter. An "
        "organization trail counts for every account."
    ),
    fails=(
        "No trail; or every trail does not log, covers one region, leaves out global services, reads or writes, or "
        "excludes KMS or RDS Data API events (as the AWS Config rule multi-region-cloudtrail-enabled holds it)."
    ),
    unsure="Something of the one trail that may do is known only after apply, or the source is incomplete.",
    fix=(
        "Declare `aws_cloudtrail` with `is_multi_region_trail = true`; leave `enable_logging` and "
        "`include_global_service_events` at true. Advanced selectors replace the default: add one with "
        "`eventCategory` equal to `Management` and nothing else."
    ),
    limits="An organization trail elsewhere in the estate is taken to belong to the same organization as the account.",
    cells=account_cells,
    check=_check,
    mappings=mapped("trail-multi-region"),
    links=(
        "https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_EventSelector.html",
        "https://docs.aws.amazon.com/config/latest/developerguide/multi-region-cloudtrail-enabled.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail",
    ),
)
