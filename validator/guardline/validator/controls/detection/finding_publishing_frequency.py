"""Control finding-publishing-frequency."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.detectors import on_detector
from guardline.validator.controls.shared.members import of_administrator
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector

FASTEST = "FIFTEEN_MINUTES"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    asked = scope.asked is not None and scope.asked.publishing_frequency is not None
    return region_cells(estate, scope) if asked else iter(())


def _judge(_estate: Estate, scope: Scope, cell: Cell, detector: Detector) -> Verdict:
    wanted = (scope.asked.publishing_frequency if scope.asked is not None else None) or FASTEST
    frequency = detector.publishing_frequency.get()
    if frequency in (wanted, FASTEST):
        less = "" if frequency == wanted else f", where {wanted} is asked for"
        return passed(f"findings are updated every {frequency} in {cell.region}{less}", detector.origin)
    return failed(f"findings are updated every {frequency} in {cell.region}, not {wanted}", detector.origin)


CONTROL = Control(
    id="finding-publishing-frequency",
    title="Repeated findings are published often enough",
    practice=7,
    severity=Severity.LOW,
    why=(
        "A new finding is published within minutes, but updates of one that goes on wait for six hours unless the "
        "detector says otherwise. Whoever responds to these events then sees an attack grow six hours late."
    ),
    passes=f"The detector publishes updates as often as the spec asks, or every {FASTEST}, which is the most often.",
    fails="The detector publishes updates less often, or the region has no working detector (the cause is then that).",
    unsure=(
        "The frequency is known only after apply, or it is not declared, and the detector may exist already and keep "
        "what it has."
    ),
    fix=f'Set `finding_publishing_frequency = "{FASTEST}"` on the `aws_guardduty_detector`.',
    limits="Asked only under a spec that names a frequency. A member account inherits its administrator's value.",
    cells=_cells,
    check=of_administrator(on_detector(_judge)),
    links=("https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html",),
)
