"""Control regional-siblings: what is written once per region, and where one was left out."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.artefacts import ARTEFACTS
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.terraform import Siblings
from guardline.validator.model.value import UnknownValue

COMPARED = frozenset(artefact.kind for artefact in ARTEFACTS)
"""What `region-consistency` compares: a set that makes one of these is left to it."""


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    """One for each set that covers most of the expected regions: a set that covers fewer is not meant for all."""
    for account in scope.accounts:
        for found in estate.select(Siblings, account):
            expected = scope.expected_in(account)
            usual = len(found.regions & set(expected)) * 2 > len(expected)
            if usual and found.makes.isdisjoint(COMPARED):
                yield Cell(account, None, subject=min(found.names), resource=found)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    found = cell.resource
    if not isinstance(found, Siblings):
        raise UnknownValue("its regions are unknown")
    left = [region for region in scope.expected_in(cell.account) if region not in found.regions]
    if not left:
        there = replace(found.origin, absent=False)  # where it would be missing from, if it were
        return passed(f"{found.what} stands in every expected region", there)
    if found.unsure or estate.incomplete:
        raise UnknownValue(f"{found.what} is not seen in {', '.join(left)}, but {found.unsure or estate.incomplete}")
    return failed(f"{found.what} stands in {len(found.regions)} regions, and not in {', '.join(left)}", found.origin)


CONTROL = Control(
    id="regional-siblings",
    title="What repeats over regions leaves none out",
    practice=3,
    severity=Severity.LOW,
    why=(
        "Seventeen calls of one module, each with its provider, are written by copying, and the copy that was "
        "forgotten shows nowhere: the region simply has less than the others. It is the region where nobody looks."
    ),
    passes="What is called, or declared, for most of the expected regions is there for all of them.",
    fails="It is missing in some; the reason names them, and the evidence is the list or the last call of the set.",
    unsure="The region of one of the set is unknown, or a part of the source is not at hand.",
    fix="Add the call, or the region to the list that `for_each` goes over; better, repeat over one list of regions.",
    limits=(
        "Only the source tells. A set that makes a detector, a list, a flow log or anything else that "
        "`region-consistency` compares is left to that control. Outside coverage, since such a set may be anything."
    ),
    cells=_cells,
    check=_check,
    in_coverage=False,
    links=("https://developer.hashicorp.com/terraform/language/meta-arguments/module-providers",),
    sources=frozenset({"hcl"}),
)
