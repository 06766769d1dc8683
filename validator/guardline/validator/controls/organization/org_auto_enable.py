"""Control org-auto-enable."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.spec.features import FEATURES
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.detectors import on_detector
from guardline.validator.controls.shared.features import offered
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.when_applicable import regions_expecting
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.organizations import AutoEnable, AutoEnableFeature
from guardline.validator.model.value import UnknownValue

ALL = "ALL"

_enabling = regions_expecting("org-auto-enable", AutoEnable)


def _administrator_cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    """Under an organization's spec the administrator enables the members, and no other account can."""
    only = scope.administration
    return (cell for cell in _enabling(estate, scope) if only is None or cell.account.key == only.administrator.key)


@on_detector
def _check_auto_enable(estate: Estate, scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    selection = estate.select(AutoEnable, cell.account, cell.region)
    here = [one for one in selection.here if one.detector.is_known and detector.is_named_by(one.detector.get())]
    if not here:
        for one in selection.here:
            one.detector.get()
        selection.assert_complete()
        return failed(f"members are not enabled by themselves in {cell.region}", detector.origin)
    evidence = tuple(one.origin for one in here)
    members = here[0].members.get()
    if members != ALL:
        return failed(f"auto-enable is {members} in {cell.region}, not ALL", *evidence)
    return _features(estate, scope, cell, detector) or passed(
        f"every member gets GuardDuty and its protection plans in {cell.region}", *evidence
    )


def _features(estate: Estate, scope: Scope, cell: Cell, detector: Detector) -> Verdict | None:
    """What is wrong with the protection plans of members, or None."""
    selection = estate.select(AutoEnableFeature, cell.account, cell.region)
    ours = [one for one in selection.here if one.detector.is_known and detector.is_named_by(one.detector.get())]
    asked = scope.asked.features if scope.asked is not None else {}
    wanted = [plan.name for plan in FEATURES if asked.get(plan.name, True) and offered(cell.region or "", plan.name)]
    lacking, unsure = list[str](), list[str]()
    region_unknown = [one for one in selection.here if not one.detector.is_known] + [
        one for one in ours if not one.feature.is_known
    ]
    agents = {name: state for one in ours for name, state in one.agents.items()}
    for name in sorted(scope.asked.agents) if scope.asked is not None and "RUNTIME_MONITORING" in wanted else ():
        if name not in agents or not agents[name].is_known:
            unsure.append(f"{name}: {agents[name].reason if name in agents else 'it is not declared'}")
        elif agents[name].get() != ALL:
            lacking.append(name)
    for name in wanted:
        declared = [one for one in ours if one.feature.known_or(None) == name]
        states = {one.members.known_or(None) for one in declared if one.members.is_known}
        if states - {ALL}:
            lacking.append(name)
        elif not states:
            reasons = [one.members.reason or "" for one in declared]
            reasons += [f"{one.origin.address} may be it" for one in region_unknown]
            try:
                selection.assert_complete()
            except UnknownValue as unknown_value:
                reasons.append(unknown_value.reason)
            (unsure if reasons else lacking).append(f"{name}: {reasons[0]}" if reasons else name)
    evidence = tuple(one.origin for one in ours)
    if lacking:
        return failed(f"members do not all get {', '.join(lacking)} in {cell.region}", *evidence)
    if unsure:
        return undetermined(f"whether all members get {unsure[0]}", *evidence)
    return None


CONTROL = Control(
    id="org-auto-enable",
    title="Every member is enabled by itself",
    practice=4,
    severity=Severity.HIGH,
    why=(
        "Accounts are made every week. With ALL, each one has a detector and its protection plans within a day, and "
        "no member can stop them; with NEW, the older accounts stay as they were."
    ),
    passes=(
        "The region's detector has an `aws_guardduty_organization_configuration` with "
        '`auto_enable_organization_members = "ALL"`, and an `aws_guardduty_organization_configuration_feature` with '
        '`auto_enable = "ALL"` for every protection plan that the region offers and the spec does not switch off. '
        "Asked in every expected region of an account that declares such a configuration anywhere."
    ),
    fails=(
        "It is NEW or NONE (`auto_enable = true` means NEW), a protection plan is not declared so, the region has no "
        "such configuration, or no working detector (the cause is then that)."
    ),
    unsure="A setting, or the detector it belongs to, is known only after apply; or the source is incomplete.",
    fix=(
        "In the delegated administrator's account declare `aws_guardduty_organization_configuration` and one "
        "`aws_guardduty_organization_configuration_feature` for each protection plan, in every region."
    ),
    limits=(
        "The agents of Runtime Monitoring are judged where a spec asks for them: they may be installed by hand. The "
        "block `datasources` speaks of new accounts only and does not count. Removing such a resource changes nothing "
        "in AWS."
    ),
    cells=_administrator_cells,
    check=_check_auto_enable,
    mappings=mapped("org-auto-enable"),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateOrganizationConfiguration.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_organization_configuration",
    ),
)
