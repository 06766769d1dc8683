"""Control org-delegated-admin."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.service_control import is_managing
from guardline.validator.controls.shared.when_applicable import regions_expecting
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.organizations import DelegatedAdministrator
from guardline.validator.model.resource import Account, Ref

_naming = regions_expecting("org-delegated-admin", DelegatedAdministrator)


def _management_cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    """Under an organization's spec the management account names the administrator, and no other account can."""
    only = scope.administration
    return (cell for cell in _naming(estate, scope) if only is None or cell.account.key == only.management.key)


def _check_administrator(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    selection = estate.select(DelegatedAdministrator, cell.account, cell.region)
    if not selection.here:
        selection.assert_complete()
        return failed(f"no delegated administrator in {cell.region}", missing=DelegatedAdministrator)
    evidence = tuple(one.origin for one in selection.here)
    if is_managing(estate, cell.account) is False:
        return failed(
            f"account {cell.account.id} names the administrator in {cell.region}, and AWS accepts that from the "
            "organization's management account alone",
            *evidence,
        )
    named = [one.account.get() for one in selection.here]
    ours, rivals = _counts(estate, cell.account, named[0])
    if rivals and len(rivals) >= ours:
        rival = rivals[0]
        if named[0].id is None or rival.account.get().id is None:
            return undetermined(f"whether {rival.origin.address} names the same administrator is unknown", *evidence)
        said = f"{named[0].id} in {cell.region}, {rival.account.get().id} elsewhere"
        return failed(f"the regions name different administrators: {said}", *evidence, rival.origin)
    return passed(f"GuardDuty has its delegated administrator in {cell.region}", *evidence)


def _counts(estate: Estate, account: Account, ours: Ref) -> tuple[int, list[DelegatedAdministrator]]:
    """How many regions name the same administrator, and the most that agree on another one."""
    same, others = 0, defaultdict[str, list[DelegatedAdministrator]](list)
    for one in estate.select(DelegatedAdministrator, account).here:
        names = one.account.get().names if one.account.is_known else ours.names
        if names.isdisjoint(ours.names):
            others[min(names)].append(one)
        else:
            same += 1
    return same, max(others.values(), key=len, default=[])


CONTROL = Control(
    id="org-delegated-admin",
    title="GuardDuty has its delegated administrator",
    practice=4,
    severity=Severity.HIGH,
    why=(
        "The delegated administrator sees the findings of every account and enables new ones. It is set region by "
        "region: where one is left out, members stand alone, and nobody sees what happens in them."
    ),
    passes=(
        "The region has an `aws_guardduty_organization_admin_account`, and all regions name the same account. Asked in "
        "every expected region of an account that declares one anywhere."
    ),
    fails=(
        "The region has none, the regions name different accounts, or another account than the management account "
        "names it."
    ),
    unsure=(
        "Which account is named, or in which region, is known only after apply and cannot be compared with the other "
        "regions; or the source is incomplete."
    ),
    fix="Declare `aws_guardduty_organization_admin_account` in every region, from the management account.",
    limits="That AWS advises against naming the management account itself is not judged.",
    cells=_management_cells,
    check=_check_administrator,
    mappings=mapped("org-delegated-admin"),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_EnableOrganizationAdminAccount.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_organization_admin_account",
    ),
)
