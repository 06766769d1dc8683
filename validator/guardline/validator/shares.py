"""The cells of a run, parted among processes by account: no cell of one account is judged by those of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import TypeAlias

import msgspec
from msgspec.structs import replace

from guardline.validator.control import Cell
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.resource import Account
from guardline.validator.processes import shared_out, shares
from guardline.validator.report import Row
from guardline.validator.veil import meeting, note

Judged: TypeAlias = tuple[list[tuple[Cell, Row]], list[tuple[Cell, Row]]]


class Share(msgspec.Struct, frozen=True):
    """Some of the accounts.

    Attributes:
        number: which share, from 0; the first has the accounts that no place is known of.
        several: how many shares there are.
        places: key of an account -> its place among all.
    """

    number: int = 0
    several: int = 1
    places: Mapping[str, int] = msgspec.field(default_factory=dict)

    def has(self, account: Account) -> bool:
        """Whether an account is of this share."""
        return self.places.get(account.key, 0) % self.several == self.number

    def of(self, cells: Iterable[Cell]) -> list[Cell]:
        """The cells of this share."""
        return list(cells) if self.several == 1 else [cell for cell in cells if self.has(cell.account)]


EVERY = Share()
"""All accounts."""


def by_shares(judge: Callable[[Share], Iterator[Judged]], scope: Scope) -> Iterator[Judged]:
    """What the shares of the accounts come to. The cells of other processes come without their resources.

    Args:
        judge: judges the cells of a share, control by control.
        scope: names the accounts.
    """
    several = shares(len(scope.accounts))
    places = {account.key: place for place, account in enumerate(scope.accounts)}

    def work(number: int) -> Iterator[tuple[Judged, set[str]]]:
        judged = judge(Share(number, several, places))
        while True:
            with meeting() as secrets:
                part = next(judged, None)
            if part is None:
                return
            rows, left_out = part
            yield ((_bare(rows), _bare(left_out)) if number else part), secrets

    for part, secrets in chain.from_iterable(shared_out(work, several)):
        note(sorted(secrets))
        yield part


def _bare(rows: list[tuple[Cell, Row]]) -> list[tuple[Cell, Row]]:
    return [(replace(cell, resource=None), row) for cell, row in rows]
