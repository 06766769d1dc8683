"""Control filter-ranks."""

from __future__ import annotations

from collections import Counter

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, not_applicable, passed
from guardline.validator.controls.suppression.filters import filter_cells
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import FindingFilter
from guardline.validator.model.value import UnknownValue

MOST = 100
"""Filters, and so ranks, that AWS allows on a detector (quotas of GuardDuty)."""


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    if cell.region is None:
        raise UnknownValue("the region of a filter is unknown, and so are the ranks beside its own")
    selection = estate.select(FindingFilter, cell.account, cell.region)
    origins = [one.origin for one in selection]
    ranks = [one.rank.map(lambda rank: rank or 0).known_or(None) for one in selection]
    sure = Counter(rank for rank in ranks if rank is not None)
    # What is surely wrong stays wrong whatever else there is: nothing removes a double, or a rank out of bounds.
    if doubles := sorted(rank for rank, count in sure.items() if count > 1):
        return failed(f"{sure[doubles[0]]} filters in {cell.region} have rank {doubles[0]}", *origins)
    if wrong := sorted(rank for rank in sure if not 1 <= rank <= MOST):
        return failed(f"a filter in {cell.region} has rank {wrong[0]}; AWS takes 1 to {MOST}", *origins)
    for one in selection:
        one.rank.get()
    selection.assert_complete()
    asked = scope.asked.filters if scope.asked is not None and scope.administrator_of(cell.account) is None else ()
    there = {one.name.get() for one in selection} if asked else set()
    if missing := [name for name in asked if name not in there]:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        return failed(
            f"the spec's filter {missing[0]}{more} is missing in {cell.region}", *origins, missing=FindingFilter
        )
    if not sure:
        return not_applicable(f"no filter in {cell.region}, so there is nothing to rank")
    if gaps := [rank for rank in range(1, max(sure) + 1) if rank not in sure]:
        return failed(f"no filter in {cell.region} has rank {gaps[0]}, and AWS allows no gap", *origins)
    return passed(f"the filters in {cell.region} are ranked 1 to {max(sure)}", *origins)


CONTROL = Control(
    id="filter-ranks",
    title="Filters are ranked without gaps",
    practice=9,
    severity=Severity.LOW,
    why=(
        "AWS renumbers filters so that their ranks run from 1 without a gap. A configuration that leaves gaps or gives "
        "one rank twice never comes to rest: every plan changes ranks, and a real change hides among them."
    ),
    passes=(
        "The ranks of the region's filters, suppression rules and others, are 1 to their number, each once, and every "
        "rule of the spec is among them."
    ),
    fails="A rank is missing below the highest, given twice, or outside 1 to 100; or a rule of the spec is missing.",
    unsure="A rank or a filter's region is known only after apply, or the source is incomplete.",
    fix="Number `rank` from 1 on each `aws_guardduty_filter`, and chain them with `depends_on` in that order.",
    limits=(
        "Asked of regions that hold a filter, and of all of them under a spec with suppression rules. A filter made "
        "elsewhere, say by hand, is not counted."
    ),
    cells=filter_cells,
    check=_check,
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateFilter.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_filter",
    ),
)
