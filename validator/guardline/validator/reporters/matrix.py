"""The region x control matrix: one square per region and control, and equal lines folded into one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import msgspec

from guardline.validator.control import Status
from guardline.validator.report import Report, Row

GRAVITY = (
    Status.FAIL,
    Status.UNDETERMINED,
    Status.WAIVED,
    Status.NOT_ASSESSED,
    Status.PASS,
    Status.NOT_APPLICABLE,
)
"""Which verdict speaks for a square of several cells. Unknown outweighs pass: a square is green only if all is."""

CALM = frozenset({Status.PASS, Status.NOT_APPLICABLE})
"""The verdicts that ask nothing of anybody."""


class Square(msgspec.Struct, frozen=True, dict=True):
    """The cells of one control in one region (or in several equal ones), or of one account-wide control.

    Attributes:
        control: the control's id.
        rows: its rows; none where nothing is asked.
    """

    control: str
    rows: tuple[Row, ...]

    @cached_property
    def worst(self) -> Status | None:
        """The verdict that speaks for the square; None where nothing is asked."""
        return min((row.verdict for row in self.rows), key=GRAVITY.index, default=None)

    @cached_property
    def tally(self) -> tuple[int, int]:
        """How many cells have the worst verdict, of how many."""
        worst = self.worst
        return sum(row.verdict is worst for row in self.rows), len(self.rows)

    @property
    def lost(self) -> bool:
        """Whether something here was covered before the change and will not be after it."""
        return any(row.regression for row in self.rows)

    @property
    def of_things(self) -> bool:
        """Whether it asks about single things (VPCs), of which a region may have none or many."""
        return any(row.subject is not None for row in self.rows)

    @property
    def speaker(self) -> Row | None:
        """The first row with the worst verdict."""
        worst = self.worst
        return next((row for row in self.rows if row.verdict is worst), None)


class Line(msgspec.Struct, frozen=True):
    """One line of the matrix.

    Attributes:
        accounts: whose; more than one only when folded. None is an account that no source names.
        regions: which; more than one only when folded.
        squares: one per column of the matrix.
    """

    accounts: tuple[str | None, ...]
    regions: tuple[str, ...]
    squares: tuple[Square, ...]

    @property
    def gravity(self) -> int:
        """0 where something fails, 1 where something is undetermined, and so on; for sorting."""
        return min((GRAVITY.index(square.worst) for square in self.squares if square.worst), default=len(GRAVITY))


class Matrix(msgspec.Struct, frozen=True):
    """All squares.

    Attributes:
        columns: the ids of the controls asked of regions, in catalogue order.
        lines: one per account and region: every expected region, and any other that rows speak of.
        account_wide: for each account, the squares of the controls asked of the account as a whole.
    """

    columns: tuple[str, ...]
    lines: tuple[Line, ...]
    account_wide: tuple[tuple[str | None, tuple[Square, ...]], ...]

    def folded(self, tallied: bool = True) -> tuple[Line, ...]:
        """Lines that say the same, drawn together: regions of one account first, then accounts.

        The gravest come first; of equal gravity, the line of most regions comes last. Calm lines are the same where
        each column passes (with however many VPCs); others where the tallies are, unless `tallied` is False: then
        where the verdicts are.
        """
        of_things = tuple(any(line.squares[n].of_things for line in self.lines) for n in range(len(self.columns)))
        by_account: dict[tuple[str | None, object], list[Line]] = {}
        for line in self.lines:
            by_account.setdefault((line.accounts[0], _says(line, of_things, tallied)), []).append(line)
        alike: dict[object, list[Line]] = {}
        for (_, says), lines in by_account.items():
            whole = _joined(lines)
            alike.setdefault((says, whole.regions), []).append(whole)
        return tuple(
            sorted((_joined(lines) for lines in alike.values()), key=lambda each: (each.gravity, len(each.regions)))
        )


def matrix(report: Report) -> Matrix:
    """Lay the rows of a report out as squares."""
    squares: dict[tuple[str | None, str | None, str], list[Row]] = {}
    for row in report.rows:
        squares.setdefault((row.account, row.region, row.control), []).append(row)
    columns = tuple(dict.fromkeys(row.control for row in report.rows if row.region is not None))
    wide = tuple(dict.fromkeys(row.control for row in report.rows if row.region is None))
    accounts = tuple(dict.fromkeys([*(a.id for a in report.scope.accounts), *(row.account for row in report.rows)]))
    spoken = {row.region for row in report.rows if row.region is not None}
    known = [region.name for region in report.scope.regions]
    shown = [name for name in known if name in spoken or name in report.scope.expected]
    regions = (*shown, *sorted(spoken.difference(known)))

    def line(account: str | None, region: str | None, controls: Sequence[str]) -> tuple[Square, ...]:
        return tuple(Square(control, tuple(squares.get((account, region, control), ()))) for control in controls)

    places = [(account, region) for account in accounts for region in regions]
    return Matrix(
        columns,
        tuple(Line((account,), (region,), line(account, region, columns)) for account, region in places),
        tuple((account, line(account, None, wide)) for account in accounts) if wide else (),
    )


def labels(controls: Sequence[str], longest: int) -> tuple[str, ...]:
    """Short column names: of each id the first word that no other id has at that place, cut to `longest` letters.

    Falls back on the column's number where the cut would make two labels the same.
    """
    words = [control.split("-") for control in controls]
    chosen = []
    for mine in words:
        others = [theirs for theirs in words if theirs is not mine]
        own = (
            word
            for n, word in enumerate(mine)
            if word != "region" and not any(word in theirs[n : n + 1] for theirs in others)  # regions are the lines
        )
        chosen.append(next(own, "-".join(mine))[:longest])
    return tuple(label if chosen.count(label) == 1 else str(number) for number, label in enumerate(chosen, start=1))


def _says(line: Line, of_things: Sequence[bool], tallied: bool) -> tuple[object, ...]:
    """What a line tells a reader. A region without VPCs says the same as one whose VPCs all pass."""
    if line.gravity >= GRAVITY.index(Status.PASS) and any(square.rows for square in line.squares):
        return tuple(
            Status.PASS if resources and square.worst in (None, *CALM) else square.worst
            for square, resources in zip(line.squares, of_things, strict=True)
        )
    return tuple((square.worst, square.lost, square.tally if tallied else None) for square in line.squares)


def _joined(lines: Sequence[Line]) -> Line:
    """One line in place of several: their accounts, regions and rows together."""
    if len(lines) == 1:
        return lines[0]
    return Line(
        tuple(dict.fromkeys(account for line in lines for account in line.accounts)),
        tuple(dict.fromkeys(region for line in lines for region in line.regions)),
        tuple(
            Square(column[0].control, tuple(row for square in column for row in square.rows))
            for column in zip(*(line.squares for line in lines), strict=True)
        ),
    )
