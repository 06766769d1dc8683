"""The accounts of a report, the worst first: what fails in each, practice by practice; like accounts share a line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import msgspec

from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.reporters.matrix import GRAVITY

FEW = 3
"""So many accounts need no table: what is said of each fault names them all."""


class AccountLine(msgspec.Struct, frozen=True):
    """One account, or several of which the same is said.

    Attributes:
        accounts: their ids; None is one that no source names.
        failing, unsure: how many cells of each of them fail, or cannot be determined.
        practices: the gravest verdict of each practice that has cells.
    """

    accounts: tuple[str | None, ...]
    failing: int
    unsure: int
    practices: Mapping[str, Status]

    def named(self, status: Status) -> tuple[str, ...]:
        """The practices of one verdict."""
        return tuple(name for name, worst in self.practices.items() if worst is status)


def practices(report: Report) -> tuple[str, ...]:
    """The practices that have cells, in the report's order."""
    return tuple(dict.fromkeys(row.practice_name for row in report.rows))


def account_lines(report: Report) -> tuple[AccountLine, ...]:
    """A line for each set of like accounts, the worst first; none where there are few accounts."""
    counts: dict[str | None, Counter[Status]] = {}
    worst: dict[str | None, dict[str, Status]] = {account.id: {} for account in report.scope.accounts}
    for row in report.rows:
        if not row.in_coverage:
            continue
        counts.setdefault(row.account, Counter())[row.verdict] += 1
        of = worst.setdefault(row.account, {})
        of[row.practice_name] = min(of.get(row.practice_name, row.verdict), row.verdict, key=GRAVITY.index)
    if len(worst) <= FEW:
        return ()
    alike: dict[tuple[object, ...], list[str | None]] = {}
    for account, of in worst.items():
        count = counts.get(account, Counter[Status]())
        said = (count[Status.FAIL], count[Status.UNDETERMINED], tuple(sorted(of.items())))
        alike.setdefault(said, []).append(account)
    lines = [
        AccountLine(
            tuple(accounts),
            counts.get(accounts[0], Counter[Status]())[Status.FAIL],
            counts.get(accounts[0], Counter[Status]())[Status.UNDETERMINED],
            {name: worst[accounts[0]][name] for name in practices(report) if name in worst[accounts[0]]},
        )
        for accounts in alike.values()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.failing, -line.unsure)))
