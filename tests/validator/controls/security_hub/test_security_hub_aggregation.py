"""Control security-hub-aggregation."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from guardline.validator.expectations.scope import Administration, Requirements
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account, Resource
from guardline.validator.model.securityhub import FindingAggregator
from tests.support.estates import AP, EU, OURS, PENDING, US, detector, estate, judged, scope, verdicts
from tests.support.estates_events import aggregator, central, hub, hub_administrator, hub_auto_enable, hub_member

BOTH = scope(US, EU)

AGGREGATION: dict[str, tuple[tuple[Resource, ...], str]] = {
    "all regions": ((aggregator(), hub()), "pass"),
    "all but one that is not expected": (
        (aggregator(mode="ALL_REGIONS_EXCEPT_SPECIFIED", regions=(AP,)), hub()),
        "pass",
    ),
    "all but one that is": ((aggregator(mode="ALL_REGIONS_EXCEPT_SPECIFIED", regions=(EU,)), hub()), "fail"),
    "both by name": ((aggregator(mode="SPECIFIED_REGIONS", regions=(EU,)), hub()), "pass"),
    "one by name": ((aggregator(mode="SPECIFIED_REGIONS", regions=(AP,)), hub()), "fail"),
    "no regions": ((aggregator(mode="NO_REGIONS"), hub()), "fail"),
    "two": ((aggregator(), aggregator(EU)), "fail"),
    "none": ((hub(),), "fail"),
    "mode not known": ((aggregator(mode=PENDING), hub()), "undetermined"),
    "regions not known": ((aggregator(mode="SPECIFIED_REGIONS", regions=PENDING), hub()), "undetermined"),
    "home not known": ((aggregator(PENDING, mode="SPECIFIED_REGIONS", regions=(EU,)), hub()), "undetermined"),
    "home not known, all regions": ((aggregator(PENDING), hub()), "pass"),
    "no hub": ((aggregator(),), "fail"),
    "hub of another region": ((aggregator(), hub(EU)), "fail"),
    "hub of unknown region": ((aggregator(), hub(PENDING)), "undetermined"),
    "no hub, but a central configuration": ((aggregator(), central()), "undetermined"),
    "no hub, but an administrator's account": ((aggregator(), hub_administrator(OURS.id)), "undetermined"),
    "no hub, but an unknown administrator's account": ((aggregator(), hub_administrator(PENDING)), "undetermined"),
    "no hub, and another administrator": ((aggregator(), hub_administrator("999999999999")), "fail"),
}


@pytest.mark.parametrize(("resources", "expected"), AGGREGATION.values(), ids=AGGREGATION)
def test_aggregation(resources: tuple[Resource, ...], expected: str) -> None:
    (row,) = judged("security-hub-aggregation", estate(*resources), BOTH)
    assert (row.region, row.verdict) == (None, expected), row.reason


def test_two_aggregators_that_may_be_of_two_accounts() -> None:
    """As with detectors: two provider configurations that a plan does not tell apart may be of two accounts."""

    def by(region: str, through: str | None) -> FindingAggregator:
        made = aggregator(region)
        return replace(made, location=replace(made.location, through=through))

    for through, other, verdict in (("aws.a", "aws.a", "fail"), ("aws.a", "aws.b", "undetermined")):
        (row,) = judged("security-hub-aggregation", estate(by(US, through), by(EU, other)), BOTH)
        assert row.verdict == verdict, row.reason


def test_it_is_asked_beside_a_hub_or_an_aggregator_only() -> None:
    assert judged("security-hub-aggregation", estate(detector(US)), BOTH) == ()


def test_absence_is_not_claimed_where_something_is_unread() -> None:
    found = verdicts("security-hub-aggregation", estate(hub(US), missing={FindingAggregator: "unread"}), BOTH)
    assert found == {None: "undetermined"}


MANAGEMENT = Account("000011112222", "000011112222", "spec")
MEMBER = Account("333344445555", "333344445555", "spec")
HUB = (aggregator(), hub())
ASKED = Requirements(wanted=frozenset({"security-hub-aggregation"}))
MEMBERS: dict[str, tuple[tuple[Resource, ...], str]] = {
    "a member in both regions": ((hub_member(MEMBER.id), hub_member(MEMBER.id, EU)), "pass"),
    "a member in one": ((hub_member(MEMBER.id),), "fail"),
    "a member in one, and accounts that join later in it": ((hub_member(MEMBER.id), hub_auto_enable()), "fail"),
    "a member in one, and accounts that join later in the other": (
        (hub_member(MEMBER.id), hub_auto_enable(EU)),
        "undetermined",
    ),
    "another account": ((hub_member(MANAGEMENT.id), hub_member(MANAGEMENT.id, EU)), "fail"),
    "nothing": ((), "fail"),
    "accounts that join later": ((hub_auto_enable(), hub_auto_enable(EU)), "undetermined"),
    "accounts that join later, where that is not known": (
        (hub_auto_enable(on=PENDING), hub_auto_enable(EU)),
        "undetermined",
    ),
    "no accounts that join later": ((hub_auto_enable(on=False), hub_auto_enable(EU, on=False)), "fail"),
    "policies": ((central(),), "undetermined"),
    "an unknown account": ((hub_member(MEMBER.id), hub_member(PENDING, EU)), "undetermined"),
    "an unknown region": ((hub_member(MEMBER.id), hub_member(MEMBER.id, PENDING)), "undetermined"),
}


@pytest.mark.parametrize(("resources", "expected"), MEMBERS.values(), ids=MEMBERS)
def test_the_administrators_aggregator_is_for_members(resources: tuple[Resource, ...], expected: str) -> None:
    given = of_member((*HUB, *resources))
    assert (given[OURS.id], given[MEMBER.id]) == ("pass", expected)


def test_members_may_be_in_what_was_not_read() -> None:
    assert of_member(HUB, incomplete="targeted")[MEMBER.id] == "undetermined"
    unread = {OURS.key: "only one root of the administrator was read"}
    assert of_member(HUB, unread=unread)[MEMBER.id] == "undetermined"


def of_member(
    resources: tuple[Resource, ...], incomplete: str | None = None, unread: Mapping[str, str] | None = None
) -> dict[str | None, str]:
    """Account -> the verdict, where OURS administers the organization."""
    made = replace(
        scope(US, EU, asked=ASKED, accounts=(MANAGEMENT, OURS, MEMBER)),
        administration=Administration(MANAGEMENT, OURS),
        unread=unread or {},
    )
    found = Estate("aws", resources, (OURS,), incomplete=incomplete)
    rows = judged("security-hub-aggregation", found, made)
    return {row.account: row.verdict.value for row in rows}
