"""A practice that another team looks after: the spec declares a reference to what they run."""

from __future__ import annotations

import re

from guardline.validator.control import Cell, Control, Status, Verdict, passed
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.ec2 import Vpc
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import UnknownValue


def check(control: Control, estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    """Judge one cell; it passes on a declared reference, unless the source shows the referenced thing itself, or a
    fault of the cell's subject.

    Raises:
        UnknownValue: the source cannot tell, and nothing is declared.
    """
    reference = _reference(control, scope, cell)
    if reference is None or _is_seen(estate, reference):
        return control.check(estate, scope, cell)
    try:
        verdict = control.check(estate, scope, cell)
    except UnknownValue:
        return _declared(reference)
    if verdict.status in (Status.PASS, Status.NOT_APPLICABLE):
        return verdict
    # What the spec's inventory lists of the subject itself decides; a whole practice of others does not.
    if reference == _of_practice(control, scope) and _shows_a_fault(cell, verdict):
        return verdict
    return _declared(reference)


def _shows_a_fault(cell: Cell, verdict: Verdict) -> bool:
    """Whether the subject itself is set up wrongly here, which no reference to what others run makes right. Where it
    only lacks something, that may be what they run."""
    seen = any(not origin.absent for origin in verdict.evidence)
    return verdict.status is Status.FAIL and cell.subject is not None and seen and not verdict.lacking


def _reference(control: Control, scope: Scope, cell: Cell) -> str | None:
    """What the spec declares for the cell: a practice that another team owns, or a log that its inventory lists."""
    if scope.asked is None:
        reference = _of_practice(control, scope)
        return None if reference is not None and _is_of_other_account(reference, scope, cell) else reference
    logged = scope.asked.already_logged.get(control.id, {})
    if logged and isinstance(cell.resource, Vpc) and (log := logged.get(cell.resource.id.known_or(""))) is not None:
        return log.said
    return _of_practice(control, scope)


def _is_of_other_account(reference: str, scope: Scope, cell: Cell) -> bool:
    """Whether what ``--reference`` names is of one of the accounts that are judged, and the cell of another."""
    owner = reference.split(":")[4]
    return owner != cell.account.id and any(account.id == owner for account in scope.accounts)


def _of_practice(control: Control, scope: Scope) -> str | None:
    """What is declared of the whole practice, by the spec or by ``--reference``."""
    declared = scope.asked.declared if scope.asked is not None else scope.references
    return declared.get(control.id)


def _declared(reference: str) -> Verdict:
    return passed(f"declared, not seen: {reference}")


def _is_seen(estate: Estate, reference: str) -> bool:
    """Whether an ARN in the reference names something in the estate."""
    return any(estate.find(Resource, Ref(id=arn)) is not None for arn in re.findall(r"arn:[^\s,;()]+", reference))
