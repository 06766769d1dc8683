"""The sentences every report ends with: what was expected, what was found, and what that proves."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from math import floor

import msgspec

from guardline.validator.control import Status
from guardline.validator.expectations.scope import ELSEWHERE, RegionState, ScopeRegion
from guardline.validator.report import Report, Row
from guardline.validator.reporters.causes import Cause, causes
from guardline.validator.reporters.vocabulary import count, cut, figure, listed, region_names

EVIDENCE: Mapping[str, str] = {
    "design": "what the configuration will build, not what runs",
    "configured": "what Terraform's state records, not what runs now",
    "operating": "what the live account answered",
}
"""What each class of evidence shows."""

SPEC = "spec"
"""The source of a waiver that is the spec's own words."""

_ONE_REGION = "records one region only"
"""What is wrong with the one trail there is."""

_FAULT = 200
"""Characters of one fault in the first sentence: addresses may be of any length."""

_SENTENCE_PART = re.compile(r"[:;] | \(and ")
"""Where the first part of a reason ends."""


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
            (self.of_regions, "about whole regions"),
            (self.of_things, "about single resources"),
            (self.of_accounts, "about accounts"),
        ]
        kinds = ", ".join(f"{figure(number)} {kind}" for number, kind in parts if number)
        derived = f"; {count(self.derived, 'derived cell')} beside them" if self.derived else ""
        regions = count(self.regions, "region") + (f" ({self.left_out} left out)" if self.left_out else "")
        of = f"{count(self.accounts, 'account')}, {regions} and {count(self.controls, 'control')}"
        return f"{count(self.cells, 'cell')} of {of}" + (f": {kinds}{derived}" if kinds else "")


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


def headline(report: Report) -> str:
    """The first sentences: what the change stops covering, then what it comes to in the account, gravest first, and how
    many cells that is."""
    stopped = stops_covering(report)
    said = _headline(report)
    if (looked := looked_at(report)) is not None:
        said = f"{said} {looked}."
    if any(row.waiver is not None and row.waiver.source == SPEC for row in report.rows):
        said = f"{said} Coverage: {coverage(report)}."
    return said if stopped is None else f"{stopped[:1].upper()}{stopped[1:]}. {said}"


def not_judged(report: Report) -> str | None:
    """The roots of which nothing changed, in a sentence; None where there are none."""
    if not report.left_out:
        return None
    return f"not judged, because nothing of {'it' if len(report.left_out) == 1 else 'them'} changed: " + listed(
        report.left_out, 6
    )


def _headline(report: Report) -> str:
    if report.errors and not report.rows:
        error = report.errors[0]
        return f"{error.file or error.source} could not be read: {error.message}"
    if not report.sources and not report.errors and (said := not_judged(report)) is not None:
        return f"This change touches none of the roots: {said}."
    cells = sum(report.count(s) for s in (Status.PASS, Status.FAIL, Status.UNDETERMINED))
    of = f"{{}} of {count(cells, 'cell')}"
    fails, unsure = report.count(Status.FAIL), report.count(Status.UNDETERMINED)
    open_ = f"{of.format(figure(unsure))} cannot be determined"
    if fails:
        said = _faults(report, Status.FAIL)
        fail = "fails" if fails == 1 else "fail"
        also = f", {figure(unsure)} cannot be determined" if unsure else ""
        # A region's name begins a sentence as it is written.
        begin = said if said.split(" ", 1)[0].rstrip(",").count("-") >= 2 else said[:1].upper() + said[1:]
        return f"{begin}. {of.format(figure(fails))} {fail}{also}."
    if unsure:
        return f"Nothing fails. {open_}: {_faults(report, Status.UNDETERMINED)}."
    if not cells:
        return "Nothing was asked: what was chosen is asked only where a spec or the source has it."
    return f"All that is asked holds: {of.format(figure(report.count(Status.PASS)))} pass."


def _counted(report: Report) -> list[Row]:
    """The cells that the sentence counts: derived ones repeat what others say."""
    return [row for row in report.rows if row.in_coverage]


def _faults(report: Report, status: Status, most: int = 2) -> str:
    """The gravest root causes, each in a few words, and how many more there are."""
    accounts = len(report.scope.accounts)
    said = list(dict.fromkeys(_fault(cause) + _whose(cause, accounts) for cause in causes(_counted(report), status)))
    more = len(said) - most
    parts = [*said[:most], *([count(more, "more fault")] if more > 0 else [])]
    return "; ".join(parts)


def _whose(cause: Cause, accounts: int) -> str:
    """The accounts of a cause, in a report of several, unless it is all of them."""
    own = cause.accounts
    if accounts < 2 or len(own) >= accounts or None in own:
        return ""
    return f" (account {own[0]})" if len(own) == 1 else f" ({len(own)} of {accounts} accounts)"


def whose(cause: Cause, report: Report) -> str:
    """The accounts of a cause as the end of a line, in a report of several."""
    own, every = [account for account in cause.accounts if account], len(report.scope.accounts)
    if every < 2 or not own:
        return ""
    if len(own) == every:
        return f", in all {every} accounts"
    return f", in {'account' if len(own) == 1 else 'accounts'} {listed(own, 3)}"


def _fault(cause: Cause) -> str:
    """What a root cause comes to. The loss of GuardDuty has its own words; others say their reason's first part."""
    many = len(cause.regions) > 3
    regions = count(len(cause.regions), "region") if many else ", ".join(cause.regions)
    if cause.controls == ("detector-enabled",) and cause.rows[0].verdict is Status.FAIL and regions:
        if "suspended" in cause.rows[0].reason:
            return f"GuardDuty is suspended in {regions}"
        one = len(cause.regions) == 1
        if cause.regression:
            return f"{regions} {'loses' if one else 'lose'} GuardDuty"
        return f"{regions} {'has' if one else 'have'} no GuardDuty"
    if cause.elsewhere:
        return "the rest is not in this source"
    if cause.reason.endswith(_ONE_REGION):
        return f"the trail {_ONE_REGION}"
    first, *rest = _SENTENCE_PART.split(cause.reason, maxsplit=2)
    what = cut(first if " " in first or not rest else f"{first}: {rest[0]}", _FAULT)  # an address alone says nothing
    everywhere = f" {len(cause.regions)} regions"
    named = not regions or any(region in what for region in cause.regions) or everywhere in what
    return what if named else f"{what} ({regions})"


def uncalled(report: Report) -> tuple[str, ...]:
    """The module folders that hold GuardDuty's resources and that nobody calls, in a sentence for each source."""
    several = len(report.sources) > 1
    return tuple(
        (f"{source.path}: " if several else "")
        + listed(source.uncalled, 3)
        + f" {'is' if len(source.uncalled) == 1 else 'are'} called by nobody, so what is in there is not built"
        for source in report.sources
        if source.uncalled
    )


def hint(report: Report) -> str | None:
    """What would add the file and line of each verdict; None where they are there, or nothing is wrong."""
    open_ = [row for row in report.rows if row.verdict in (Status.FAIL, Status.UNDETERMINED)]
    files = {origin.file for row in open_ for origin in row.evidence} - {None, report.scope.spec}
    if files or not open_ or not any(source.kind == "plan" for source in report.sources):
        return None
    return "`--source-dir` with the plan's own folder adds the file and line of each verdict"


def looked_at(report: Report) -> str | None:
    """Without a spec, which regions a source works in that may not be the whole account; None where it is."""
    rows = [row for row in report.rows if row.control == "detector-enabled" and row.region is not None]
    here = tuple(dict.fromkeys(row.region for row in rows if row.region and ELSEWHERE not in row.reason))
    others = {row.region for row in rows} - set(here)
    if not others or not here:
        return None
    what = "one region" if len(here) == 1 else f"{len(here)} regions"
    rest = count(len(others), "more default region")
    are = "is" if len(others) == 1 else "are"
    this, it = ("This source works", "it") if len(report.sources) == 1 else ("These sources work", "them")
    return f"{this} in {what}, {region_names(here)}; {rest} {are} not in {it}"


def counts(report: Report) -> str:
    """How many cells have each verdict; pass, fail and undetermined are named even when there are none."""
    always = (Status.PASS, Status.FAIL, Status.UNDETERMINED)
    tally = {status: report.count(status) for status in Status}
    inside = [f"{figure(tally[s])} {s}" for s in (*always, Status.WAIVED) if tally[s] or s in always]
    outside = [f"{figure(tally[s])} {s}" for s in (Status.NOT_APPLICABLE, Status.NOT_ASSESSED) if tally[s]]
    return ", ".join(inside) + (f"; outside coverage: {', '.join(outside)}" if outside else "")


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
    waived = [row for row in report.rows if row.verdict is Status.WAIVED and row.in_coverage]
    if not waived:
        return asked
    elsewhere = [row for row in waived if row.region not in report.scope.left_out]
    practices = any(row.waiver is not None and row.waiver.source == SPEC for row in elsewhere)
    whole = "of all regions and practices" if practices else "of all regions"
    if elsewhere and len(elsewhere) == len(waived) and not practices:
        whole = "with what is waived"
    return f"{asked}, {percent(report.coverage)} {whole}"


def stops_covering(report: Report) -> str | None:
    """What this change stops covering, in one sentence; None where it stops nothing."""
    rows = report.departures
    if not rows:
        return None
    regions = tuple(dict.fromkeys(row.region for row in rows if row.region is not None))
    practices = tuple(dict.fromkeys(row.subject for row in rows if row.region is None and row.subject is not None))
    accounts = tuple(
        dict.fromkeys(f"account {row.account}" for row in rows if row.region is None and row.subject is None)
    )
    named = ", ".join(part for part in (listed(accounts, 6), region_names(regions), listed(practices, 6)) if part)
    open_ = sum(row.verdict is Status.FAIL for row in rows)
    who = "approved" if not open_ else "nobody approved that" if open_ == len(rows) else f"{open_} not approved"
    return f"this change stops covering {named} ({who})"


def evidence(report: Report) -> tuple[tuple[str, str], ...]:
    """The classes of evidence behind the report, each with what it shows."""
    classes = dict.fromkeys(source.evidence_class for source in report.sources)
    return tuple((name, EVIDENCE.get(name, "")) for name in classes)


def conclusion(report: Report) -> str:
    """What the verdicts mean for the exit code."""
    bar, new = report.options.fail_on, "new " if report.options.only_new else ""
    match report.exit_code:
        case 2:
            return f"exit 2: {count(len(report.errors), 'source or file', 'sources or files')} could not be read"
        case 1:
            fails, verb = _weighty(report, Status.FAIL, ("fails", "fail"))
            return f"exit 1: {fails} of severity {bar} or above {f'newly {verb}' if new else verb}"
        case 3:
            open_, verb = _weighty(report, Status.UNDETERMINED, ("is", "are"))
            return f"exit 3: nothing {new}of severity {bar} or above fails, but {open_} there {verb} undetermined"
    open_, verb = _weighty(report, Status.UNDETERMINED, ("is", "are"))
    allowed = f"; {open_} there {verb} undetermined, allowed by --allow-undetermined" if open_ else ""
    return f"exit 0: nothing {new}of severity {bar} or above fails" + (allowed or " or is undetermined")


def _weighty(report: Report, status: Status, verbs: tuple[str, str]) -> tuple[str, str]:
    """The cells of a verdict that decide the exit code, in words, and the verb that goes with them."""
    found = [row.in_coverage for row in report.weighty if row.verdict is status]
    asked, derived = sum(found), len(found) - sum(found)
    parts = [count(asked, "cell")] if asked else []
    parts += [count(derived, "derived cell")] if derived else []
    return " and ".join(parts), verbs[len(found) != 1]


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
    left = sum(each.cells for each in found.not_compared)
    parts += [f"{count(left, 'cell')} not compared"] if left else []
    change = f"coverage {percent(found.coverage_before)} → {percent(found.coverage_after)}"
    return f"since {found.against}: {', '.join(parts)}; {change}"


def new(report: Report) -> list[str]:
    """What is new, cause by cause: the control, where, and why."""
    if report.comparison is None:
        return []
    ids = frozenset(report.comparison.new)
    rows = [row for row in report.rows if row.id in ids]
    found = (*causes(rows, Status.FAIL), *causes(rows, Status.UNDETERMINED))
    return [" ".join(_new(cause)) for cause in found]


def _new(cause: Cause) -> Iterator[str]:
    first = cause.rows[0]
    yield listed(cause.controls, 2)
    yield from (listed([each for each in cause.accounts if each], 2),) if any(cause.accounts) else ()
    yield from (region_names(cause.regions),) if cause.regions else ()
    if len(cause.rows) == 1 and first.subject is not None:
        yield first.subject
    needs = f"; because of it {count(len(cause.dependants), 'more cell')}" if cause.dependants else ""
    yield (
        f"is undetermined: {cause.reason}{needs}"
        if first.verdict is Status.UNDETERMINED
        else f"fails: {cause.reason}{needs}"
    )


def fixed(report: Report) -> list[str]:
    """What is fixed, control by control, with where that was."""
    places: dict[str, list[str]] = {}
    for row in report.comparison.fixed if report.comparison is not None else ():
        where = " ".join(part for part in (row.account, row.region, row.subject) if part)
        places.setdefault(row.control, []).append(where)
    return [f"{control} {listed(where, 3)}".rstrip() for control, where in places.items()]


def not_compared(report: Report) -> list[str]:
    """What cannot be compared with the earlier result, and why."""
    found = report.comparison.not_compared if report.comparison is not None else ()
    was = "failed or could not be determined"
    return [f"{count(each.cells, 'cell')}, of which {figure(each.open)} {was}: {each.why}" for each in found]


def moved(report: Report) -> list[tuple[str, str]]:
    """The controls and regions of which another share holds than before: name, and before → after."""
    found = report.comparison.shares if report.comparison is not None else ()
    return [(each.name, f"{percent(each.before)} → {percent(each.after)}") for each in found]


def regions_outside(report: Report) -> Mapping[RegionState, tuple[ScopeRegion, ...]]:
    """The regions that are not expected to be covered, by state; every one of them is somewhere in the report."""
    states = [state for state in RegionState if state is not RegionState.EXPECTED]
    found = {state: tuple(r for r in report.scope.regions if r.state is state) for state in states}
    return {state: regions for state, regions in found.items() if regions}
