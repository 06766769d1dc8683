"""The report on a terminal: what it comes to, one entry per root cause, the matrix, and what was asked."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.reporters import summary
from guardline.validator.reporters.accounts import account_lines
from guardline.validator.reporters.causes import Cause, causes
from guardline.validator.reporters.grid import draw
from guardline.validator.reporters.left_out import entries, outside_the_list
from guardline.validator.reporters.style import Pen
from guardline.validator.reporters.vocabulary import count, figure, listed, region_names

MOST = 40
"""Root causes of one verdict, and files not read; the rest is counted, and is in the other formats."""

TELLING = (Status.FAIL, Status.UNDETERMINED, Status.WAIVED)


def render(report: Report, width: int = 120, colour: bool = False, ascii_only: bool = False) -> str:
    """Draw the report.

    Args:
        report: the result.
        width: columns of the terminal.
        colour: whether to write ANSI colours.
        ascii_only: whether the terminal knows ASCII only.

    Returns:
        Lines of text, with a newline at the end.
    """
    pen = Pen(width, colour, ascii_only)
    parts = (
        [pen.style(line, "1") for line in pen.paragraph(summary.headline(report))],
        [line for note in summary.uncalled(report) for line in pen.paragraph(note, "", "  ")],
        _changes(report, pen),
        _accounts(report, pen),
        *_causes(report, pen),
        draw(report, pen),
        _outside(report, pen),
        _head(report, pen),
        _end(report, pen),
    )
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(report: Report, pen: Pen) -> list[str]:
    lines = [pen.style(f"guardline {pen.text(report.version)}", "1") + f"   as of {pen.text(report.as_of)}"]
    for source in report.sources:
        by = f", Terraform {source.terraform_version}" if source.terraform_version else ""
        part = "" if source.complete else f"; incomplete: {source.note or 'absence is not claimed from it'}"
        lines += pen.paragraph(f"{source.kind} {source.path}{by}{part}", "  ", "    ")
    if (hint := summary.hint(report)) is not None:
        lines += pen.paragraph(hint, "  ", "    ")
    if report.scope.spec:
        lines += pen.paragraph(f"spec {report.scope.spec}", "  ", "    ")
    return lines


def _changes(report: Report, pen: Pen) -> list[str]:
    """What is new and what is fixed since the result that is compared with, and what cannot be compared."""
    said = summary.compared(report)
    if said is None:
        return []
    lines = pen.paragraph(said)
    found = {"new": summary.new(report), "fixed": summary.fixed(report), "not compared": summary.not_compared(report)}
    for word, those in found.items():
        for each in those[:MOST]:
            lines += pen.paragraph(f"{word}: {each}", "  ", "    ")
        lines += [f"  and {len(those) - MOST} more {word}"] if len(those) > MOST else []
    moved = [f"{name} {change}" for name, change in summary.moved(report)]
    return lines + (pen.paragraph(f"coverage of {listed(moved, MOST)}", "  ", "    ") if moved else [])


def _accounts(report: Report, pen: Pen) -> list[str]:
    """The accounts, the worst first, where they are many; like ones share a line."""
    found = account_lines(report)
    lines = [pen.style("accounts, the worst first", "1")] if found else []
    for line in found[:MOST]:
        worst = Status.FAIL if line.failing else Status.UNDETERMINED if line.unsure else Status.PASS
        sign, ids = pen.sign(worst), [account or "unknown" for account in line.accounts]
        said = [f"{figure(line.failing)} fail" + (f" ({', '.join(line.named(Status.FAIL))})" if line.failing else "")]
        if line.unsure:
            named = line.named(Status.UNDETERMINED)
            said.append(f"{figure(line.unsure)} cannot be determined" + (f" ({', '.join(named)})" if named else ""))
        each = " each" if len(ids) > 1 else ""
        first, *rest = pen.paragraph(f"{listed(ids, 3)}: {'; '.join(said)}{each}", f"{sign} ", "    ")
        lines += [pen.verdict(sign, worst) + first[len(sign) :], *rest]
    if len(found) > MOST:
        lines.append(f"and {len(found) - MOST} more lines, none worse; --out DIR writes a result for each account")
    return lines


def _causes(report: Report, pen: Pen) -> Iterator[list[str]]:
    for status in TELLING:
        found = causes(outside_the_list(report), status)
        lines = [line for cause in found[:MOST] for line in ("", *_cause(cause, status, report, pen))][1:]
        if len(found) > MOST:
            lines += ["", f"and {len(found) - MOST} more, none graver; --format html and json have them all"]
        yield lines


def _cause(cause: Cause, status: Status, report: Report, pen: Pen) -> list[str]:
    sign = f"{pen.sign(status)} {cause.severity}"
    places = [
        (site.where or site.what) + (f" (called at {site.called})" if site.called else "") for site in cause.sites
    ]
    where = f"{listed(places, 2)}: " if places else ""
    first, *rest = pen.paragraph(where + cause.reason, f"{sign}  ", "    ")
    lines = [pen.verdict(sign, status) + first[len(sign) :], *rest]
    where = (f" in {region_names(cause.regions)}" if cause.regions else "") + summary.whose(cause, report)
    after = ""
    if cause.dependants:
        controls = tuple(dict.fromkeys(row.control for row in cause.dependants))
        after = f"; because of it {count(len(cause.dependants), 'more cell')}: {', '.join(controls)}"
    lines += pen.paragraph(f"{listed(cause.controls, 4)}{where}{after}", "    ", "      ")
    lost = sum(row.regression for row in (*cause.rows, *cause.dependants))
    if lost and "covered before" not in cause.reason:
        said = pen.paragraph(f"covered before this change: {count(lost, 'cell')}", "    ", "      ")
        lines += [pen.style(line, "1;31") for line in said]
    for offer in cause.offers:
        lines += pen.paragraph(offer, "    ", "      ")
    if status is Status.FAIL and cause.fix:
        lines += pen.paragraph(f"fix: {cause.fix}", "    ", "      ")
    return lines


def _outside(report: Report, pen: Pen) -> list[str]:
    lines: list[str] = []
    for each in entries(report):
        lines += pen.paragraph(f"{each.kind}: {each.what}" + (f": {each.rest}" if each.rest else ""), "", "  ")
    for error in report.errors:
        where = f"{error.file}:{error.line}" if error.file and error.line else error.file or error.source
        lines += pen.paragraph(f"not read: {where}: {error.message}", "", "  ")
    return lines


def _end(report: Report, pen: Pen) -> list[str]:
    lines = [
        *pen.paragraph(f"{summary.denominator(report)}", "", "  "),
        *pen.paragraph(summary.counts(report), "", "  "),
    ]
    if report.regressions:
        lost = f"{count(report.regressions, 'cell')} covered before this change will not be after it"
        lines += [pen.style(line, "1;31") for line in pen.paragraph(lost, "", "  ")]
    proof = "; ".join(f"{name} evidence: {shows}" for name, shows in summary.evidence(report))
    lines += pen.paragraph(f"coverage {summary.coverage(report)}" + (f" ({proof})" if proof else ""), "", "  ")
    ends = {0: "32", 1: "1;31", 2: "1;31", 3: "33"}
    return lines + [pen.style(line, ends[report.exit_code]) for line in pen.paragraph(summary.conclusion(report))]
