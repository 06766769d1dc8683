"""JUnit XML: a suite for each control, a test case for each cell.

A fail is a failure. What could not be determined is an error, so that no reader of the format counts it as passed.
What is waived, does not apply or was not assessed is skipped, with the reason. What could not be read is an error in a
suite of its own; a root that was not judged, because nothing of it changed, is skipped there.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from junitparser import Error, Failure, Skipped, TestCase, TestSuite
from junitparser.xunit2 import JUnitXml  # without the `skipped` that Jenkins' schema refuses on the outermost element

from guardline.validator.control import Status
from guardline.validator.report import Report, Row
from guardline.validator.reporters.problems import one_line, unread
from guardline.validator.reporters.summary import stops_covering


def render(report: Report) -> str:
    """Render every cell of the report."""
    stopped = stops_covering(report)
    document = JUnitXml("guardline" if stopped is None else one_line(f"guardline: {stopped}"))
    for suite in _suites(report):
        document.add_testsuite(suite)
    document.update_statistics()  # type: ignore[no-untyped-call]  # junitparser annotates only some of it
    written: str | bytes = document.tostring()  # type: ignore[no-untyped-call]  # as above
    return written.decode() if isinstance(written, bytes) else written


def _suites(report: Report) -> Iterator[TestSuite]:
    if report.errors or report.left_out:
        suite = TestSuite("sources")
        for message, place in unread(report):
            where = f"{place.file}:{place.line}" if place is not None else message
            suite.add_testcase(_case(where, "guardline.sources", Error(message, "unreadable")))
        for root in report.left_out:
            suite.add_testcase(_case(root, "guardline.sources", Skipped("nothing of this root changed", "not judged")))
        yield suite
    for control, rows in groupby(report.rows, key=lambda row: row.control):
        suite = TestSuite(one_line(control))
        suite.timestamp = report.generated_at
        for row in rows:
            suite.add_testcase(_case(_name(row), f"guardline.{one_line(control)}", _outcome(row)))
        yield suite


def _case(name: str, classname: str, outcome: Error | Failure | Skipped | None) -> TestCase:
    case = TestCase(one_line(name), classname)
    if outcome is not None:
        case.result = [outcome]
    return case


def _name(row: Row) -> str:
    return " ".join(part for part in (row.account, row.region or "account", row.subject) if part)


def _outcome(row: Row) -> Error | Failure | Skipped | None:
    reason = one_line(row.reason)
    if row.verdict is Status.PASS:
        return None
    if row.verdict in (Status.FAIL, Status.UNDETERMINED):
        outcome = Failure(reason, str(row.severity)) if row.verdict is Status.FAIL else Error(reason, "undetermined")
        outcome.text = "\n".join([*_evidence(row), f"Fix: {one_line(row.fix)}"])
        return outcome
    return Skipped(f"{row.verdict}: {reason}", str(row.verdict))


def _evidence(row: Row) -> Iterator[str]:
    for origin in row.evidence:
        where = f"{origin.file}:{origin.line}: " if origin.file else ""
        yield one_line(f"{where}{origin.address}")
