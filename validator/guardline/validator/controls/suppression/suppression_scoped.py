"""Control suppression-scoped."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.suppression.filter_scope import narrows, takes_in_high
from guardline.validator.controls.suppression.filters import ARCHIVE, suppression_cells
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Criterion, FindingFilter
from guardline.validator.model.value import UnknownValue


class Test(Protocol):
    """A question about one criterion, told what to take an unknown for."""

    def __call__(self, criterion: Criterion, *, unknowns: bool) -> bool:
        """Answer it."""
        ...


_TYPE = re.compile(r"[A-Za-z]+:[A-Za-z0-9]+/[A-Za-z0-9.&!_-]+")
"""A finding type: ThreatPurpose:ResourceTypeAffected/ThreatFamilyName."""


def _check(_estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    one = cell.resource
    if not isinstance(one, FindingFilter):
        raise UnknownValue("the filter is not told")
    criteria = one.criteria.get()
    lacks = [
        what
        for what, lacking in (
            ("names no finding type", not _any(_names_type, criteria, unknowns=True)),
            ("names no resource or network peer", not _any(narrows, criteria, unknowns=True)),
            ("takes in severity 7 and above by its own words", _any(takes_in_high, criteria, unknowns=False)),
        )
        if lacking
    ]
    if one.action.get() == ARCHIVE and lacks:
        return failed(f"the suppression rule {' and '.join(lacks)}", one.origin)
    if all(_any(test, criteria, unknowns=False) for test in (_names_type, narrows)) and not _any(
        takes_in_high, criteria, unknowns=True
    ):
        return passed("the suppression rule names finding types and what they concern", one.origin)
    raise UnknownValue(next(_unknowns(criteria), "a criterion is not told"))


def _any(test: Test, criteria: Iterable[Criterion], *, unknowns: bool) -> bool:
    return any(test(each, unknowns=unknowns) for each in criteria)


def _names_type(criterion: Criterion, *, unknowns: bool) -> bool:
    """Whether it asks for finding types; an unknown field or value is taken for `unknowns`."""
    path = criterion.path.known_or("type" if unknowns else "")
    if path != "type":
        return False
    values = criterion.equals.known_or(None)
    return unknowns if values is None else any(_TYPE.fullmatch(value) for value in values)


def _unknowns(criteria: Iterable[Criterion]) -> Iterator[str]:
    for criterion in criteria:
        reasons = (criterion.path.reason, criterion.equals.reason, *(each.reason for each in criterion.bounds.values()))
        yield from (reason for reason in reasons if reason is not None)


CONTROL = Control(
    id="suppression-scoped",
    title="Each suppression rule is narrow",
    practice=9,
    severity=Severity.HIGH,
    why=(
        "What a suppression rule archives reaches nobody: no event, no export, no Security Hub, and no attack sequence "
        "is made of it. A rule without a finding type or without the one resource it is about silences the intruder "
        "together with the scanner."
    ),
    passes=(
        'A filter with `action = "ARCHIVE"` names one or more finding types, and one or more resources or network '
        "addresses, each by `equals` (a port, or a range of ports, counts too), and its severity, if it speaks of it, "
        "stays below 7."
    ),
    fails=(
        "It names no finding type; it names nothing of the resource or its network peer (what it excludes, the "
        "kind of resource, user or engine, the account and the region do not count, nor does the whole internet as an "
        "address, nor every port); or it "
        "takes in severity 7 and above: a lower bound on `severity` without an upper one below 7, or such a value by "
        "`equals`."
    ),
    unsure="The action or a criterion that would decide is known only after apply.",
    fix=(
        "Add to `finding_criteria` a `criterion` on `type` with the very finding types and one on the resource, e.g. "
        "`resource.instanceDetails.tags.value` or `service.action.networkConnectionAction.remoteIpDetails.ipAddressV4`."
    ),
    limits=(
        "Asked of each filter that archives; other filters hide nothing. Whether the tag or address is the right one "
        "is not seen, nor how many resources bear it."
    ),
    cells=suppression_cells,
    check=_check,
    subjects=(FindingFilter,),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/findings_suppression-rule.html",
        "https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateFilter.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_filter",
    ),
)
