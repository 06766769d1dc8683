"""Control region-denied."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.service_control import assert_bound, assert_seen, reaching, read, unbound
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import RegionState, Scope
from guardline.validator.model.account import RegionListing, RegionSwitch
from guardline.validator.model.estate import Estate
from guardline.validator.model.organizations import ServiceControlPolicy
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_denials import not_denied

# What an intruder would run in a region that nobody watches; no policy for regions need exempt these.
PROBES = ("ec2:RunInstances", "lambda:CreateFunction", "guardduty:CreateDetector")


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    excluded = [region.name for region in scope.regions if region.state is RegionState.EXCLUDED]
    everywhere = is_asked(scope, "region-denied") or any(map(_is_about_regions, estate.all(ServiceControlPolicy)))
    for account in scope.accounts:
        switched = {one.region.known_or("") for one in estate.select(RegionSwitch, account)}
        yield from (Cell(account, region) for region in excluded if everywhere or region in switched)


def _is_about_regions(policy: ServiceControlPolicy) -> bool:
    """Whether a Deny of the policy asks for the region; one that cannot be read may."""
    try:
        statements = read(policy).statements
    except UnknownValue:
        return True
    return any(
        condition.key.lower() == "aws:requestedregion"
        for statement in statements
        if not statement.allows
        for condition in statement.conditions
    )


def _turned_off(estate: Estate, cell: Cell) -> Verdict | None:
    """The pass of a region that the account has not opted in to, if the source shows that."""
    switches = [one for one in estate.select(RegionSwitch, cell.account) if one.region.known_or("") == cell.region]
    for one in switches:
        if not one.on.known_or(True):
            return passed(f"the account does not opt in to {cell.region}", one.origin)
    if switches:  # it is turned on, or may be; a listing made before the change says nothing against that
        return None
    for listing in estate.select(RegionListing, cell.account):
        if cell.region not in listing.regions.known_or((cell.region,)):
            return passed(f"the account has not opted in to {cell.region}", listing.origin)
    return None


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    if (off := _turned_off(estate, cell)) is not None:
        return off
    if (verdict := unbound(estate, scope, cell.account)) is not None:
        return verdict
    if not estate.all(ServiceControlPolicy):
        raise UnknownValue("no service control policy is seen here, and the organization may have one")
    assert_bound(estate, cell.account)
    found, region = reaching(estate, cell.account), cell.region or ""
    try:
        left = not_denied(found.documents, PROBES, cell.account.id, region)
    except UnknownValue:
        assert_seen(estate, found)
        raise
    if not left:
        return passed(f"service control policies deny the use of {region}", *found.evidence)
    assert_seen(estate, found)
    reason = f"{region} is left out and not denied: {', '.join(left)} stay open there"
    return failed(reason, *found.evidence, missing=ServiceControlPolicy)


CONTROL = Control(
    id="region-denied",
    title="A region left out is denied",
    practice=3,
    severity=Severity.MEDIUM,
    why=(
        "An intruder goes where nobody looks. A region without a detector is safe to leave out only where nothing can "
        "be run in it."
    ),
    passes=(
        "Service control policies that reach the account deny its ordinary roles, users and root user, in the excluded "
        f"region, {', '.join(f'`{probe}`' for probe in PROBES)}, usually by `aws:RequestedRegion`. Or the account "
        "does not opt in to it: `aws_account_region` with `enabled = false`, or a listing (`aws_regions`) that lacks "
        "it. Asked of the regions that the spec excludes, where the source has a policy about regions, or a region's "
        "`aws_account_region`."
    ),
    fails="Policies about regions are in the source, and those that reach the account leave one of these actions open.",
    unsure=(
        "The text of a policy, or what it is attached to, is known only after apply; where the account stands in the "
        "organization is unknown; the Deny stands under a condition that the text does not settle; or the account "
        "declares the policies itself and may be the management account."
    ),
    fix=(
        "Declare an `aws_organizations_policy` that denies all but global services (`NotAction`) where "
        "`StringNotEquals` `aws:RequestedRegion` lists the regions in use, and attach it to the root."
    ),
    limits=(
        "The three actions stand for all. The management account is not applicable, unless it does not opt in. A "
        "region that the spec calls not opted in is no excluded region, and is not asked about."
    ),
    cells=_cells,
    check=_check,
    mappings=mapped("region-denied"),
    links=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion",
    ),
)
