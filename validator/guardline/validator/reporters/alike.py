"""Accounts that say the same, drawn together on a page: of 200 accounts made of one module, most differ in nothing.

Nothing is lost in folding: each cell is one of its line's, and each line names its accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from guardline.validator.model.resource import Origin
from guardline.validator.report import Report, Row
from guardline.validator.reporters.matrix import GRAVITY, Line, Matrix, Square

Accounts = tuple[str | None, ...]
"""Some accounts; None is one that no source names."""


class Cells(msgspec.Struct, frozen=True):
    """The cells of one control that differ in their account alone; most often a single one.

    Attributes:
        rows: the cells, one for each account.
    """

    rows: tuple[Row, ...]

    @property
    def first(self) -> Row:
        """The one that speaks for all of them."""
        return self.rows[0]

    @property
    def accounts(self) -> Accounts:
        """Whose they are."""
        return tuple(row.account for row in self.rows)


class Map(msgspec.Struct, frozen=True):
    """The squares of accounts that say the same in every region and control.

    Attributes:
        accounts: which.
        lines: the regions of the first of them.
        wide: its account-wide controls.
    """

    accounts: Accounts
    lines: tuple[Line, ...]
    wide: tuple[Square, ...]

    @property
    def gravity(self) -> int:
        """As of a line: 0 where something fails."""
        squares = (square for line in (*self.lines, Line((), (), self.wide)) for square in line.squares)
        return min((GRAVITY.index(square.worst) for square in squares if square.worst), default=len(GRAVITY))


class Groups:
    """The sets of accounts that a page names, each written out once, at its end."""

    MOST = 4
    """Accounts that are named where they are; more are counted, and listed at the end."""

    def __init__(self, report: Report) -> None:
        known = (*(account.id for account in report.scope.accounts), *(row.account for row in report.rows))
        self._all = frozenset(known)
        self.named: dict[Accounts, int] = {}

    @property
    def several(self) -> bool:
        """Whether the report is about more than one account."""
        return len(self._all) > 1

    def number(self, accounts: Accounts) -> int:
        """The number of such a set, from 1; 0 where its accounts are few enough to be named at once."""
        return 0 if len(accounts) <= self.MOST else self.named.setdefault(accounts, len(self.named) + 1)

    def said(self, accounts: Accounts) -> str:
        """Them in words: their ids, or how many they are."""
        if len(accounts) <= self.MOST:
            return ", ".join(account or "unknown" for account in accounts)
        return f"{'all ' if frozenset(accounts) == self._all else ''}{len(accounts)} accounts"


def folded(rows: Iterable[Row]) -> list[Cells]:
    """Draw cells together that differ in their account alone, in the order of the first of each."""
    found: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(_says(row), []).append(row)
    return [Cells(tuple(alike)) for alike in found.values()]


def maps(whole: Matrix) -> list[Map]:
    """The matrix as one map for each set of accounts that say the same, the gravest first."""
    lines: dict[str | None, list[Line]] = {}
    for line in whole.lines:
        lines.setdefault(line.accounts[0], []).append(line)
    wide = dict(whole.account_wide)
    alike: dict[object, list[str | None]] = {}
    for account in dict.fromkeys([*lines, *wide]):
        squares = [square for line in lines.get(account, ()) for square in line.squares] + list(wide.get(account, ()))
        alike.setdefault(tuple((each.worst, each.lost, each.tally) for each in squares), []).append(account)
    found = (
        Map(tuple(accounts), tuple(lines.get(accounts[0], ())), tuple(wide.get(accounts[0], ())))
        for accounts in alike.values()
    )
    return sorted(found, key=lambda each: each.gravity)


def _says(row: Row) -> tuple[object, ...]:
    """All that a page says of a cell, without its account."""

    def plain(text: str | None) -> str | None:
        return text.replace(row.account, "\0") if text and row.account else text

    def place(origin: Origin) -> tuple[object, ...]:
        # Where a module is called differs from root to root; what is called does not.
        return plain(origin.address), plain(origin.file), origin.line, tuple(map(plain, origin.chain)), origin.absent

    return (
        row.control,
        row.region,
        plain(row.subject),
        plain(row.subject_id),
        row.verdict,
        row.underlying,
        row.before,
        row.regression,
        row.waiver,
        plain(row.reason),
        tuple(map(place, row.evidence)),
    )


def speakers(cells: Sequence[Cells]) -> dict[str, str]:
    """The id of every cell -> the id of the one that speaks for it."""
    return {row.id: each.first.id for each in cells for row in each.rows}
