"""Root causes: rows that share one fault, drawn together, so that people read a fault once.

One region without a detector fails a dozen cells; seventeen regions made from one module fail with one line of code.
Rows that depend on another row's fault are folded under it, and equal faults in different places become one cause.
Nothing is lost in folding: every fail is under exactly one cause, and so is every undetermined cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

import msgspec
from msgspec.structs import replace

from guardline.validator.control import Severity, Status
from guardline.validator.expectations.scope import ELSEWHERE
from guardline.validator.model.resource import Origin
from guardline.validator.report import Row
from guardline.validator.reporters.vocabulary import count

_REGION = re.compile(r"\b[a-z]{2}(?:[-_](?:gov|isob?|isoe|isof))?[-_](?:north|south|east|west|central){1,2}[-_]\d\b")
"""The name of a region, also as Terraform spells it in addresses."""

_NOT_AT_HAND = re.compile(r"module\.\S+ \([^()]*\) is not at hand")
"""A module whose source was not read: one fault, whatever it hides."""

_OPEN = frozenset({Status.FAIL, Status.UNDETERMINED})
"""The verdicts of rows that may be told under another row's fault."""


class Site(msgspec.Struct, frozen=True):
    """One place in the source that a cause points at: the evidence of the rows that share a file and line.

    Attributes:
        origins: distinct evidence, one per address.
        rows: the rows it belongs to.
    """

    origins: tuple[Origin, ...]
    rows: tuple[Row, ...]

    @property
    def where(self) -> str | None:
        """``file:line`` where known, else None."""
        first = self.origins[0]
        return first.file if first.line is None or first.file is None else f"{first.file}:{first.line}"

    @property
    def called(self) -> str | None:
        """Where the root module calls what leads here, and how many more such calls there are; else None."""
        calls = dict.fromkeys(f"{file}:{line}" for origin in self.origins for file, line in origin.calls[-1:])
        more = len(calls) - 1
        return next(iter(calls)) + (f" and {more} more" if more else "") if calls else None

    @property
    def what(self) -> str:
        """The first address, and how many more share the line."""
        more = len(self.origins) - 1
        return self.origins[0].address + (f" and {more} more" if more else "")


class Cause(msgspec.Struct, frozen=True, dict=True):
    """One fault.

    Attributes:
        rows: the rows that are the fault itself, at least one.
        dependants: rows that do not hold because of it.
    """

    rows: tuple[Row, ...]
    dependants: tuple[Row, ...]

    @property
    def severity(self) -> Severity:
        """The gravest severity of all the rows, dependants included: the one that decides the exit code."""
        return max((row.severity for row in (*self.rows, *self.dependants)), key=lambda severity: severity.rank)

    @property
    def regression(self) -> bool:
        """Whether something here was covered before the change and will not be after it."""
        return any(row.regression for row in (*self.rows, *self.dependants))

    @property
    def controls(self) -> tuple[str, ...]:
        """The controls of the rows themselves, without repeats."""
        return tuple(dict.fromkeys(row.control for row in self.rows))

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions of the rows themselves, without repeats; account-wide rows have none."""
        return tuple(dict.fromkeys(row.region for row in self.rows if row.region))

    @property
    def accounts(self) -> tuple[str | None, ...]:
        """The accounts of the rows themselves, without repeats; None is an account that no source names."""
        return tuple(dict.fromkeys(row.account for row in self.rows))

    @property
    def fix(self) -> str:
        """How to mend it, as the first row says."""
        return self.rows[0].fix

    @property
    def reason(self) -> str:
        """The first row's reason, saying for how many regions or resources it holds."""
        first, regions = self.rows[0], self.regions
        if self.elsewhere:
            return self._not_here()
        if first.verdict is Status.UNDETERMINED and len(self.controls) > 1:
            first = replace(first, reason=_behind(first.reason))
        subjects = {row.subject for row in self.rows}
        if len(subjects) > 1:
            return f"{first.reason} (and {len(self.rows) - 1} more like it)"
        name = re.escape(first.region or "")
        everywhere = re.sub(rf" (in|of) {name}(?![\w-])", rf" \1 {len(regions)} regions", first.reason)
        if len(regions) > 1 and everywhere != first.reason:
            return everywhere
        return (
            first.reason if len(regions) < 2 else f"{first.reason} (and so in {count(len(regions) - 1, 'more region')})"
        )

    @property
    def elsewhere(self) -> bool:
        """Whether it is what sources do not hold that are not the whole account."""
        return _is_elsewhere(self.rows[0])

    def _not_here(self) -> str:
        """What such sources do not hold, each thing once."""
        regions: dict[str, set[str]] = {}
        for row in self.rows:
            what = row.reason.partition(f"; {ELSEWHERE}")[0]
            regions.setdefault(what.removesuffix(f" in {row.region}"), set()).update(filter(None, [row.region]))
        said = (f"{what} in {count(len(of), 'region')}" if len(of) > 1 else what for what, of in regions.items())
        return f"{ELSEWHERE}: {'; '.join(said)}"

    @property
    def offers(self) -> tuple[str, ...]:
        """What to do about what is not here, each in one line; none for what is."""
        if not self.elsewhere:
            return ()
        trail = any(row.practice_name == "trail" for row in (*self.rows, *self.dependants))
        return (
            "`--regions touched` asks only about the regions that these sources work in",
            *(["`--reference trail=ARN` says that another root owns the trail"] if trail else []),
            "`guardline init` writes a spec, which says what is wanted and who owns the rest",
            "`--whole` says that these sources are all there is; else give this run the other roots too",
        )

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Where to look: one site per file and line (or address, where no file is known), in the rows' order.

        What is not here has none.
        """
        if self.elsewhere:
            return ()
        origins: dict[tuple[str, int | None], dict[str, Origin]] = {}
        rows: dict[tuple[str, int | None], list[Row]] = {}
        for row in self.rows:
            for origin in row.evidence[:1]:  # the first is what the verdict is about; the others led there
                place = (origin.file, origin.line) if origin.file else (origin.address, None)
                origins.setdefault(place, {}).setdefault(origin.address, origin)
                rows.setdefault(place, []).append(row)
        return tuple(Site(tuple(found.values()), tuple(rows[place])) for place, found in origins.items())


def causes(rows: Sequence[Row], verdict: Status) -> tuple[Cause, ...]:
    """Draw the rows of one verdict together by what is behind them.

    Fails are one cause where control, fault and remedy are the same, and whichever the control where one change to a
    named resource mends them; other verdicts where the reason is, whichever the control.

    Args:
        rows: all rows of the report.
        verdict: which rows to draw together. A dependant is shown under its root even when its own verdict is milder.

    Returns:
        The causes, gravest first; of equal gravity, what was covered before comes first; then in the rows' order.
    """
    by_id = {row.id: row for row in rows}
    leads = _leads(rows, by_id)
    roots: dict[object, list[Row]] = {}
    dependants: dict[str, list[Row]] = {}
    for row in rows:
        if row.verdict not in _OPEN and row.verdict is not verdict:
            continue
        root = _root(row, by_id)
        lead = leads.get(_remedy(root), root)
        if lead.control != root.control:
            root = lead
        if root is not row:
            dependants.setdefault(root.id, []).append(row)
        elif row.verdict is verdict:
            accepted = _accepted(row, by_id)
            if accepted is not None:
                row = replace(row, fix=accepted.fix)  # noqa: PLW2901 - what mends the root mends it
            roots.setdefault(_kind(row) if accepted is None else accepted.id, []).append(row)
    found = [
        Cause(tuple(group), tuple(needs for root in group for needs in dependants.get(root.id, ())))
        for group in roots.values()
    ]
    # What is here comes before what may be elsewhere.
    return tuple(sorted(found, key=lambda cause: (cause.elsewhere, -cause.severity.rank, not cause.regression)))


def _root(row: Row, by_id: dict[str, Row]) -> Row:
    """Follow `cause` to the row that stands for itself. A fail never hides under anything but a fail."""
    start, seen = row, {row.id}
    if row.verdict not in _OPEN:
        return row
    while row.cause is not None and (above := by_id.get(row.cause)) is not None:
        if above.id in seen:
            return start  # rows that blame each other: each is shown
        if above.verdict is not Status.FAIL and not above.verdict is row.verdict is Status.UNDETERMINED:
            break
        seen.add(above.id)
        row = above
    return row


def _leads(rows: Iterable[Row], by_id: dict[str, Row]) -> Mapping[str | None, Row]:
    """Remedy -> the first row of the control under which all fails with this remedy stand: the gravest."""
    found: dict[str | None, Row] = {}
    for row in rows:
        remedy = _remedy(row)
        if remedy is None or _root(row, by_id) is not row:
            continue
        # Of equals, what comes later in the catalogue: alerts on findings come after alarms that use their topic.
        if remedy not in found or (
            row.severity.rank >= found[remedy].severity.rank and row.control != found[remedy].control
        ):
            found[remedy] = row
    return found


def _remedy(row: Row) -> str | None:
    """How to mend a fail by a change to a resource that both the remedy and the evidence name; None for any other."""
    named = row.verdict is Status.FAIL and any(origin.address in row.fix for origin in row.evidence)
    return row.fix if named else None


def _accepted(row: Row, by_id: Mapping[str, Row]) -> Row | None:
    """The waived row that a fail hangs on: what hangs on one is one fault."""
    above = by_id.get(row.cause or "")
    return above if row.verdict is Status.FAIL and above is not None and above.verdict is Status.WAIVED else None


def _kind(row: Row) -> tuple[object, ...]:
    """What makes two rows one cause."""
    if row.verdict is Status.FAIL:
        return row.control, row.regression, _without_names(row.reason, row), _without_names(row.fix, row)
    if _is_elsewhere(row):
        return row.underlying, ELSEWHERE
    if absent := _NOT_AT_HAND.search(row.reason):
        return row.underlying, absent.group()
    # One region may be told by another's code, from which all are made.
    return row.underlying, _REGION.sub("\0", _without_names(_behind(row.reason), row))


def _is_elsewhere(row: Row) -> bool:
    return row.verdict is Status.UNDETERMINED and f"; {ELSEWHERE}" in row.reason


def _behind(reason: str) -> str:
    """What hides it: of "no detector is seen in us-east-1, but module.m is not at hand", the latter."""
    return reason.rpartition(", but ")[2]


def _without_names(text: str, row: Row) -> str:
    """`text` without what names this one cell: its account, region, subject and evidence."""
    for name in sorted(set(_names(row)), key=lambda name: (-len(name), name)):
        text = text.replace(name, "\0")
    return text


def _names(row: Row) -> Iterable[str]:
    yield from (name for name in (row.account, row.region, row.subject, row.subject_id) if name)
    yield from (origin.address for origin in row.evidence)
    if row.region:
        yield row.region.replace("-", "_")  # as in module.eu_west_1
