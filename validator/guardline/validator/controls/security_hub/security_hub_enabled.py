"""Control security-hub-enabled."""

from __future__ import annotations

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.members import beside_detector
from guardline.validator.controls.shared.only_one import too_many
from guardline.validator.controls.shared.when_applicable import regions_expecting
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.securityhub import CentralConfiguration, Hub

_DOCS = "https://docs.aws.amazon.com/securityhub/latest/userguide"

_TERRAFORM = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources"


def _hub(estate: Estate, scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    selection = estate.select(Hub, cell.account, cell.region)
    if not selection.here:
        selection.assert_complete()
        central = next(iter(estate.all(CentralConfiguration)), None)
        if central is not None:
            reason = (
                f"no hub is declared in {cell.region}, and whether a policy of {central.origin.address}, which "
                "configures Security Hub centrally, switches it on there is not read"
            )
            return undetermined(reason, central.origin, detector.origin)
        return failed(f"Security Hub is not on in {cell.region}", detector.origin)
    if (verdict := too_many(estate, cell, selection.here, "hubs")) is not None:
        return verdict
    origins = (*(one.origin for one in selection), detector.origin)
    asked = scope.asked.findings_per if scope.asked is not None else None
    # Where nobody says it, AWS takes SECURITY_CONTROL:
    # https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_EnableSecurityHub.html
    per = selection.here[0].findings_per.get() or "SECURITY_CONTROL" if asked is not None else None
    if per != asked:
        return failed(f"the hub in {cell.region} makes findings per {per}, and the spec says {asked}", *origins)
    return passed(f"Security Hub and the detector are both on in {cell.region}, and link themselves", *origins)


CONTROL = Control(
    id="security-hub-enabled",
    title="Security Hub receives GuardDuty's findings",
    practice=8,
    severity=Severity.MEDIUM,
    why=(
        "Security Hub shows GuardDuty's findings beside those of the other services. A region where it is off is "
        "missing from that one view, and nobody looks at it region by region."
    ),
    passes=(
        "Security Hub and a working detector are both on in the account and region: AWS then links them by itself. "
        "Under a spec the hub makes findings for each control, or for each standard, as the spec says."
    ),
    fails=(
        "Security Hub is off in the region; two hubs are declared in one account and region, for AWS allows one; the "
        "hub makes findings otherwise than the spec says; or the region has no working detector (the cause is then "
        "that)."
    ),
    unsure=(
        "The region of a hub is unknown, the detector is undetermined, the source is incomplete, or it configures "
        "Security Hub centrally for an organization (`aws_securityhub_organization_configuration`), whose policies are "
        "not read."
    ),
    fix="Declare `aws_securityhub_account` in every region that has a detector.",
    limits=(
        "Asked when the source switches Security Hub on somewhere. A hub that an organization's configuration switches "
        "on in its members is not seen, nor an integration that somebody switched off again."
    ),
    cells=regions_expecting("security-hub-enabled", Hub),
    check=beside_detector(_hub),
    mappings=mapped("security-hub-enabled"),
    links=(f"{_DOCS}/securityhub-internal-providers.html", f"{_TERRAFORM}/securityhub_account"),
)
