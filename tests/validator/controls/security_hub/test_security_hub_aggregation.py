"""Control security-hub-aggregation."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from guardline.validator.model.resource import Resource
from guardline.validator.model.securityhub import FindingAggregator
from tests.support.estates import AP, EU, OURS, PENDING, US, detector, estate, judged, scope, verdicts
from tests.support.estates_events import aggregator, central, hub, hub_administrator

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
