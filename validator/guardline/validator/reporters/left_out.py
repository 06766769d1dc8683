"""One list of everything that is not asked, and who said so: accounts, regions, practices, and what is waived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from guardline.spec.practice import RECOMMENDATIONS
from guardline.validator.control import Status
from guardline.validator.expectations.scope import RegionState, Waiver
from guardline.validator.report import Report, Row
from guardline.validator.reporters.summary import SPEC, regions_outside
from guardline.validator.reporters.vocabulary import count, listed, region_names

_LEFT_OUT = (RegionState.EXCLUDED, RegionState.RETIRING)


class Entry(msgspec.Struct, frozen=True):
    """One thing that is not asked.

    Attributes:
        kind: how it is not asked: the state of a region or an account, ``not asked`` or ``waived``.
        what: the regions, the practice or the controls.
        why: the reason given, or None.
        who: ``approved by ...``, with the last day; None where nobody has to approve it.
        cells: how many cells of the report are waived by it.
    """

    kind: str
    what: str
    why: str | None
    who: str | None
    cells: int

    @property
    def rest(self) -> str:
        """What there is to say beside its name: why, who, and what it costs."""
        cells = f"{count(self.cells, 'cell')} waived" if self.cells else None
        return "; ".join(part for part in (self.why, self.who, cells) if part)


def entries(report: Report) -> tuple[Entry, ...]:
    """What is not asked: accounts, regions, practices, what else is waived, and the waivers that need a hand."""
    waived = [row for row in report.rows if row.verdict is Status.WAIVED and row.waiver is not None]
    roots = (Entry("not judged", each, "nothing of this root changed", None, 0) for each in report.left_out)
    retiring = report.scope.account_waivers
    own = [row for row in waived if row.account not in retiring]
    return (
        *_accounts(report, waived),
        *_regions(report, own),
        *_practices(report, own),
        *_others(report, own),
        *_notes(report),
        *roots,
    )


def outside_the_list(report: Report) -> tuple[Row, ...]:
    """The rows that the list does not hold already: what the spec leaves out stands there, all else by itself."""
    return tuple(row for row in report.rows if row.waiver is None or row.waiver.source != SPEC)


def who(waiver: Waiver) -> str:
    """Who accepted it, and until when; nobody is said too."""
    until = f", until {waiver.expires}" if waiver.expires else ""
    asked = f"asked for by {waiver.owner}, " if waiver.owner else ""
    return f"{asked}approved by {waiver.approver or 'nobody'}{until}"


def _accounts(report: Report, waived: Iterable[Row]) -> Iterator[Entry]:
    cells = Counter(row.account for row in waived)
    for account, waiver in report.scope.account_waivers.items():
        yield Entry(str(RegionState.RETIRING), f"account {account}", waiver.reason, who(waiver), cells[account])


def _regions(report: Report, waived: Iterable[Row]) -> Iterator[Entry]:
    groups: dict[tuple[RegionState, str | None, Waiver | None], list[str]] = {}
    for state, regions in regions_outside(report).items():
        for region in regions:
            groups.setdefault((state, region.reason, region.waiver), []).append(region.name)
    for (state, reason, waiver), names in groups.items():
        cells = sum(row.region in names and state in _LEFT_OUT for row in waived)
        said = who(waiver) if waiver is not None else None
        # The reason of a region may say who approved it already.
        why = reason.removesuffix(f" ({said})") if reason is not None and said is not None else reason
        yield Entry(str(state), region_names(names), why, said, cells)


def _practices(report: Report, waived: Iterable[Row]) -> Iterator[Entry]:
    cells = [(_practice(row), row.waiver) for row in waived if row.region not in report.scope.left_out]
    for each in report.scope.not_asked:
        what = f"practice {each.practice} ({RECOMMENDATIONS.get(each.practice, '')})"
        number = cells.count((_PRACTICE.get(each.key or "", each.key or ""), each.waiver))
        # Nobody has to approve what a spec never asked for.
        said = who(each.waiver) if each.waiver is not None and (number or each.waiver.approver) else None
        yield Entry("not asked", what, each.reason, said, number)


def _practice(row: Row) -> str:
    return row.practice_name.replace("-", "_")


_PRACTICE = {
    "config": "security_hub",
    "export": "detection",
    "threat_ips": "lists",
    "trusted_ips": "lists",
    "trail.s3_data_events": "trail",
    "security_hub.aggregate": "security_hub",
    "tamper.alarm": "tamper",
    "tamper.scp": "tamper",
    "response.remediate": "response",
}
"""Key of the spec -> its practice, where the key is not the practice's own name."""


def _notes(report: Report) -> Iterator[Entry]:
    for note in report.waiver_notes:
        about = f" ({note.control})" if note.control else ""
        yield Entry(f"{note.state} waiver", f"{note.where}{about}", note.message, None, 0)


def _others(report: Report, waived: Iterable[Row]) -> Iterator[Entry]:
    known = {each.waiver for each in report.scope.not_asked}
    groups: dict[Waiver, list[Row]] = {}
    for row in waived:
        if row.waiver is not None and row.waiver not in known and row.region not in report.scope.left_out:
            groups.setdefault(row.waiver, []).append(row)
    for waiver, rows in groups.items():
        where = f" ({waiver.source})" if waiver.source != SPEC else ""
        controls = listed(tuple(dict.fromkeys(row.control for row in rows)), 4)
        more = (waiver.ticket, f"instead: {waiver.compensating_control}" if waiver.compensating_control else None)
        why = ", ".join(part for part in (waiver.reason, *more) if part)
        yield Entry("waived", f"{controls}{where}", why or None, who(waiver), len(rows))
