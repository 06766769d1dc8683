"""Accounts that say the same are one line on the page; whatever differs stands by itself, and no cell is lost."""

from __future__ import annotations

import pytest

from guardline.validator.control import Status
from guardline.validator.model.resource import Origin
from guardline.validator.report import Row
from guardline.validator.reporters.alike import Groups, folded, maps, speakers
from guardline.validator.reporters.html import render
from guardline.validator.reporters.matrix import matrix
from tests.support.many_accounts import organization
from tests.support.realistic_report import report, row

ONE, OTHER = "111122223333", "444455556666"


def cell(account: str, reason: str = "it holds in {}", line: int = 4, call: int = 9, **fields: object) -> Row:
    where = Origin("module.a.aws_guardduty_detector.this", "modules/a.tf", line, (), ((f"{account}/main.tf", call),))
    given = {"region": "eu-west-1", "evidence": (where,), **fields}
    return row("detector-enabled", Status.PASS, reason.format(account), account=account, **given)


def test_cells_that_differ_in_their_account_alone_are_one_line() -> None:
    (both,) = folded([cell(ONE), cell(OTHER, call=12)])
    assert both.accounts == (ONE, OTHER)
    assert speakers([both]) == {each.id: cell(ONE).id for each in (cell(ONE), cell(OTHER))}


@pytest.mark.parametrize(
    "other",
    [
        cell(OTHER, line=5),
        cell(OTHER, reason="one detector, in {}"),
        cell(OTHER, region="eu-west-2"),
        cell(OTHER, before=Status.FAIL),
        cell(OTHER, regression=True),
        cell(OTHER, subject="aws_vpc.this"),
        cell(OTHER, reason=f"it holds in {ONE}"),
    ],
)
def test_whatever_differs_stands_by_itself(other: Row) -> None:
    assert [each.accounts for each in folded([cell(ONE), other])] == [(ONE,), (OTHER,)]


def test_accounts_with_the_same_squares_share_a_map_and_the_gravest_comes_first() -> None:
    found = maps(matrix(organization(11)))
    assert [len(each.accounts) for each in found] == [1, 1, 1, 8]
    assert [each.gravity == 0 for each in found] == [True, True, True, False]
    assert len({account for each in found for account in each.accounts}) == 11


def test_few_accounts_are_named_and_many_are_listed_at_the_end() -> None:
    groups = Groups(organization(6))
    ids = tuple(row.account for row in organization(6).rows[::34])[:6]
    assert (groups.number(ids[:4]), groups.said(ids[:4])) == (0, ", ".join(filter(None, ids[:4])))
    assert (groups.number(ids[:5]), groups.said(ids[:5])) == (1, "5 accounts")
    assert (groups.number(ids), groups.said(ids)) == (2, "all 6 accounts")
    assert groups.number(ids[:5]) == 1


def test_the_page_of_an_organization_has_every_cell_and_every_account() -> None:
    whole = organization(11)
    text = render(whole)
    cells = [part.partition('"')[0] for part in text.split('data-cells="')[1:]]
    assert sum(map(int, cells)) == len(whole.rows)
    assert len(cells) < len(whole.rows) / 9
    for account in whole.scope.accounts:
        assert account.id
        assert account.id in text
    assert render(report(cell(ONE))).count("the same in each of the others") == 0
