"""Control security-hub-aggregation."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.security_hub.membership import as_member
from guardline.validator.controls.shared.cells import account_cells
from guardline.validator.controls.shared.finding_routes import links
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.may_be_other_account import may_be_other_account
from guardline.validator.controls.shared.members import of_administrator
from guardline.validator.controls.shared.when_applicable import appears, is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Resource
from guardline.validator.model.securityhub import CentralConfiguration, FindingAggregator, Hub, HubAdministrator
from guardline.validator.model.value import UnknownValue

_DOCS = "https://docs.aws.amazon.com/securityhub/latest/userguide"

_TERRAFORM = "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources"


def _aggregation_cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    asked = is_asked(scope, "security-hub-aggregation")
    return (
        cell for cell in account_cells(estate, scope) if asked or appears(estate, cell.account, FindingAggregator, Hub)
    )


def _aggregation(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    selection = estate.select(FindingAggregator, cell.account)
    if not selection.here:
        selection.assert_complete()
        return failed("no aggregator brings the findings of all regions together", missing=FindingAggregator)
    origins = tuple(one.origin for one in selection)
    one, *others = selection.here
    if others and (why := may_be_other_account(selection.here)) is not None:
        return undetermined(f"{len(origins)} aggregators are seen, {why}", *origins)
    if others:
        return failed(f"{len(origins)} aggregators, and AWS allows one in an account", *origins)
    return _without_hub(estate, cell, one) or _coverage(scope, cell, one)


def _without_hub(estate: Estate, cell: Cell, one: FindingAggregator) -> Verdict | None:
    """The verdict of an aggregator in a region where Security Hub is not seen to be on; AWS refuses it without.

    Source: https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateFindingAggregator.html
    """
    home = one.location.region.known_or(None)
    hubs = estate.select(Hub, cell.account, home)
    if hubs.here:
        return None
    where = home or "its region"
    enabling: list[Resource] = [*estate.all(CentralConfiguration)]
    enabling += [
        each for each in estate.all(HubAdministrator) if each.account.known_or(None) in (None, cell.account.id)
    ]
    if cell.account.id is None:
        enabling += estate.all(HubAdministrator)
    if enabling:
        why = f"{enabling[0].origin.address} may have turned it on there"
        return undetermined(f"the aggregator needs Security Hub in {where}, and {why}", one.origin, enabling[0].origin)
    try:
        hubs.assert_complete()
    except UnknownValue as unknown_value:
        reason = f"the aggregator needs Security Hub in {where}, where none is seen, but {unknown_value.reason}"
        return undetermined(reason, one.origin)
    return failed(
        f"the aggregator needs Security Hub in {where}, where it is not on",
        one.origin,
        missing=Hub,
        fix=f"Declare `aws_securityhub_account` in {where}, and let {one.origin.address} depend on it.",
    )


def _coverage(scope: Scope, cell: Cell, one: FindingAggregator) -> Verdict:
    origins, home = (one.origin,), one.location.region.known_or(None)
    if one.mode.known_or("") == "ALL_REGIONS":
        return passed("one aggregator covers every region, and those opted into later", *origins)
    try:
        left = [region for region in scope.expected_in(cell.account) if region != home and not links(one, region)]
    except UnknownValue as unknown_value:
        return undetermined(f"which regions {one.origin.address} covers is unknown: {unknown_value.reason}", *origins)
    if home is None and len(left) == 1:
        why = one.location.region.reason
        return undetermined(f"{left[0]} is left out unless it is the aggregation region: {why}", *origins)
    if left:
        return failed(f"the aggregator leaves out {', '.join(left)}", *origins)
    return passed("one aggregator covers every expected region", *origins)


CONTROL = Control(
    id="security-hub-aggregation",
    title="One place shows the findings of all regions",
    practice=8,
    severity=Severity.MEDIUM,
    why=(
        "Security Hub keeps the findings of each region in that region. With an aggregator all of them are seen, and "
        "can be acted on, in one."
    ),
    passes=(
        "The account has one finding aggregator, in a region where Security Hub is on, and it covers every expected "
        "region: ALL_REGIONS (which includes those opted into later), or a mode whose list leaves none of them out. "
        "Another account of an organization passes on the administrator's aggregator, if it is a member of that "
        "account's Security Hub in every expected region."
    ),
    fails=(
        "No aggregator, more than one, one that leaves out an expected region, or one in a region without Security "
        "Hub, where AWS refuses it. An account of an organization that nothing makes a member in some region."
    ),
    unsure=(
        "The aggregator's mode or regions are known only after apply; the account administers Security Hub for an "
        "organization, by which it may be on; an account becomes a member only if it joins the organization later, "
        "or by policies of a central configuration, which are not read; or the source is incomplete."
    ),
    fix="Declare one `aws_securityhub_finding_aggregator` in the home region, with `linking_mode` ALL_REGIONS.",
    limits=(
        "Asked when the source switches Security Hub on or holds an aggregator. Aggregation at an organization's "
        "administrator account is seen only where that account is in the source."
    ),
    cells=_aggregation_cells,
    check=as_member(of_administrator(_aggregation)),
    mappings=mapped("security-hub-aggregation"),
    links=(
        f"{_DOCS}/finding-aggregation.html",
        "https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateMembers.html",
        f"{_TERRAFORM}/securityhub_finding_aggregator",
        f"{_TERRAFORM}/securityhub_member",
    ),
)
