"""Waivers on the rows of a report: what they cover is waived, and what is wrong with them is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from guardline.validator.control import Status
from guardline.validator.report import Report, Row, WaiverNote
from guardline.validator.waivers.written import Policy, Written

_WAIVABLE = (Status.FAIL, Status.UNDETERMINED)


def waive(report: Report, written: Sequence[Written], notes: Sequence[WaiverNote], policy: Policy) -> Report:
    """The report with the cells waived that the waivers cover, and with a note on each waiver that needs a hand.

    Args:
        report: the result.
        written: waivers that keep the rules; an expired one waives nothing.
        notes: what is wrong with the others.
        policy: when a waiver is called out before its end.
    """
    as_of = date.fromisoformat(report.as_of)
    valid = [each for each in written if each.expires >= as_of]
    used = set[str]()

    def waived(row: Row) -> Row:
        if row.verdict not in _WAIVABLE:
            return row
        by = next((each for each in valid if each.covers(row)), None)
        if by is None:
            return row
        used.add(by.where)
        reason = f"{row.reason}; waived: {by.reason}"
        return replace(row, verdict=Status.WAIVED, underlying=row.verdict, reason=reason, waiver=by.waiver)

    rows = tuple(waived(row) for row in report.rows)
    # What was not read may be what a waiver covers.
    asked = frozenset(row.control for row in report.rows) if not (report.left_out or report.errors) else frozenset()
    found = (*notes, *_noted(written, used, asked, as_of, policy))
    return replace(report, rows=rows, waiver_notes=(*report.waiver_notes, *found))


def _noted(
    written: Sequence[Written], used: set[str], asked: frozenset[str], as_of: date, policy: Policy
) -> Iterator[WaiverNote]:
    for each in written:
        if each.expires < as_of:
            message = f"expired on {each.expires}, so it waives nothing"
            yield WaiverNote(each.where, each.control, "expired", message)
        elif each.where not in used and each.control in asked:
            yield WaiverNote(each.where, each.control, "unmatched", "covers nothing that fails: take it away")
        elif each.expires - as_of <= timedelta(days=policy.warn_days):
            yield WaiverNote(each.where, each.control, "expiring", f"ends on {each.expires}")
