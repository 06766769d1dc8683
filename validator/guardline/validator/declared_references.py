"""A practice that another team looks after: the spec declares a reference to what they run."""

from __future__ import annotations

import re

from guardline.validator.control import Cell, Control, Status, Verdict, passed
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.ec2 import Vpc
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Ref, Thing
from guardline.validator.model.value import Untold


def check(control: Control, estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    """Judge one cell; it passes on a declared reference, unless the source shows the referenced thing itself.

    Raises:
        Untold: the source cannot tell, and nothing is declared.
    """
    reference = _reference(control, scope, cell)
    if reference is None or _is_seen(estate, reference):
        return control.check(estate, scope, cell)
    try:
        verdict = control.check(estate, scope, cell)
    except Untold:
        return _declared(reference)
    return verdict if verdict.status in (Status.PASS, Status.NOT_APPLICABLE) else _declared(reference)


def _reference(control: Control, scope: Scope, cell: Cell) -> str | None:
    """What the spec declares for the cell: a practice that another team owns, or a log that its inventory lists."""
    if scope.asked is None:
        return None
    logged = scope.asked.already_logged.get(control.id, {})
    if logged and isinstance(cell.thing, Vpc) and (log := logged.get(cell.thing.id.known_or(""))) is not None:
        return log.said
    return scope.asked.declared.get(control.id)


def _declared(reference: str) -> Verdict:
    return passed(f"declared, not seen: {reference}")


def _is_seen(estate: Estate, reference: str) -> bool:
    """Whether an ARN in the reference names something in the estate."""
    return any(estate.find(Thing, Ref(id=arn)) is not None for arn in re.findall(r"arn:[^\s,;()]+", reference))
