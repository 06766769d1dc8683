"""Control coverage-kept: what a change stops covering is named, and somebody has to answer for it."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from guardline.validator import departures
from guardline.validator.control import Status
from guardline.validator.controls import CATALOGUE, by_id
from guardline.validator.evaluate import evaluate
from guardline.validator.expectations.scope import (
    Base,
    NotAsked,
    RegionState,
    Requirements,
    Scope,
    ScopeRegion,
    Waiver,
)
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account, Resource
from guardline.validator.report import Row
from tests.support.estates import AP, EU, OURS, PENDING, US, detector, estate, trail

APPROVED = Waiver("spec", "closed", "Ann", "2027-03-31")
WATCHED = (detector(EU), detector(US), trail())
NO_TRAIL = Requirements(off={"trail-multi-region": "no budget"})
NO_BUDGET = Waiver("spec", "no budget")


def before(*resources: Resource) -> Estate:
    return replace(estate(*resources), past=True)


def within(
    *regions: ScopeRegion,
    asked: Requirements | None = None,
    not_asked: Iterable[NotAsked] = (),
    base: Base | None = None,
) -> Scope:
    """A scope of a spec over three regions, of which some have the states given."""
    given = {region.name: region for region in regions}
    states = tuple(given.get(name, ScopeRegion(name, RegionState.EXPECTED)) for name in (AP, EU, US))
    return Scope(
        "aws", (OURS,), states, "guardline.yaml", asked or Requirements(), not_asked=tuple(not_asked), base=base
    )


def kept(after: Estate, was: Estate | None, scope: Scope) -> list[Row]:
    (control,) = (each for each in CATALOGUE if each.id == "coverage-kept")
    return list(evaluate(after, was, scope, (control,), frozenset({"plan"}), catalogue=CATALOGUE))


RETIRING, EXCLUDED, OFF = RegionState.RETIRING, RegionState.EXCLUDED, RegionState.NOT_OPTED_IN


@pytest.mark.parametrize(
    ("state", "waiver", "verdict", "says"),
    [
        (RETIRING, None, Status.FAIL, "nobody approved that"),
        (RETIRING, Waiver("spec", "closed"), Status.FAIL, "closed, and nobody approved that"),
        (RETIRING, Waiver("spec", None, "Ann"), Status.FAIL, "nobody approved that"),
        (RETIRING, Waiver("spec", "closed", "Ann"), Status.PASS, "closed (approved by Ann)"),
        (EXCLUDED, APPROVED, Status.PASS, "closed (approved by Ann, until 2027-03-31)"),
        (OFF, None, Status.FAIL, "the spec says not-opted-in, and nobody approved that"),
        (RegionState.EXPECTED, None, Status.FAIL, "nothing covers it afterwards, and nobody approved that"),
    ],
)
def test_a_region_that_leaves(state: RegionState, waiver: Waiver | None, verdict: Status, says: str) -> None:
    scope = within(ScopeRegion(EU, state, "r", waiver))
    (row,) = kept(estate(detector(US), trail()), before(*WATCHED), scope)
    assert (row.region, row.verdict, row.severity, row.in_coverage) == (EU, verdict, "high", False)
    assert row.reason.startswith("this change stops covering eu-west-1: ")
    assert says in row.reason


@pytest.mark.parametrize(("after", "rows"), [(True, 0), (False, 1)])
def test_a_suspended_detector_leaves_and_one_that_stays_does_not(after: bool, rows: int) -> None:
    assert len(kept(estate(detector(EU, enabled=after), detector(US)), before(*WATCHED[:2]), within())) == rows


def test_what_was_never_covered_does_not_leave() -> None:
    scope = within(ScopeRegion(EU, RETIRING))
    assert kept(estate(detector(US)), before(detector(EU, enabled=False), detector(US)), scope) == []
    assert kept(estate(), None, scope) == []


def test_whether_a_region_stays_may_be_unknown() -> None:
    scope = within(ScopeRegion(EU, RETIRING, "r", APPROVED))
    (row,) = kept(estate(detector(EU, enabled=PENDING), detector(US)), before(*WATCHED[:2]), scope)
    assert (row.region, row.verdict) == (EU, Status.UNDETERMINED)


def test_the_base_branch_may_have_left_it_out_already() -> None:
    states = ScopeRegion(EU, RETIRING)
    now, was = estate(detector(US)), before(*WATCHED[:2])
    (still,) = kept(now, was, within(states, base=Base(frozenset({EU, US}), frozenset())))
    (already,) = kept(now, was, within(states, base=Base(frozenset({US}), frozenset())))
    assert (still.verdict, already.verdict) == (Status.FAIL, Status.PASS)
    assert "base branch" in already.reason


@pytest.mark.parametrize(
    ("waiver", "verdict"), [(NO_BUDGET, Status.FAIL), (replace(NO_BUDGET, approver="Ann"), Status.PASS)]
)
def test_a_practice_that_leaves(waiver: Waiver, verdict: Status) -> None:
    scope = within(asked=NO_TRAIL, not_asked=[NotAsked(1, "trail: no budget", "trail", waiver)])
    (row,) = kept(estate(*WATCHED[:2]), before(*WATCHED), scope)
    assert (row.region, row.subject, row.verdict) == (None, "trail", verdict)
    assert "`trail`: no budget" in row.reason
    assert kept(estate(*WATCHED), before(*WATCHED), scope) == []


def test_a_trail_that_goes_although_it_is_asked_is_the_trails_fault() -> None:
    chosen = [control for control in CATALOGUE if control.id in ("coverage-kept", "trail-multi-region")]
    rows = evaluate(estate(*WATCHED[:2]), before(*WATCHED), within(), chosen, frozenset({"plan"}), catalogue=CATALOGUE)
    by_control = {row.control: row for row in rows if row.verdict is Status.FAIL}
    assert by_control["coverage-kept"].cause == by_control["trail-multi-region"].id


def test_without_a_before_the_base_branchs_spec_is_compared() -> None:
    base = Base(frozenset({AP, EU, US}), frozenset({"access"}))
    off = [NotAsked(1, "r", "trail", NO_BUDGET), NotAsked(4, "r", "access"), NotAsked(3, "r")]
    scope = within(ScopeRegion(EU, EXCLUDED, "r", APPROVED), ScopeRegion(AP, OFF), not_asked=off, base=base)
    found = {row.region or row.subject: row.verdict for row in kept(estate(*WATCHED), None, scope)}
    assert found == {AP: Status.FAIL, EU: Status.PASS, "trail": Status.FAIL}


def test_a_region_that_is_not_opted_in_and_has_resources_is_a_contradiction() -> None:
    touched = replace(estate(detector(EU), detector(US)), touched={OURS.key: frozenset({EU, US})})
    (row,) = kept(touched, None, within(ScopeRegion(EU, OFF), ScopeRegion(AP, OFF)))
    assert (row.region, row.verdict) == (EU, Status.UNDETERMINED)
    assert "aws_guardduty_detector.d_eu_west_1" in row.reason


@pytest.mark.parametrize(
    ("verdict", "kept_as_not_asked"), [(Status.FAIL, False), (Status.PASS, False), (Status.WAIVED, True)]
)
def test_what_is_judged_is_never_called_not_asked(verdict: Status, kept_as_not_asked: bool) -> None:
    scope = within(not_asked=[NotAsked(4, "identities of people: no `access`", "access", Waiver("spec"))])
    (row,) = kept(estate(detector(US)), before(*WATCHED[:2]), scope)
    judged = replace(row, control="access-separated", subject=None, verdict=verdict)
    assert bool(departures.not_asked(scope, [judged])) is kept_as_not_asked


def test_every_practice_is_shown_by_controls_that_exist() -> None:
    assert all(by_id(control) for controls in departures.SHOWN_BY.values() for control in controls)


GONE = Account("999900001111", "999900001111", "spec")


def theirs(resource: Resource) -> Resource:
    return replace(resource, location=replace(resource.location, account=GONE))


def test_an_account_that_retires_is_named_with_who_approved_it() -> None:
    scope = replace(within(), retiring={GONE: Waiver("spec", "sold", "Ann")})
    (row,) = kept(estate(*WATCHED), before(*WATCHED, theirs(trail())), scope)
    assert (row.account, row.region, row.subject, row.verdict) == (GONE.id, None, None, Status.PASS)
    assert row.reason == "this change stops covering account 999900001111: sold (approved by Ann)"
    assert kept(estate(*WATCHED, theirs(trail())), before(*WATCHED, theirs(trail())), scope) == []


@pytest.mark.parametrize("was", [None, before(*WATCHED)])
def test_an_account_that_the_base_branch_covers_does_not_vanish(was: Estate | None) -> None:
    base = Base(frozenset({AP, EU, US}), frozenset(), (OURS, GONE))
    (row,) = kept(estate(*WATCHED), was, within(base=base))
    assert (row.account, row.verdict) == (GONE.id, Status.FAIL)
    assert "`organization.retiring`" in row.fix
    (row,) = kept(estate(*WATCHED), was, replace(within(base=base), retiring={GONE: Waiver("spec", "sold", "Ann")}))
    assert row.verdict is Status.PASS


def test_the_cells_of_an_account_that_retires_are_waived() -> None:
    chosen = [control for control in CATALOGUE if control.id == "detector-enabled"]
    scope = replace(within(), retiring={GONE: Waiver("spec", "sold", "Ann")})
    rows = evaluate(estate(*WATCHED), None, scope, chosen, frozenset({"plan"}), catalogue=CATALOGUE)
    own = [row for row in rows if row.account == GONE.id]
    assert {row.region for row in own} == {AP, EU, US}
    assert {(row.verdict, row.underlying) for row in own} == {(Status.WAIVED, Status.FAIL)}
    assert all(row.waiver == Waiver("spec", "sold", "Ann") for row in own)


@pytest.mark.parametrize(("was", "verdicts"), [({}, [Status.PASS]), ({OURS.key: frozenset({EU})}, []), (None, [])])
def test_a_region_that_a_target_takes_from_an_account(
    was: dict[str, frozenset[str]] | None, verdicts: list[Status]
) -> None:
    """Named once, where the base branch's spec expected it of the account."""
    base = None if was is None else Base(frozenset({AP, EU, US}), frozenset(), (OURS,), was)
    scope = replace(
        within(base=base),
        expected_by_account={OURS.key: frozenset({AP, US})},
        off={OURS.key: Waiver("spec", "off", "Ann")},
    )
    found = kept(estate(*WATCHED), None, scope)
    assert [row.verdict for row in found] == verdicts
    assert all(
        (row.region, row.reason) == (EU, "this change stops covering eu-west-1: off (approved by Ann)") for row in found
    )
