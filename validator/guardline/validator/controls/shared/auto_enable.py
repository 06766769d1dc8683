"""How GuardDuty's administrator enables an organization's members, and their protection plans, in a region."""

from __future__ import annotations

import msgspec

from guardline.validator.control import Cell, Verdict, failed
from guardline.validator.controls.shared.attached_to import attached_to
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.organizations import AutoEnable, AutoEnableFeature, DelegatedAdministrator
from guardline.validator.model.resource import Origin
from guardline.validator.model.value import UnknownValue, Value, known, unknown

ALL = "ALL"


class MembersPlan(msgspec.Struct, frozen=True):
    """How members get a protection plan.

    Attributes:
        state: ALL, NEW or NONE.
        evidence: what states it, or the configuration that leaves it out.
        fix: what to change there; None where the control's own words serve.
    """

    state: Value[str]
    evidence: tuple[Origin, ...]
    fix: str | None = None


def refused(estate: Estate, cell: Cell) -> Verdict | None:
    """The fail of a configuration in another account than the administrator's, from which AWS does not accept it.

    Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateOrganizationConfiguration.html
    """
    here = estate.select(AutoEnable, cell.account, cell.region).here
    named = [one for one in estate.all(DelegatedAdministrator) if one.location.region.known_or(None) == cell.region]
    ids = {one.account.get().id if one.account.is_known else None for one in named}
    if not here or not named or cell.account.id is None or ids & {None, cell.account.id}:
        return None
    return failed(
        f"account {cell.account.id} configures the organization in {cell.region}, and its administrator is "
        f"{', '.join(sorted(filter(None, ids)))}: AWS accepts this from the administrator alone",
        here[0].origin,
        named[0].origin,
        fix=f"Declare {here[0].origin.address} with the provider of the administrator's account.",
    )


def not_all(estate: Estate, cell: Cell) -> AutoEnable | None:
    """The configuration that surely does not enable every member, whichever detector the region has."""
    here = estate.select(AutoEnable, cell.account, cell.region).here
    others = [one for one in here if one.members.known_or(ALL) != ALL]
    return others[0] if others and len(others) == len(here) else None


def members_plan(estate: Estate, cell: Cell, detector: Detector, configuration: AutoEnable, plan: str) -> MembersPlan:
    """How members get a plan in the cell's region, of which this is the detector."""
    selection = estate.select(AutoEnableFeature, cell.account, cell.region)
    ours = attached_to(selection.here, detector)
    if declared := [one for one in ours if one.feature.known_or(None) == plan]:
        # Of several that disagree the narrowest decides, whatever is unknown of the others.
        order = sorted(declared, key=lambda one: (one.members.known_or(ALL) == ALL, not one.members.is_known))
        state = order[0].members
        fix = f'Set `auto_enable = "ALL"` on {declared[0].origin.address}.'
        return MembersPlan(state, tuple(one.origin for one in declared), fix)
    evidence = (configuration.origin,)
    if (by_block := configuration.plans.get(plan)) is not None:
        fix = (
            f"The `datasources` block of {configuration.origin.address} speaks of new accounts only: declare "
            f'`aws_guardduty_organization_configuration_feature` with `name = "{plan}"` and `auto_enable = "ALL"` '
            "instead."
        )
        return MembersPlan(by_block, evidence, fix)
    maybe = [one for one in selection.here if not one.detector.is_known]
    maybe += [one for one in ours if not one.feature.is_known]
    if maybe:
        return MembersPlan(unknown(f"{maybe[0].origin.address} may be it"), (maybe[0].origin, *evidence))
    try:
        selection.assert_complete()
    except UnknownValue as unknown_value:
        return MembersPlan(unknown(unknown_value.reason), evidence)
    if not detector.new:
        why = "it is not declared, and an existing organization keeps what it has: declare it"
        return MembersPlan(unknown(why), evidence)
    return MembersPlan(known("NONE"), evidence)
