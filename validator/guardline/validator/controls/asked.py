"""What a spec says of a control as a whole: switched off, or looked after by somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from guardline.validator.control import Cell, Control, Status, Verdict, passed
from guardline.validator.estate import Estate, Ref, Thing
from guardline.validator.scope import Scope
from guardline.validator.value import Untold


def heeding(control: Control) -> Control:
    """Make a control mind the spec: no cells where it is off, and a pass on a declared reference.

    What the source does show outweighs a reference: if the referenced thing itself is in the estate, it is judged.
    """

    def cells(estate: Estate, scope: Scope) -> Iterable[Cell]:
        if scope.asked is not None and control.id in scope.asked.off:
            return ()
        return control.cells(estate, scope)

    def check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
        reference = scope.asked.declared.get(control.id) if scope.asked is not None else None
        if reference is None or _is_seen(estate, reference):
            return control.check(estate, scope, cell)
        try:
            verdict = control.check(estate, scope, cell)
        except Untold:
            verdict = None
        if verdict is not None and verdict.status is Status.PASS:
            return verdict
        return passed(f"declared, not seen: {reference}")

    return replace(control, cells=cells, check=check)


def _is_seen(estate: Estate, reference: str) -> bool:
    """Whether a word of the reference, such as its ARN, names something in the estate."""
    return any(estate.find(Thing, Ref(id=word)) is not None for word in re.split(r"[\s,;()]+", reference) if word)
