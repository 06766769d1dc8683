"""Every expected cell is asked, and an unknown is never an answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from guardline.validator.control import Cell, Control, Severity, Status, Verdict, failed, passed
from guardline.validator.evaluate import evaluate
from guardline.validator.expectations.scope import RegionState, Requirements, Scope, ScopeRegion, Waiver
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account
from guardline.validator.model.value import UnknownValue

ACCOUNT = Account("111122223333", "111122223333", "spec")
REGIONS = ("eu-west-1", "us-east-1")
SCOPE = Scope("aws", (ACCOUNT,), tuple(ScopeRegion(name, RegionState.EXPECTED) for name in REGIONS))
PLAN = frozenset({"plan"})
NOW, PAST = Estate("aws"), Estate("aws", past=True)


def control(check: Callable[[Estate, Scope, Cell], Verdict], name: str = "c", **more: object) -> Control:
    texts = dict.fromkeys(("title", "why", "passes", "fails", "unsure", "fix"), "text")
    cells = more.pop("cells", lambda _estate, scope: [Cell(ACCOUNT, region) for region in reversed(scope.expected)])
    return Control(id=name, practice=3, severity=Severity.HIGH, cells=cells, check=check, **texts, **more)  # type: ignore[arg-type]  # a test builder


def test_an_empty_estate_has_a_row_for_every_region_in_the_scopes_order() -> None:
    rows = evaluate(NOW, None, SCOPE, [control(lambda *_: failed("nothing here"))], PLAN)
    assert [(row.region, row.verdict) for row in rows] == [("eu-west-1", Status.FAIL), ("us-east-1", Status.FAIL)]


def test_an_unknown_is_undetermined_with_its_reason() -> None:
    def check(_estate: Estate, _scope: Scope, _cell: Cell) -> Verdict:
        raise UnknownValue("known only after apply")

    (row, _) = evaluate(NOW, None, SCOPE, [control(check)], PLAN)
    assert (row.verdict, row.reason) == (Status.UNDETERMINED, "known only after apply")


@pytest.mark.parametrize(
    ("before", "after", "regression"),
    [("pass", "fail", True), ("pass", "pass", False), ("fail", "fail", False), ("pass", "undetermined", False)],
)
def test_regressions(before: str, after: str, regression: bool) -> None:
    def check(estate: Estate, _scope: Scope, _cell: Cell) -> Verdict:
        return Verdict(Status(before if estate.past else after), "so it is")

    row = evaluate(NOW, PAST, SCOPE, [control(check)], PLAN)[0]
    assert (row.before, row.regression) == (before, regression)
    assert row.reason == ("so it is; it was covered before this change" if regression else "so it is")


def test_a_derived_control_counts_no_regression() -> None:
    check = control(lambda estate, *_: passed("was") if estate.past else failed("is not"), in_coverage=False)
    assert not evaluate(NOW, PAST, SCOPE, [check], PLAN)[0].regression


def test_a_subject_is_found_in_the_past_by_its_id_when_its_address_moved() -> None:
    def cells(estate: Estate, _scope: Scope) -> list[Cell]:
        return [Cell(ACCOUNT, "eu-west-1", "aws_vpc.old" if estate.past else "aws_vpc.new", "vpc-1")]

    check = control(lambda estate, *_: passed("was") if estate.past else failed("is not"), cells=cells)
    assert evaluate(NOW, PAST, SCOPE, [check], PLAN)[0].regression


@pytest.mark.parametrize(
    ("before", "after", "rows"),
    [("pass", "fail", 2), ("pass", "undetermined", 1), ("fail", "fail", 1), ("undetermined", "fail", 1)],
)
def test_what_is_given_up_altogether_is_a_regression(before: str, after: str, rows: int) -> None:
    def cells(estate: Estate, _scope: Scope) -> list[Cell]:
        return [Cell(ACCOUNT, region) for region in (REGIONS if estate.past else REGIONS[:1])]

    def check(estate: Estate, _scope: Scope, _cell: Cell) -> Verdict:
        return Verdict(Status(before if estate.past else after), "so it is")

    found = evaluate(NOW, PAST, SCOPE, [control(check, cells=cells)], PLAN)
    assert [row.region for row in found] == list(REGIONS[:rows])
    assert all(row.regression for row in found) == (rows > 1)


def test_a_subject_that_goes_is_given_up_by_nobody() -> None:
    def cells(estate: Estate, _scope: Scope) -> list[Cell]:
        return [Cell(ACCOUNT, "eu-west-1", "aws_vpc.v")] if estate.past else []

    check = control(lambda estate, *_: passed("was") if estate.past else failed("is not"), cells=cells)
    assert evaluate(NOW, PAST, SCOPE, [check], PLAN) == ()


def test_a_cause_names_the_cell_at_fault() -> None:
    root = control(lambda *_: failed("no detector"), "detector-enabled")
    leaf = control(lambda *_: failed("no detector", cause="detector-enabled"), "s3-protection")
    first, second, third, fourth = evaluate(NOW, None, SCOPE, [root, leaf], PLAN)
    assert (third.cause, fourth.cause) == (first.id, second.id)
    assert first.cause is None


def test_a_cause_that_is_not_asked_about_is_no_cause() -> None:
    leaf = control(lambda *_: failed("no detector", cause="detector-enabled"), "s3-protection")
    assert evaluate(NOW, None, SCOPE, [leaf], PLAN)[0].cause is None


def test_ids_are_those_of_the_contract() -> None:
    row = evaluate(NOW, None, SCOPE, [control(lambda *_: passed("x"))], PLAN)[0]
    assert row.id == hashlib.sha256(b"c|aws|111122223333|eu-west-1|").hexdigest()[:16]


def test_what_the_source_cannot_tell_is_not_assessed() -> None:
    live = control(lambda *_: passed("x"), sources=frozenset({"live"}))
    assert {row.verdict for row in evaluate(NOW, PAST, SCOPE, [live], PLAN)} == {Status.NOT_ASSESSED}


def test_what_the_spec_switches_off_is_not_asked() -> None:
    scope = Scope("aws", SCOPE.accounts, SCOPE.regions, "guardline.yaml", Requirements(off={"c": "elsewhere"}))
    assert evaluate(NOW, None, scope, [control(lambda *_: failed("x"))], PLAN) == ()


@pytest.mark.parametrize("below", [Status.FAIL, Status.PASS, Status.UNDETERMINED])
def test_what_the_spec_leaves_out_is_waived(below: Status) -> None:
    waiver = Waiver("spec", "closed", "Ann")
    scope = replace(SCOPE, regions=(SCOPE.regions[0], ScopeRegion("us-east-1", RegionState.EXCLUDED, "r", waiver)))
    asked, left_out = evaluate(NOW, None, scope, [control(lambda *_: Verdict(below, "so it is"))], PLAN)
    assert (asked.region, asked.verdict, asked.waiver) == ("eu-west-1", below, None)
    assert (left_out.region, left_out.verdict, left_out.underlying) == ("us-east-1", Status.WAIVED, below)
    assert (left_out.waiver, left_out.reason) == (waiver, "so it is; the spec leaves it out: closed")


def test_what_does_not_apply_needs_no_waiver() -> None:
    scope = replace(SCOPE, regions=(SCOPE.regions[0], ScopeRegion("us-east-1", RegionState.EXCLUDED)))
    (asked,) = evaluate(NOW, None, scope, [control(lambda *_: Verdict(Status.NOT_APPLICABLE, "never"))], PLAN)
    assert asked.region == "eu-west-1"


def test_a_derived_control_asks_nothing_of_what_is_left_out() -> None:
    scope = replace(SCOPE, regions=(SCOPE.regions[0], ScopeRegion("us-east-1", RegionState.RETIRING)))
    derived = control(lambda *_: failed("nothing here"), in_coverage=False)
    assert [row.region for row in evaluate(NOW, None, scope, [derived], PLAN)] == ["eu-west-1"]
