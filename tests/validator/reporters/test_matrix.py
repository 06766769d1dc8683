"""The matrix: which verdict speaks for a square, and which lines are drawn as one."""

from __future__ import annotations

import pytest

from guardline.validator.control import Status
from guardline.validator.expectations.scope import RegionState, Scope, ScopeRegion
from guardline.validator.model.resource import Account
from guardline.validator.reporters.matrix import Line, Square, labels, matrix
from tests.support.realistic_report import ACCOUNT, DEFAULT_REGIONS, report, row, sample

REGIONS = ("eu-west-1", "eu-west-2", "us-east-1")


def scope(*accounts: str | None) -> Scope:
    expected = tuple(ScopeRegion(name, RegionState.EXPECTED) for name in REGIONS)
    return Scope("aws", tuple(Account(each, each or "aws") for each in accounts), expected)


def shown(lines: tuple[Line, ...]) -> list[tuple[tuple[str | None, ...], tuple[str, ...]]]:
    return [(line.accounts, line.regions) for line in lines]


@pytest.mark.parametrize(
    ("verdicts", "speaks", "tally"),
    [
        ("pass pass", "pass", (2, 2)),
        ("pass undetermined", "undetermined", (1, 2)),
        ("undetermined fail pass", "fail", (1, 3)),
        ("pass waived", "waived", (1, 2)),
        ("pass not-assessed", "not-assessed", (1, 2)),
        ("not-applicable pass", "pass", (1, 2)),
        ("not-applicable", "not-applicable", (1, 1)),
    ],
)
def test_a_square_is_as_good_as_its_worst_cell(verdicts: str, speaks: str, tally: tuple[int, int]) -> None:
    rows = [row("vpc-flow-logs", Status(each), each, subject=str(n)) for n, each in enumerate(verdicts.split())]
    square = Square("vpc-flow-logs", tuple(rows))
    assert (square.worst, square.tally) == (speaks, tally)
    assert next(row.reason for row in square.rows if row.verdict is square.worst) == speaks


def test_an_empty_square_speaks_for_nobody() -> None:
    square = Square("vpc-flow-logs", ())
    assert (square.worst, square.tally, square.lost) == (None, (0, 0), False)


def test_every_expected_region_has_a_line_and_any_other_that_rows_speak_of() -> None:
    rows = [row("detector-enabled", Status.PASS, "", region=name) for name in ("eu-west-1", "mars-1", "me-south-1")]
    lines = matrix(report(*rows)).lines
    wanted = sorted({*DEFAULT_REGIONS, "me-south-1"})
    assert [line.regions[0] for line in lines] == [*wanted, "mars-1"]


def test_account_wide_controls_are_no_columns() -> None:
    whole = matrix(sample())
    assert "trail-encrypted" not in whole.columns
    ((account, squares),) = whole.account_wide
    assert account == ACCOUNT
    assert [square.control for square in squares if square.rows] == [
        "trail-multi-region", "trail-encrypted", "trail-s3-data-events", "ignored-changes",
    ]  # fmt: skip


def test_no_cell_is_lost() -> None:
    whole = matrix(sample())
    squares = [square for line in whole.folded() for square in line.squares]
    squares += [square for _, each in whole.account_wide for square in each]
    assert sorted(row.id for square in squares for row in square.rows) == sorted(row.id for row in sample().rows)


def test_equal_regions_are_one_line_the_gravest_first_and_the_most_last() -> None:
    verdicts = {"eu-west-1": Status.PASS, "eu-west-2": Status.FAIL, "us-east-1": Status.PASS}
    rows = [row("detector-enabled", verdict, "", region=name) for name, verdict in verdicts.items()]
    folded = matrix(report(*rows, scope=scope(ACCOUNT))).folded()
    assert shown(folded) == [((ACCOUNT,), ("eu-west-2",)), ((ACCOUNT,), ("eu-west-1", "us-east-1"))]


def test_accounts_that_say_the_same_of_the_same_regions_are_one_line() -> None:
    accounts = ("111111111111", "222222222222", None)
    rows = [
        row("detector-enabled", Status.PASS if account else Status.FAIL, "", region=name, account=account)
        for account in accounts
        for name in REGIONS
    ]
    folded = matrix(report(*rows, scope=scope(*accounts))).folded()
    assert shown(folded) == [((None,), REGIONS), (accounts[:2], REGIONS)]


def test_how_many_vpcs_a_calm_region_has_is_no_difference() -> None:
    rows = [row("detector-enabled", Status.PASS, "", region=name) for name in REGIONS]
    rows += [row("vpc-flow-logs", Status.PASS, "", region="eu-west-1", subject=str(n)) for n in range(3)]
    rows += [row("vpc-flow-logs", Status.NOT_APPLICABLE, "", region="eu-west-2", subject="shared")]
    assert len(matrix(report(*rows, scope=scope(ACCOUNT))).folded()) == 1


@pytest.mark.parametrize(("bad", "lines"), [((1, 1, 1), 1), ((1, 1, 2), 2), ((1, 0, 2), 3)])
def test_how_many_of_its_vpcs_fail_is_one(bad: tuple[int, int, int], lines: int) -> None:
    rows = [
        row("vpc-flow-logs", Status.FAIL if n < fails else Status.PASS, "", region=name, subject=str(n))
        for name, fails in zip(REGIONS, bad, strict=True)
        for n in range(4)
    ]
    assert len(matrix(report(*rows, scope=scope(ACCOUNT))).folded()) == lines


def test_a_region_of_which_nothing_is_asked_does_not_fold_with_one_that_passes() -> None:
    rows = [row("detector-enabled", Status.PASS, "", region=name) for name in REGIONS[:2]]
    assert len(matrix(report(*rows, scope=scope(ACCOUNT))).folded()) == 2


def test_a_report_without_rows_has_lines_and_no_columns() -> None:
    assert (matrix(report()).columns, matrix(report()).account_wide) == ((), ())


@pytest.mark.parametrize("longest", [3, 4, 12])
def test_labels_are_short_and_distinct(longest: int) -> None:
    controls = matrix(sample()).columns
    found = labels(controls, longest)
    assert len(set(found)) == len(controls)
    assert max(map(len, found)) <= longest
    assert labels(controls, 12)[:3] == ("flow", "inventory", "s3")


def test_labels_that_the_cut_would_make_alike_are_numbers() -> None:
    assert labels(("alpha-x", "alpine-x", "beta"), 3) == ("1", "2", "bet")
