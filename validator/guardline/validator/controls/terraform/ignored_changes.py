"""Control ignored-changes: what Terraform would no longer set right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.terraform import ALL, Lifecycle
from guardline.validator.model.value import UnknownValue

GUARDED: Mapping[str, frozenset[str]] = {
    "aws_guardduty_detector": frozenset({"enable", "datasources"}),
    "aws_guardduty_detector_feature": frozenset({"status"}),
    "aws_guardduty_organization_configuration": frozenset({"auto_enable", "auto_enable_organization_members"}),
    "aws_guardduty_organization_configuration_feature": frozenset({"auto_enable"}),
    "aws_cloudtrail": frozenset({"enable_logging", "is_multi_region_trail"}),
}


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    for account in scope.accounts:
        for resource in estate.select(Lifecycle, account):
            region = resource.location.region.known_or(None)
            if region is None or region in scope.expected_in(account):
                yield Cell(account, region, resource.origin.address, None, resource)


def _check(_estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    resource = cell.resource
    if not isinstance(resource, Lifecycle):
        raise UnknownValue("its lifecycle is unknown")
    guarded = GUARDED[resource.kind]
    lost = guarded if ALL in resource.ignored else guarded & set(resource.ignored)
    if lost:
        return failed(f"changes of {', '.join(sorted(lost))} are ignored, so nobody turns it on again", resource.origin)
    return passed("Terraform sets it right again when somebody turns it off", resource.origin)


CONTROL = Control(
    id="ignored-changes",
    title="Terraform turns back on what somebody turned off",
    practice=3,
    severity=Severity.MEDIUM,
    why=(
        "`ignore_changes` on a switch makes every later plan silent about it: a detector that somebody suspends by "
        "hand stays suspended, and Terraform reports that all is as declared."
    ),
    passes="`ignore_changes` of the resource names none of the attributes that switch it on or off.",
    fails=(
        "`ignore_changes` is `all`, or names `enable` or `datasources` of a detector, `status` of a feature, "
        "`auto_enable` of an organization, or `enable_logging` or `is_multi_region_trail` of a trail."
    ),
    unsure="Never: what is ignored must be written out in the source.",
    fix="Take the switch out of `ignore_changes`; if another tool owns it, declare the resource there instead.",
    limits="Only the source tells. A plan does not carry `ignore_changes`, so from a plan the control is not asked.",
    cells=_cells,
    check=_check,
    links=("https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle",),
    sources=frozenset({"hcl"}),
)
