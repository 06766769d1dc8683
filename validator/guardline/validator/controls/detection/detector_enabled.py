"""Control detector-enabled."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed
from guardline.validator.controls.shared.cells import offers_guardduty, region_cells
from guardline.validator.controls.shared.detectors import find, possible
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.members import enabled_by_administrator
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.resource import Account


def _lacking(estate: Estate, scope: Scope, account: Account) -> tuple[list[str], tuple[Detector, ...]]:
    """The expected regions without any detector, and the detectors that may be in one of them."""
    asked = [region for region in scope.expected_in(account) if offers_guardduty(region)]
    lacking = [region for region in asked if not estate.select(Detector, account, region).here]
    somewhere = (detector for detector in estate.select(Detector, account) if not detector.location.region.is_known)
    return lacking, possible(somewhere)


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    yield from region_cells(estate, scope)
    if estate.why_incomplete(Detector) is not None:
        return  # absence cannot be claimed, so neither can "at least so many lack one"
    for account in scope.accounts:
        lacking, maybe = _lacking(estate, scope, account)
        if len(lacking) > len(maybe) > 0 and account.key not in scope.unknown_regions:
            yield Cell(account)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    if cell.region is not None:
        return _of_region(estate, scope, cell)
    lacking, maybe = _lacking(estate, scope, cell.account)
    return failed(
        f"at least {len(lacking) - len(maybe)} of {len(lacking)} regions lack a detector: "
        f"only {len(maybe)} more may be in one of {', '.join(lacking)}",
        *(detector.origin for detector in maybe),
        missing=Detector,
    )


_of_region = enabled_by_administrator(lambda estate, _scope, cell: find(estate, cell).verdict)


CONTROL = Control(
    id="detector-enabled",
    title="GuardDuty is on",
    practice=3,
    severity=Severity.CRITICAL,
    why=(
        "Without a detector GuardDuty sees nothing in a region, and an intruder is free to work where nobody looks. "
        "AWS recommends GuardDuty in every supported region, used or not: events of global services such as IAM and "
        "STS are otherwise covered less well."
    ),
    passes="Exactly one detector in the account and region after the change, and it is enabled.",
    fails=(
        "No detector; a suspended one (`enable = false`); or two in one account and region, for AWS allows one. "
        "Where some detectors have an unknown region and the regions without one outnumber them, the account fails "
        "in one more cell that says how many regions must lack one."
    ),
    unsure=(
        "`enable` is known only after apply; the source is incomplete; two detectors come from provider configurations "
        "that a plan alone does not tell apart; without a spec, an administrator elsewhere in the source enables every "
        "member; or the region has no detector while some enabled detector's region is unknown."
    ),
    fix="Declare one `aws_guardduty_detector` with `enable = true` for the region's provider (or `region` argument).",
    limits="A plan or configuration shows what will be, not what somebody does to the account by hand.",
    cells=_cells,
    check=_check,
    mappings=mapped("detector-enabled"),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_settingup.html",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_detector",
    ),
)
