"""Control plans-on-request."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.spec.features import LEGACY_RUNTIME
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.detectors import on_detector
from guardline.validator.controls.shared.features import effective
from guardline.validator.controls.shared.members import of_administrator
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector

ID = "plans-on-request"


def _asked(scope: Scope) -> dict[str, bool]:
    """Features that are declared because the spec says so -> wanted on."""
    if scope.asked is None:
        return {}
    return {**scope.asked.on_request, **({LEGACY_RUNTIME: False} if scope.asked.legacy_off else {})}


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return region_cells(estate, scope) if _asked(scope) else iter(())


def _judge(estate: Estate, scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    asked = _asked(scope)
    states = {name: effective(estate, detector, name) for name in asked}
    evidence = tuple(dict.fromkeys(origin for state in states.values() for origin in state.evidence))
    for name, wanted in asked.items():
        found = states[name].on
        if name not in detector.features and not detector.possible and estate.why_incomplete(Detector) is None:
            return failed(f"{name} is not declared in {cell.region}, and the spec asks for it", *evidence)
        if found.is_known and found.get() != wanted:
            said = "on" if wanted else "off"
            return failed(
                f"{name} is {'off' if wanted else 'on'} in {cell.region}, and the spec says {said}", *evidence
            )
    for state in states.values():
        if not state.on.is_known:
            return undetermined(f"in {cell.region}: {state.on.reason}", *evidence)
    said = ", ".join(f"{name} {'on' if wanted else 'off'}" for name, wanted in asked.items())
    return passed(f"what the spec asks for in {cell.region} is declared: {said}", *evidence)


CONTROL = Control(
    id=ID,
    title="Plans that the spec names are as it says",
    practice=3,
    severity=Severity.MEDIUM,
    why=(
        "AI Protection and the AI analyst stay as AWS sets them unless somebody declares them, and the older EKS "
        "Runtime Monitoring stays on beside the newer plan, which AWS then refuses. Who names them in the spec relies "
        "on it."
    ),
    passes=(
        "Each of `guardduty.features.ai_protection` and `ai_analyst` that the spec gives is declared so on the "
        "region's detector; with `guardduty.disable_legacy_eks_runtime`, EKS_RUNTIME_MONITORING is declared DISABLED."
    ),
    fails="One is not declared, or is otherwise; or the region has no working detector (the cause is then that).",
    unsure="A status is known only after apply, or a feature of unknown name may be the one.",
    fix="Declare `aws_guardduty_detector_feature` with the plan's `name` and `status`, as the spec says.",
    limits="Asked under a spec that names one of them.",
    cells=_cells,
    check=of_administrator(on_detector(_judge)),
    links=("https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfiguration.html",),
)
