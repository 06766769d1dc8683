"""Control feature-pinned."""

from __future__ import annotations

from guardline.spec.features import FEATURES
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.detectors import on_detector
from guardline.validator.controls.shared.features import offered, undeclared_is_unsure
from guardline.validator.controls.shared.members import enabled_by_administrator
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.value import UnknownValue


def _judge(estate: Estate, _scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    asked = [plan.name for plan in FEATURES if offered(cell.region or "", plan.name)]
    left = [name for name in asked if not detector.features.get(name)]
    if not left:
        origins = (detector.features[name][0].origin for name in asked)
        return passed(f"all {len(asked)} features are declared in {cell.region}", *origins)
    if why := undeclared_is_unsure(estate, detector):
        raise UnknownValue(f"{', '.join(left)} not seen declared in {cell.region}, but {why}")
    return failed(f"protection plans are left to AWS's default in {cell.region}: {', '.join(left)}", detector.origin)


CONTROL = Control(
    id="feature-pinned",
    title="Every protection plan's state is declared",
    practice=3,
    severity=Severity.LOW,
    why=(
        "A new detector turns on every plan that nobody names, except Runtime Monitoring: plans that cost money start "
        "by themselves, and what is on differs between regions by the day the detector was made. A declared state is "
        "the same everywhere, and a change to it shows in a diff."
    ),
    passes="Each feature that the region offers is declared on the detector, ENABLED or DISABLED.",
    fails="A feature is not declared, or the region has no working detector (the cause is then that).",
    unsure="A feature whose detector or name is unknown may be the missing one, or the source is incomplete.",
    fix=(
        'Declare one `aws_guardduty_detector_feature` per feature, with `status = "DISABLED"` for those you do not '
        "want. Removing the resource later disables nothing; set the status instead."
    ),
    limits=(
        "Features that only newer AWS providers can declare (AI_PROTECTION and AI_ANALYST, from 6.56) are not asked "
        "for, nor is RDS_DATA_RISK, which none can. Only configuration tells; a live account does not know who "
        "declared what."
    ),
    cells=region_cells,
    check=enabled_by_administrator(on_detector(_judge)),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_detector_feature",
    ),
    sources=frozenset({"hcl", "plan", "state"}),
)
