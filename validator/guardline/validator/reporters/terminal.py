"""The report on a terminal: the matrix, one entry per root cause, and what it all comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.reporters import summary
from guardline.validator.reporters.causes import Cause, causes
from guardline.validator.reporters.matrix import Line, Square, labels, matrix
from guardline.validator.reporters.pen import Pen, columns
from guardline.validator.reporters.words import MEANINGS, PRACTICES, count, listed, region_names

MOST_LINES = 40
"""Lines of the matrix, and root causes of one verdict; the rest is counted, and is in the other formats."""

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
    parts = (_head(report, pen), _matrix(report, pen), *_causes(report, pen), _outside(report, pen), _end(report, pen))
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def _head(report: Report, pen: Pen) -> list[str]:
    lines = [pen.style(f"guardline {pen.text(report.version)}", "1") + f"   as of {pen.text(report.as_of)}"]
    for source in report.sources:
        by = f", Terraform {source.terraform_version}" if source.terraform_version else ""
        part = "" if source.complete else f"; incomplete: {source.note or 'absence is not claimed from it'}"
        lines += pen.paragraph(f"{source.kind} {source.path}{by}{part}", "  ", "    ")
    if report.scope.spec:
        lines += pen.paragraph(f"spec {report.scope.spec}", "  ", "    ")
    return lines


def _matrix(report: Report, pen: Pen) -> list[str]:
    whole = matrix(report)
    lines: list[str] = []
    if whole.columns:
        folded = whole.folded()
        shown, left = folded[:MOST_LINES], len(folded) - MOST_LINES
        names = [_name(line, report, pen) for line in shown]
        longest = max(len(name) for name in names)
        room = min(longest, max(pen.width - 5 * len(whole.columns), 20), 40)
        heads = _heads(whole.columns, pen.width - room - 1)
        widths = (room, *map(len, heads))
        lines.append(columns([("", ""), *((head, pen.style(head, "1")) for head in heads)], widths))
        for line, name in zip(shown, names, strict=True):
            first, *rest = Pen(room, pen.colour, pen.ascii_only).paragraph(name, "", "  ")
            cells = [_cell(square, len(head), pen) for square, head in zip(line.squares, heads, strict=True)]
            lines += [columns([(first, first), *cells], widths), *rest]
        if left > 0:
            lines.append(f"and {left} more lines, none graver than these; --format html and json have them all")
        lines += ["", *pen.flow(((f"{h}: {c}",) * 2 for h, c in zip(heads, whole.columns, strict=True) if h != c), "")]
    for account, squares in whole.account_wide:
        asked = [square for square in squares if square.rows]
        several = f" {pen.text(account or 'unknown')}" if len(whole.account_wide) > 1 else ""
        if asked:
            pieces = [(f"{pen.sign(square.worst)} {square.control}", square.worst) for square in asked]
            lines += ["", f"Account-wide{several}", *pen.flow(((p, pen.verdict(p, s)) for p, s in pieces), "  ")]
    return [*lines, "", *_legend(report, pen)] if lines else []


def _legend(report: Report, pen: Pen) -> list[str]:
    met = {row.verdict for row in report.rows}
    signs = [(f"{pen.sign(status)} {status}: {MEANINGS[status]}", status) for status in Status if status in met]
    if report.regressions:
        signs.append(("! was covered before this change", Status.FAIL))
    return pen.flow(((text, pen.verdict(text, status)) for text, status in signs), "")


def _name(line: Line, report: Report, pen: Pen) -> str:
    expected = report.scope.expected
    all_of_them = len(line.regions) > 1 and set(line.regions) == set(expected)
    regions = f"all {len(expected)} regions" if all_of_them else region_names(line.regions)
    several = len({account.id for account in report.scope.accounts} | {row.account for row in report.rows}) > 1
    accounts = listed([account or "unknown" for account in line.accounts], 2) + ": " if several else ""
    return pen.text(accounts + regions)


def _heads(controls: Sequence[str], room: int) -> tuple[str, ...]:
    """The longest column names that fit; at least as wide as a sign and a blank."""
    for longest in range(12, 2, -1):
        heads = labels(controls, longest)
        if sum(map(len, heads)) + len(heads) - 1 <= room:
            return heads
    return labels(controls, 3)


def _cell(square: Square, room: int, pen: Pen) -> tuple[str, str]:
    """The square's sign, with how many of how many where it is not all of them and there is room."""
    those, of = square.tally
    text = pen.sign(square.worst) + ("!" if square.lost else "")
    tally = f"{text}{those}/{of}"
    if those < of and len(tally) <= room:
        text = tally
    return text, pen.verdict(text, square.worst)


def _causes(report: Report, pen: Pen) -> Iterator[list[str]]:
    for status in TELLING:
        found = causes(report.rows, status)
        lines = [line for cause in found[:MOST_LINES] for line in ("", *_cause(cause, status, pen))][1:]
        if len(found) > MOST_LINES:
            lines += ["", f"and {len(found) - MOST_LINES} more, none graver; --format html and json have them all"]
        yield lines


def _cause(cause: Cause, status: Status, pen: Pen) -> list[str]:
    sign = f"{pen.sign(status)} {cause.severity}"
    places = [site.where or site.what for site in cause.sites]
    where = f"{listed(places, 2)}: " if places else ""
    first, *rest = pen.paragraph(where + cause.reason, f"{sign}  ", "    ")
    lines = [pen.verdict(sign, status) + first[len(sign) :], *rest]
    if cause.regression:
        lost = [row for row in (*cause.rows, *cause.dependants) if row.regression]
        said = pen.paragraph(f"was covered, will not be ({count(len(lost), 'cell')})", "    ", "    ")
        lines += [pen.style(line, "1;31") for line in said]
    where = f" in {region_names(cause.regions)}" if cause.regions else ""
    lines += pen.paragraph(listed(cause.controls, 4) + where, "    ", "    ")
    if cause.dependants:
        controls = tuple(dict.fromkeys(row.control for row in cause.dependants))
        cells = count(len(cause.dependants), "more cell")
        lines += pen.paragraph(f"because of it {cells}: {', '.join(controls)}", "    ", "      ")
    return lines + (pen.paragraph(f"fix: {cause.fix}", "    ", "      ") if cause.fix else [])


def _outside(report: Report, pen: Pen) -> list[str]:
    lines: list[str] = []
    for state, regions in summary.regions_outside(report).items():
        reasons: dict[str | None, list[str]] = {}
        for region in regions:
            reasons.setdefault(region.reason, []).append(region.name)
        for reason, names in reasons.items():
            why = f": {reason}" if reason else ""
            lines += pen.paragraph(f"{state}: {region_names(names)}{why}", "", "  ")
    for each in report.scope.not_asked:
        practice = f"practice {each.practice} ({PRACTICES.get(each.practice, '')})"
        lines += pen.paragraph(f"not asked: {practice}: {each.reason}", "", "  ")
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
    lines += pen.paragraph(f"coverage {summary.percent(report.coverage)}" + (f" ({proof})" if proof else ""), "", "  ")
    ends = {0: "32", 1: "1;31", 2: "1;31", 3: "33"}
    return lines + [pen.style(line, ends[report.exit_code]) for line in pen.paragraph(summary.conclusion(report))]
