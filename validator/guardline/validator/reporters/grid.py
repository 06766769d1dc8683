"""The matrix drawn with characters: a line for regions that say the same, a column for each control."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.reporters.matrix import CALM, GRAVITY, Line, Matrix, Square, labels, matrix
from guardline.validator.reporters.style import Pen, columns
from guardline.validator.reporters.vocabulary import listed, region_names

MOST_LINES = 40
"""Lines that are drawn; the rest is counted, and is in the other formats."""

FEW_LINES = 2
"""Lines of a matrix that is written as a list, where the names of its columns do not fit in one line."""

_NAME = 30  # columns for the names of regions, where the window leaves as many
_STEP = 3  # columns from one control to the next where names stand on stairs: a sign, a mark and a blank
_MANY = 6  # regions; more than these are "the other regions" once all else is named


def draw(report: Report, pen: Pen) -> list[str]:
    """Draw the matrix, the account-wide controls and the signs that occur.

    Names of controls stand in one line where they fit. Else each has its own line, and stairs lead down to its
    column; what is too wide even so is drawn in parts, one below the other. One or two lines are written as lists.
    """
    whole = matrix(report)
    lines = list(_grid(whole, report, pen)) if whole.columns else []
    for account, squares in whole.account_wide:
        asked = [square for square in squares if square.rows]
        several = f" {pen.text(account or 'unknown')}" if len(whole.account_wide) > 1 else ""
        if asked:
            pieces = [(f"{_sign(square, pen)} {square.control}", square.worst) for square in asked]
            lines += ["", f"account-wide{several}", *pen.flow(((p, pen.verdict(p, s)) for p, s in pieces), "  ")]
    return [*lines, "", *_legend(whole, report, pen)] if lines else []


def _grid(whole: Matrix, report: Report, pen: Pen) -> Iterator[str]:
    folded = whole.folded()
    names = [_name(line, line is folded[-1], report, pen) for line in folded[:MOST_LINES]]
    heads = labels(whole.columns, 12)
    wide = [
        max(len(head), *(len(_said(line.squares[n], pen)) for line in folded[:MOST_LINES]))
        for n, head in enumerate(heads)
    ]
    room = min(max(map(len, names)), _NAME)
    spare = pen.width - room - sum(wide) - len(wide)
    if spare >= 0:
        gap = min(spare // len(heads), 1)  # a second blank between columns, where there is room
        yield columns([("", ""), *((head, pen.style(head, "1")) for head in heads)], (room, *(w + gap for w in wide)))
        yield from _lines(folded[:MOST_LINES], names, (room, *(w + gap for w in wide)), range(len(heads)), pen)
        yield ""
        known = [f"{head}: {name}" for head, name in zip(heads, whole.columns, strict=True) if head != name]
        yield from pen.flow(zip(known, known, strict=True), "")
    elif len(few := whole.folded(tallied=False)) <= FEW_LINES:
        yield from _list(few, [_name(line, line is few[-1], report, pen) for line in few], pen)
    else:
        folded = whole.folded(tallied=False)
        names = [_name(line, line is folded[-1], report, pen) for line in folded[:MOST_LINES]]
        room = min(_NAME, pen.width // 2)
        fit = max((pen.width - room - 1) // _STEP, 1)
        for start in range(0, len(whole.columns), fit):
            part = range(start, min(start + fit, len(whole.columns)))
            yield from [""] if start else []
            yield from _stairs([whole.columns[n] for n in part], room, pen)
            yield from _lines(folded[:MOST_LINES], names, (room, *(_STEP - 1 for _ in part)), part, pen)
    if len(folded) > MOST_LINES:
        left = len(folded) - MOST_LINES
        yield f"and {left} more lines, none graver than these; --format html and json have them all"


def _list(folded: Sequence[Line], names: Sequence[str], pen: Pen) -> Iterator[str]:
    """Each line of the matrix as the controls of each verdict: stairs would be taller than all there is to say."""
    for line, name in zip(folded, names, strict=True):
        by_verdict: dict[Status, list[str]] = {}
        for square in line.squares:
            if square.worst is not None:
                those, of = square.tally
                part = f" ({those} of {of})" if those < of and square.worst not in CALM else ""
                by_verdict.setdefault(square.worst, []).append(square.control + ("!" if square.lost else "") + part)
        yield name
        for status in sorted(by_verdict, key=GRAVITY.index):
            sign = pen.sign(status)
            first, *rest = pen.paragraph(", ".join(by_verdict[status]), f"  {sign} ", "    ")
            yield first.replace(sign, pen.verdict(sign, status), 1)
            yield from rest


def _stairs(controls: Sequence[str], room: int, pen: Pen) -> Iterator[str]:
    """One line to a control, the last first: its name, and from its end a line down to its column."""
    for n in reversed(range(len(controls))):
        at, corner, stem = room + 1 + n * _STEP, pen.text("┐"), pen.text("│")
        name = f"{controls[n]} {corner}"[-(at + 1) :].rjust(at + 1)
        yield name + (" " * (_STEP - 1) + stem) * (len(controls) - 1 - n)


def _lines(
    lines: Sequence[Line], names: Sequence[str], widths: Sequence[int], part: Sequence[int], pen: Pen
) -> Iterator[str]:
    for line, name in zip(lines, names, strict=True):
        first, *rest = Pen(widths[0], pen.colour, pen.ascii_only).paragraph(name, "", "  ")
        cells = []
        for n, width in zip(part, widths[1:], strict=True):
            square = line.squares[n]
            text = said if len(said := _said(square, pen)) <= width else _sign(square, pen)
            cells.append((text, pen.verdict(text, square.worst)))
        yield columns([(first, first), *cells], widths)
        yield from rest


def _sign(square: Square, pen: Pen) -> str:
    return pen.sign(square.worst) + ("!" if square.lost else "")


def _said(square: Square, pen: Pen) -> str:
    """The square's sign, with how many of how many where it is not all of them."""
    those, of = square.tally
    return _sign(square, pen) + (f"{those}/{of}" if those < of else "")


def _name(line: Line, is_last: bool, report: Report, pen: Pen) -> str:
    """What the line is about: its regions, and its accounts where the report has several."""
    accounts = {account.id for account in report.scope.accounts} | {row.account for row in report.rows}
    several = listed([account or "unknown" for account in line.accounts], 2) + ": " if len(accounts) > 1 else ""
    if len(line.regions) > 1 and set(line.regions) == set(report.scope.expected):
        return f"{several}all {len(line.regions)} regions"
    if is_last and not several and len(line.regions) > _MANY:
        return f"the other {len(line.regions)} regions"
    return pen.text(several + region_names(line.regions))


def _legend(whole: Matrix, report: Report, pen: Pen) -> list[str]:
    met = {row.verdict for row in report.rows}
    signs: list[tuple[str, Status | None]] = [(f"{pen.sign(each)} {each}", each) for each in Status if each in met]
    if any(not square.rows for line in whole.lines for square in line.squares):
        signs.append((f"{pen.sign(None)} nothing asked", None))
    if report.regressions:
        signs.append(("! was covered before this change", Status.FAIL))
    return pen.flow(((text, pen.verdict(text, status)) for text, status in signs), "")
