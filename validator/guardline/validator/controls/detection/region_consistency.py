"""Control region-consistency: derived from the others, so outside coverage."""

from __future__ import annotations

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, not_applicable, passed, undetermined
from guardline.validator.controls.shared.artefacts import ARTEFACTS, Artefact
from guardline.validator.controls.shared.cells import offers_guardduty, region_cells
from guardline.validator.controls.shared.detectors import ROOT
from guardline.validator.controls.shared.features import offered
from guardline.validator.controls.shared.vpcs import vpcs
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.dns import QueryLogAssociation
from guardline.validator.model.ec2 import FlowLog, Vpc
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector, IpList, PublishingDestination
from guardline.validator.model.resource import Resource

OF_VPCS = (FlowLog, QueryLogAssociation)
LISTS = {"trusted-ip-list": "trusted", "threat-ip-list": "threat"}
Held = dict[tuple[str, str, str], bool]
"""Account, region, artefact -> there for sure (True) or perhaps (False); no entry: not there."""


def _held(estate: Estate) -> Held:
    held: Held = {}
    for artefact in ARTEFACTS:
        for resource in estate.all(artefact.kind):
            region = resource.location.region.known_or(None)
            if region is not None and (there := _is(resource, artefact)) is not None:
                at = (resource.location.account.key, region, artefact.name)
                held[at] = held.get(at, False) or there
    return held


def _is(resource: Resource, artefact: Artefact) -> bool | None:
    """Whether the resource is the artefact: surely, perhaps (False), or not (None)."""
    states = [resource.active] if isinstance(resource, IpList) and resource.kind == LISTS[artefact.control] else []
    if isinstance(resource, IpList) and not states:
        return None
    if isinstance(resource, Detector):
        declared = resource.features.get(artefact.feature or "", ())
        states = [feature.enabled for feature in declared] if artefact.feature else [resource.enabled]
        if artefact.feature and not states:
            return False if resource.possible else None
    unknown_ones = [state for state in states if not state.is_known]
    if any(not state.known_or(True) for state in states):
        return None
    return not unknown_ones


def _applies(estate: Estate, cell: Cell, region: str, artefact: Artefact) -> bool:
    if artefact.feature is not None:
        return offered(region, artefact.feature)
    if artefact.kind in OF_VPCS:
        return bool(vpcs(estate, cell.account, region) or estate.select(Vpc, cell.account, region).possible)
    return artefact.kind not in (Detector, IpList, PublishingDestination) or offers_guardduty(region)


def _is_usual(estate: Estate, scope: Scope, cell: Cell, artefact: Artefact) -> bool | None:
    """Whether most expected regions have the artefact; None where it takes what is only perhaps there."""
    held, key, expected = estate.once(_held), cell.account.key, scope.expected_in(cell.account)
    found = [held[at] for region in expected if (at := (key, region, artefact.name)) in held]
    possible = len(estate.select(artefact.kind, cell.account, cell.region).possible)
    if sum(found) * 2 > len(expected):
        return True
    return None if (len(found) + possible) * 2 > len(expected) else False


def _lacks(estate: Estate, cell: Cell, artefact: Artefact) -> bool | None:
    """Whether the region lacks the artefact; None where it may have it, or may have nothing that needs it."""
    there = estate.once(_held).get((cell.account.key, cell.region or "", artefact.name))
    if there:
        return False
    possible = estate.select(artefact.kind, cell.account, cell.region).possible
    needless = artefact.kind in OF_VPCS and not vpcs(estate, cell.account, cell.region or "")
    return True if there is None and not possible and not needless else None


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    for artefact in ARTEFACTS:
        if (why := estate.why_incomplete(artefact.kind)) is not None:
            # What most regions have is unknown, and so is what this one lacks.
            return undetermined(why, cause=artefact.control, missing=artefact.kind)
    region, usual = cell.region or "", 0
    lacking, unsure = list[Artefact](), list[Artefact]()
    for artefact in ARTEFACTS:
        is_usual, lacks = _is_usual(estate, scope, cell, artefact), _lacks(estate, cell, artefact)
        if is_usual is False or not _applies(estate, cell, region, artefact):
            continue
        usual += 1
        if is_usual and lacks:
            lacking.append(artefact)
        elif lacks is not False:
            unsure.append(artefact)
    if lacking:
        first = lacking[0]
        named = first.name if first.control == ROOT else ", ".join(artefact.name for artefact in lacking)
        return failed(
            f"most regions have what is missing in {region}: {named}", cause=first.control, missing=first.kind
        )
    if unsure:
        first = unsure[0]
        return undetermined(
            f"whether {region} lacks {first.name} that most regions have is unknown", cause=first.control
        )
    if not usual:
        return not_applicable("no regional artefact is in most regions, so there is nothing to compare with")
    return passed(f"{region} has all {usual} artefacts that most regions have")


CONTROL = Control(
    id="region-consistency",
    title="Regions are alike",
    practice=3,
    severity=Severity.MEDIUM,
    why=(
        "A baseline that is the same everywhere is one that can be reasoned about. The region that lags behind is "
        "where a rollout stopped half-way, or where somebody made an exception and did not say so."
    ),
    passes=(
        "The region has each regional artefact (enabled detector, declared features, export of findings, trusted IP "
        "list, threat list, listing of VPCs, flow and query logs where there are VPCs, Security Hub, configuration "
        "recorder) that more than half of the expected regions have."
    ),
    fails="The region lacks one of them; the reason names it, and the control that asks for it is the cause.",
    unsure="The artefact's region or state is unknown, or the source is incomplete.",
    fix="Make the region from the same module, with the same arguments, as the others.",
    limits=(
        "Derived from what other controls judge, so it does not count in coverage. Where no artefact is in most "
        "regions there is nothing to compare with, and it is not applicable."
    ),
    cells=region_cells,
    check=_check,
    in_coverage=False,
    links=("https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_regions.html",),
)
