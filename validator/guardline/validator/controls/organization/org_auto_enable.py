"""Control org-auto-enable."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.spec.features import FEATURES
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.attached_to import assert_attached, attached_to
from guardline.validator.controls.shared.auto_enable import ALL, members_plan, not_all, refused
from guardline.validator.controls.shared.detectors import on_detector
from guardline.validator.controls.shared.features import offered
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.when_applicable import regions_expecting
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.organizations import AutoEnable, AutoEnableFeature

_enabling = regions_expecting("org-auto-enable", AutoEnable)


def _administrator_cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    """Under an organization's spec the administrator enables the members, and no other account can."""
    only = scope.administration
    return (cell for cell in _enabling(estate, scope) if only is None or cell.account.key == only.administrator.key)


def _sure(estate: Estate, _scope: Scope, cell: Cell) -> Verdict | None:
    narrow = not_all(estate, cell)
    return refused(estate, cell) or (None if narrow is None else _narrow(cell, narrow))


def _narrow(cell: Cell, one: AutoEnable) -> Verdict:
    return failed(
        f"auto-enable is {one.members.get()} in {cell.region}, not ALL",
        one.origin,
        fix=f'Set `auto_enable_organization_members = "ALL"` on {one.origin.address}.',
    )


def _judge(estate: Estate, scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    selection = estate.select(AutoEnable, cell.account, cell.region)
    here = attached_to(selection.here, detector)
    if not here:
        assert_attached(selection.here)
        selection.assert_complete()
        return failed(f"members are not enabled automatically in {cell.region}", detector.origin, missing=AutoEnable)
    if here[0].members.get() != ALL:
        return _narrow(cell, here[0])
    return _plans(estate, scope, cell, detector, here[0]) or passed(
        f"every member gets GuardDuty and its protection plans in {cell.region}", *(one.origin for one in here)
    )


def _plans(estate: Estate, scope: Scope, cell: Cell, detector: Detector, configuration: AutoEnable) -> Verdict | None:
    """What is wrong with the protection plans of members, or None."""
    asked = scope.asked.features if scope.asked is not None else {}
    wanted = [plan.name for plan in FEATURES if asked.get(plan.name, True) and offered(cell.region or "", plan.name)]
    found = {name: members_plan(estate, cell, detector, configuration, name) for name in wanted}
    lacking = [name for name, plan in found.items() if plan.state.known_or(ALL) != ALL]
    fixes = {plan.fix for name, plan in found.items() if name in lacking}
    evidence = [origin for name in lacking for origin in found[name].evidence]
    agents, unsure = _agents(estate, scope, cell, detector)
    if lacking or agents:
        return failed(
            f"members do not all get {', '.join(agents + lacking)} in {cell.region}",
            *dict.fromkeys((*evidence, configuration.origin)),
            fix=fixes.pop() if len(fixes) == 1 else None,
        )
    unsure += [f"{name}: {plan.state.reason}" for name, plan in found.items() if not plan.state.is_known]
    if unsure:
        origins = (origin for plan in found.values() if not plan.state.is_known for origin in plan.evidence)
        return undetermined(f"whether all members get {unsure[0]}", *dict.fromkeys((*origins, configuration.origin)))
    return None


def _agents(estate: Estate, scope: Scope, cell: Cell, detector: Detector) -> tuple[list[str], list[str]]:
    """The agents that a spec asks AWS to install and members do not all get; and why others are unknown."""
    ours = attached_to(estate.select(AutoEnableFeature, cell.account, cell.region).here, detector)
    agents = {name: state for one in ours for name, state in one.agents.items()}
    asked = scope.asked
    wanted = sorted(asked.agents) if asked is not None and asked.features.get("RUNTIME_MONITORING", True) else []
    lacking = [name for name in wanted if name in agents and agents[name].known_or(ALL) != ALL]
    unknown = [name for name in wanted if name not in agents or not agents[name].is_known]
    return lacking, [f"{name}: {agents[name].reason if name in agents else 'it is not declared'}" for name in unknown]


CONTROL = Control(
    id="org-auto-enable",
    title="Every member is enabled automatically",
    practice=4,
    severity=Severity.HIGH,
    why=(
        "New accounts appear all the time. With ALL, each has a detector and its protection plans within a day, and no "
        "member can stop them; with NEW, the older accounts stay as they were."
    ),
    passes=(
        "The region's detector has an `aws_guardduty_organization_configuration` with "
        '`auto_enable_organization_members = "ALL"`, and an `aws_guardduty_organization_configuration_feature` with '
        '`auto_enable = "ALL"` for every protection plan that the region offers and the spec does not switch off. '
        "Asked in every expected region of an account that declares such a configuration anywhere."
    ),
    fails=(
        "It is NEW or NONE (`auto_enable = true` means NEW, `false` NONE), a protection plan is declared otherwise "
        "(the block `datasources` speaks of new accounts only) or not at all with a new detector, another account than "
        "the delegated administrator declares it, the region has no such configuration, or no working detector (the "
        "cause is then that)."
    ),
    unsure=(
        "A setting, or the detector it belongs to, is known only after apply; a protection plan is not declared, and "
        "the organization may have it from before; or the source is incomplete."
    ),
    fix=(
        "In the delegated administrator's account declare `aws_guardduty_organization_configuration` and one "
        "`aws_guardduty_organization_configuration_feature` for each protection plan, in every region."
    ),
    limits=(
        "The agents of Runtime Monitoring are judged where a spec asks for them: they may be installed by hand. "
        "Removing such a resource changes nothing in AWS."
    ),
    cells=_administrator_cells,
    check=on_detector(_judge, _sure),
    mappings=mapped("org-auto-enable"),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateOrganizationConfiguration.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_organization_configuration",
    ),
)
