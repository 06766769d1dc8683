"""Control runtime-monitoring: one plan with a legacy predecessor, so it judges two features together."""

from __future__ import annotations

from guardline.spec.features import LEGACY_RUNTIME
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.detection.protection_plans import LINKS, UNSURE, wanted_cells, where_offered
from guardline.validator.controls.shared.features import effective, fix
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector

FEATURE = "RUNTIME_MONITORING"


def _judge(estate: Estate, scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    state, legacy = effective(estate, detector, FEATURE), effective(estate, detector, LEGACY_RUNTIME)
    region, declared = cell.region, detector.features.get(LEGACY_RUNTIME, ())
    if not state.on.is_known:
        return undetermined(f"in {region}: {state.on.reason}", *state.evidence)
    if not state.on.get():
        only = f"; {LEGACY_RUNTIME} is on, which watches EKS only" if legacy.on.known_or(False) else ""
        return failed(f"{FEATURE} is off in {region}: {state.how}{only}", *state.evidence, fix=fix(detector, FEATURE))
    if declared and not legacy.on.is_known:
        return undetermined(f"in {region}: {legacy.on.reason}, and both at once AWS refuses", *legacy.evidence)
    if declared and legacy.on.get():  # undeclared it cannot be on: AWS refuses the second of the two
        return failed(
            f"{FEATURE} and {LEGACY_RUNTIME} are both ENABLED in {region}, which AWS refuses",
            *state.evidence,
            *legacy.evidence,
            fix=f"Keep `{FEATURE}` and set `{LEGACY_RUNTIME}` to DISABLED first; the newer plan includes EKS.",
        )
    agents = {
        name
        for feature in detector.features.get(FEATURE, ())
        for name, on in feature.agents.items()
        if not on.known_or(True)
    }
    if scope.asked is not None and (verdict := _lacking(cell, scope.asked.agents, detector)) is not None:
        return verdict
    on = {
        name
        for each in detector.features.get(FEATURE, ())
        for name, state in each.agents.items()
        if state.known_or(False)
    }
    more = on - scope.asked.agents if scope.asked is not None else frozenset[str]()
    beyond = f"; with {', '.join(sorted(more))}, which the spec does not ask for" if more else ""
    by_hand = f"; without AWS's own agent management for {', '.join(sorted(agents))}" if agents else ""
    return passed(f"{FEATURE} is on in {region}: {state.how}{by_hand}{beyond}", *state.evidence)


def _lacking(cell: Cell, wanted: frozenset[str], detector: Detector) -> Verdict | None:
    """What is wrong with the agents that a spec asks AWS to install, or None."""
    declared = detector.features.get(FEATURE, ())
    evidence = tuple(feature.origin for feature in declared)
    on = {name: state for feature in declared for name, state in feature.agents.items()}
    off = [name for name in sorted(wanted) if name in on and not on[name].known_or(True)]
    if off:
        return failed(f"{FEATURE} is on in {cell.region}, without what the spec asks: {', '.join(off)}", *evidence)
    unsure = [name for name in sorted(wanted) if name not in on or not on[name].is_known]
    if unsure:
        why = "it is not declared" if unsure[0] not in on else on[unsure[0]].reason
        return undetermined(f"in {cell.region}: whether AWS manages {unsure[0]} is unknown: {why}", *evidence)
    return None


CONTROL = Control(
    id="runtime-monitoring",
    title="Runtime Monitoring is on",
    practice=3,
    severity=Severity.MEDIUM,
    why=(
        "Runtime Monitoring sees processes, files and connections inside instances, ECS tasks and EKS pods. It is the "
        "one plan that AWS leaves off on a new detector, so it is off unless somebody said otherwise."
    ),
    passes=(
        f"`{FEATURE}` is effectively on for the region's detector. Automated agent management may be off, since "
        "agents may be installed by hand: the reason then names what AWS does not manage. Under a spec, the agents "
        "that it asks for are on."
    ),
    fails=(
        f"It is off, also by default; only the legacy `{LEGACY_RUNTIME}` is on, which watches EKS and nothing else; "
        "both are ENABLED at once, which AWS refuses; an agent that the spec asks for is off; or the region has no "
        "working detector."
    ),
    unsure=UNSURE,
    fix=(
        f'Declare `aws_guardduty_detector_feature` with `name = "{FEATURE}"`, `status = "ENABLED"` and all three '
        "`additional_configuration` blocks in the order EKS_ADDON_MANAGEMENT, ECS_FARGATE_AGENT_MANAGEMENT, "
        "EC2_AGENT_MANAGEMENT; leaving one out plans a replacement every time."
    ),
    limits="Whether an agent really runs on each workload is seen only in the account (coverage statistics).",
    cells=wanted_cells(FEATURE),
    check=where_offered(FEATURE, _judge),
    mappings=mapped("runtime-monitoring"),
    links=(*LINKS, "https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring.html"),
)
