"""Control security-hub-standards."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.securityhub import Hub, Standard

ID = "security-hub-standards"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    return region_cells(estate, scope) if is_asked(scope, ID) else iter(())


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    selection = estate.select(Standard, cell.account, cell.region)
    asked = scope.asked.standards or frozenset() if scope.asked is not None else frozenset[str]()
    there = {_end(one.arn.known_or("")) for one in selection}
    if missing := sorted(asked - there):
        for one in selection:
            one.arn.get()  # unknown: it may be the missing one
        selection.assert_complete()
        origins = tuple(one.origin for one in selection)
        names = ", ".join(name.partition("/")[0] for name in missing)
        return failed(f"Security Hub in {cell.region} does not check {names}", *origins, missing=Standard)
    for hub in estate.select(Hub, cell.account, cell.region):
        if not hub.auto_controls.get():
            return failed(f"controls that AWS adds to the standards stay off in {cell.region}", hub.origin)
    names = ", ".join(sorted(name.partition("/")[0] for name in asked))
    return passed(f"Security Hub in {cell.region} checks {names}", *(one.origin for one in selection))


def _end(arn: str) -> str:
    """What stands behind ``standards/`` or ``ruleset/`` in a standard's ARN."""
    return arn.rpartition(":")[2].partition("/")[2]


CONTROL = Control(
    id=ID,
    title="Security Hub checks the standards asked for",
    practice=8,
    severity=Severity.MEDIUM,
    why=(
        "A hub without standards shows what others find and checks nothing itself. A standard that is dropped takes "
        "its controls with it, and the score goes up."
    ),
    passes=(
        "Each standard that the spec names is subscribed to in the region, and controls that AWS adds to it come on by "
        "themselves. Other standards do no harm."
    ),
    fails="One is missing, or new controls stay off.",
    unsure="A standard's ARN is known only after apply, or the source is incomplete.",
    fix="Declare `aws_securityhub_standards_subscription` for each of the spec's `security_hub.standards`.",
    limits="Asked under a spec that names standards. Controls that somebody switched off in a standard are not seen.",
    cells=_cells,
    check=_check,
    links=("https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html",),
)
