"""The sentences every report ends with: what was expected, what was found, and what that proves."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor

import msgspec

from guardline.validator.control import Status
from guardline.validator.expectations.scope import RegionState, ScopeRegion
from guardline.validator.report import Report
from guardline.validator.reporters.vocabulary import count, listed, region_names

EVIDENCE: Mapping[str, str] = {
    "design": "what the configuration will build, not what runs",
    "configured": "what Terraform's state records, not what runs now",
    "operating": "what the live account answered",
}
"""What each class of evidence shows."""


class Denominator(msgspec.Struct, frozen=True):
    """What was expected.

    Attributes:
        accounts, regions, controls: how many of each.
        of_regions: cells asked of a whole region.
        of_things: cells asked of one thing (a VPC, a filter).
        of_accounts: cells asked of an account as a whole.
        derived: cells of derived controls, outside coverage and outside the three figures above.
        left_out: how many of the regions the spec leaves out.
    """

    accounts: int
    regions: int
    controls: int
    of_regions: int
    of_things: int
    of_accounts: int
    derived: int
    left_out: int = 0

    @property
    def cells(self) -> int:
        """All expected cells but the derived ones."""
        return self.of_regions + self.of_things + self.of_accounts

    def __str__(self) -> str:
        parts = [
            (self.of_regions, "of whole regions"),
            (self.of_things, "of single resources"),
            (self.of_accounts, "of accounts"),
        ]
        kinds = ", ".join(f"{number} {kind}" for number, kind in parts if number)
        derived = f"; {count(self.derived, 'derived cell')} beside them" if self.derived else ""
        regions = count(self.regions, "region") + (f" ({self.left_out} left out)" if self.left_out else "")
        return (
            f"{count(self.accounts, 'account')} × {regions} × {count(self.controls, 'control')}: "
            f"{count(self.cells, 'cell')} expected" + (f" ({kinds}{derived})" if kinds else "")
        )


def denominator(report: Report) -> Denominator:
    """Count what the report was expected to answer."""
    asked = [row for row in report.rows if row.in_coverage]
    left_out = {row.region for row in asked if row.region in report.scope.left_out}
    return Denominator(
        accounts=len(report.scope.accounts),
        regions=len(report.scope.expected) + len(left_out),
        controls=len({row.control for row in report.rows}),
        of_regions=sum(row.region is not None and row.subject is None for row in asked),
        of_things=sum(row.subject is not None for row in asked),
        of_accounts=sum(row.region is None and row.subject is None for row in asked),
        derived=len(report.rows) - len(asked),
        left_out=len(left_out),
    )


def counts(report: Report) -> str:
    """How many cells have each verdict; pass, fail and undetermined are named even when there are none."""
    always = (Status.PASS, Status.FAIL, Status.UNDETERMINED)
    tally = {status: report.count(status) for status in Status}
    return ", ".join(f"{number} {status}" for status, number in tally.items() if number or status in always)


def percent(coverage: float | None) -> str:
    """A coverage figure for people, rounded down: it says 100 % only when nothing is missing."""
    if coverage is None:
        return "none (no cell could be judged)"
    return f"{floor(round(coverage * 1000, 9)) / 10:.1f} %" if coverage < 1 else "100 %"


def coverage(report: Report) -> str:
    """Coverage for people: of what is asked, and of all that would be asked if nothing were left out or waived."""
    if report.scope.spec is None and not report.count(Status.WAIVED):
        return percent(report.coverage)
    asked = f"{percent(report.coverage_asked)} of what {'the spec asks' if report.scope.spec else 'is asked'}"
    regions_alone = all(
        row.region in report.scope.left_out for row in report.rows if row.verdict is Status.WAIVED and row.in_coverage
    )
    return f"{asked}, {percent(report.coverage)} of all regions{'' if regions_alone else ' and practices'}"


def stops_covering(report: Report) -> str | None:
    """What this change stops covering, in one sentence; None where it stops nothing."""
    rows = report.departures
    if not rows:
        return None
    regions = tuple(dict.fromkeys(row.region for row in rows if row.region is not None))
    practices = tuple(dict.fromkeys(row.subject for row in rows if row.region is None and row.subject is not None))
    named = ", ".join(part for part in (region_names(regions), listed(practices, 6)) if part)
    open_ = sum(row.verdict is Status.FAIL for row in rows)
    who = "approved" if not open_ else "nobody approved that" if open_ == len(rows) else f"{open_} not approved"
    return f"this change stops covering {named} ({who})"


def evidence(report: Report) -> tuple[tuple[str, str], ...]:
    """The classes of evidence behind the report, each with what it shows."""
    classes = dict.fromkeys(source.evidence_class for source in report.sources)
    return tuple((name, EVIDENCE.get(name, "")) for name in classes)


def conclusion(report: Report) -> str:
    """What the verdicts mean for the exit code."""
    bar = report.options.fail_on
    weighty = [row.verdict for row in report.weighty]
    fails, open_ = weighty.count(Status.FAIL), weighty.count(Status.UNDETERMINED)
    match report.exit_code:
        case 2:
            return f"exit 2: {count(len(report.errors), 'source or file', 'sources or files')} could not be read"
        case 1:
            return f"exit 1: {count(fails, 'cell')} of severity {bar} or above {'fails' if fails == 1 else 'fail'}"
        case 3:
            cells = f"{count(open_, 'cell')} there {'is' if open_ == 1 else 'are'} undetermined"
            return f"exit 3: nothing of severity {bar} or above fails, but {cells}"
    allowed = f"; {open_} undetermined there, allowed by --allow-undetermined" if open_ else ""
    return f"exit 0: nothing of severity {bar} or above fails" + (allowed or " or is undetermined")


def compared(report: Report) -> str | None:
    """What changed since the result that is compared with, in one sentence; None where there is none."""
    found = report.comparison
    if found is None:
        return None
    verdicts = {row.id: row.verdict for row in report.rows}
    fails = sum(verdicts[each] is Status.FAIL for each in found.new)
    unsure = len(found.new) - fails
    parts = [count(fails, "new failure"), f"{len(found.fixed)} fixed"]
    parts += [f"{unsure} newly undetermined"] if unsure else []
    parts += [f"{count(len(found.newly_asked), 'cell')} of controls not asked before"] if found.newly_asked else []
    change = f"coverage {percent(found.coverage_before)} → {percent(report.coverage)}"
    return f"since {found.against}: {', '.join(parts)}; {change}"


def regions_outside(report: Report) -> Mapping[RegionState, tuple[ScopeRegion, ...]]:
    """The regions that are not expected to be covered, by state; every one of them is somewhere in the report."""
    states = [state for state in RegionState if state is not RegionState.EXPECTED]
    found = {state: tuple(r for r in report.scope.regions if r.state is state) for state in states}
    return {state: regions for state, regions in found.items() if regions}
