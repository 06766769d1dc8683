"""security-hub-enabled, security-hub-aggregation, security-hub-integrations and config-recorder."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.config import DeliveryChannel, Recorder, RecorderStatus
from guardline.validator.model.resource import Resource
from guardline.validator.model.securityhub import FindingAggregator, Hub, ProductSubscription
from tests.support.estates import AP, EU, PENDING, US, detector, estate, judged, scope, verdicts
from tests.support.estates_events import aggregator, central, channel, hub, product, recorder, recorder_status

BOTH = scope(US, EU)

ENABLED: dict[str, tuple[tuple[Resource, ...], str]] = {
    "hub and detector": ((detector(EU), hub(EU)), "pass"),
    "no hub": ((detector(EU),), "fail"),
    "no detector": ((hub(EU),), "fail"),
    "detector suspended": ((detector(EU, enabled=False), hub(EU)), "fail"),
    "no hub, but a central configuration": ((detector(EU), central()), "undetermined"),
    "a central configuration and no detector": ((central(),), "fail"),
    "hub of unknown region": ((detector(EU), hub(PENDING)), "undetermined"),
    "detector not told": ((detector(EU, enabled=PENDING), hub(EU)), "undetermined"),
}


@pytest.mark.parametrize(("resources", "expected"), ENABLED.values(), ids=ENABLED)
def test_enabled(resources: tuple[Resource, ...], expected: str) -> None:
    found = verdicts("security-hub-enabled", estate(detector(US), hub(US), *resources), BOTH)
    assert found == {US: "pass", EU: expected}


AGGREGATION: dict[str, tuple[tuple[Resource, ...], str]] = {
    "all regions": ((aggregator(),), "pass"),
    "all but one that is not expected": ((aggregator(mode="ALL_REGIONS_EXCEPT_SPECIFIED", regions=(AP,)),), "pass"),
    "all but one that is": ((aggregator(mode="ALL_REGIONS_EXCEPT_SPECIFIED", regions=(EU,)),), "fail"),
    "both by name": ((aggregator(mode="SPECIFIED_REGIONS", regions=(EU,)),), "pass"),
    "one by name": ((aggregator(mode="SPECIFIED_REGIONS", regions=(AP,)),), "fail"),
    "no regions": ((aggregator(mode="NO_REGIONS"),), "fail"),
    "two": ((aggregator(), aggregator(EU)), "fail"),
    "none": ((hub(),), "fail"),
    "mode not told": ((aggregator(mode=PENDING),), "undetermined"),
    "regions not told": ((aggregator(mode="SPECIFIED_REGIONS", regions=PENDING),), "undetermined"),
    "home not told": ((aggregator(PENDING, mode="SPECIFIED_REGIONS", regions=(EU,)),), "undetermined"),
    "home not told, all regions": ((aggregator(PENDING),), "pass"),
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


INTEGRATIONS: dict[str, tuple[tuple[Resource, ...], dict[str | None, str]]] = {
    "same in both": ((product(US), product(EU)), {US: "pass", EU: "pass"}),
    "missing in one": ((product(US),), {US: "pass", EU: "fail"}),
    "another in one": ((product(US), product(EU, "aws/macie")), {US: "fail", EU: "fail"}),
    "product not told": ((product(US), product(EU, PENDING)), {US: "pass", EU: "undetermined"}),
    "region not told": ((product(US), product(PENDING, "aws/inspector")), {US: "pass", EU: "undetermined"}),
    "GuardDuty, which links itself": ((product(US, "aws/guardduty"),), {}),
    "AWS's own, which a hub takes in by itself": ((product(US), hub(EU)), {US: "pass", EU: "pass"}),
    "another's, which it does not": ((product(US, "acme/scan"), hub(US), hub(EU)), {US: "pass", EU: "fail"}),
    "hub of a region not told": ((product(US), hub(PENDING)), {US: "pass", EU: "undetermined"}),
}


@pytest.mark.parametrize(("resources", "expected"), INTEGRATIONS.values(), ids=INTEGRATIONS)
def test_integrations(resources: tuple[Resource, ...], expected: dict[str | None, str]) -> None:
    assert verdicts("security-hub-integrations", estate(*resources), BOTH) == expected


MACIE = frozenset({"product/aws/macie"})
LACKS_MACIE = "eu-south-2"


def test_what_a_region_does_not_offer_is_not_missing_there() -> None:
    where = scope(US, LACKS_MACIE)
    both = (product(US, "aws/macie"), product(US, "aws/inspector"), product(LACKS_MACIE, "aws/inspector"))
    assert verdicts("security-hub-integrations", estate(*both), where) == {US: "pass", LACKS_MACIE: "pass"}
    macie = (product(US, "aws/macie"),)
    assert verdicts("security-hub-integrations", estate(*macie), where) == {US: "pass", LACKS_MACIE: "not-applicable"}


def test_what_the_spec_asks_for_is_missing_where_there_is_none_of_it() -> None:
    asked = Requirements(integrations=MACIE, wanted=frozenset({"security-hub-integrations"}))
    where = scope(US, EU, asked=asked)
    assert verdicts("security-hub-integrations", estate(), where) == {US: "fail", EU: "fail"}
    assert verdicts("security-hub-integrations", estate(hub()), where) == {US: "pass", EU: "fail"}
    there = (product(US, "aws/macie"), product(EU, "aws/macie"))
    assert verdicts("security-hub-integrations", estate(*there), where) == {US: "pass", EU: "pass"}


RECORDER: dict[str, tuple[tuple[Resource, ...], str]] = {
    "on": ((recorder(EU), recorder_status(EU), channel(EU)), "pass"),
    "all but some": ((recorder(EU, all_supported=None), recorder_status(EU), channel(EU)), "pass"),
    "nowhere to deliver": ((recorder(EU), recorder_status(EU)), "fail"),
    "where it delivers not told": ((recorder(EU), recorder_status(EU), channel(PENDING)), "undetermined"),
    "some only": ((recorder(EU, all_supported=False), recorder_status(EU)), "fail"),
    "none": ((), "fail"),
    "never started": ((recorder(EU),), "fail"),
    "switched off": ((recorder(EU), recorder_status(EU, on=False)), "fail"),
    "another one's status": ((recorder(EU), recorder_status(EU, of="other")), "fail"),
    "state not told": ((recorder(EU), recorder_status(EU, on=PENDING)), "undetermined"),
    "status of an unknown recorder": ((recorder(EU), recorder_status(EU, of=PENDING)), "undetermined"),
    "what it records not told": (
        (recorder(EU, all_supported=PENDING), recorder_status(EU), channel(EU)),
        "undetermined",
    ),
    "recorder of unknown region": ((recorder(PENDING), recorder_status(PENDING)), "undetermined"),
}


@pytest.mark.parametrize(("resources", "expected"), RECORDER.values(), ids=RECORDER)
def test_recorder(resources: tuple[Resource, ...], expected: str) -> None:
    found = verdicts("config-recorder", estate(recorder(US), recorder_status(US), channel(US), *resources), BOTH)
    assert found[EU] == expected


CONTROLS = ("security-hub-enabled", "security-hub-aggregation", "security-hub-integrations", "config-recorder")


@pytest.mark.parametrize("control", CONTROLS)
def test_nothing_is_asked_where_there_is_none_of_it(control: str) -> None:
    assert judged(control, estate(detector(US)), BOTH) == ()


@pytest.mark.parametrize(
    ("control", "kind", "resources"),
    [
        ("security-hub-enabled", Hub, (detector(US), detector(EU), hub(US))),
        ("security-hub-aggregation", FindingAggregator, (hub(US),)),
        ("security-hub-integrations", ProductSubscription, (product(US),)),
        ("security-hub-integrations", Hub, (product(US),)),
        ("config-recorder", Recorder, (recorder(US), recorder_status(US))),
        ("config-recorder", RecorderStatus, (recorder(US), recorder(EU), recorder_status(US))),
        ("config-recorder", DeliveryChannel, (recorder(US), recorder_status(US), recorder(EU), recorder_status(EU))),
    ],
)
def test_absence_is_not_claimed_where_something_is_unread(
    control: str, kind: type[Resource], resources: tuple[Resource, ...]
) -> None:
    found = verdicts(control, estate(*resources, missing={kind: "module.a could not be read"}), BOTH)
    assert found[None if control == "security-hub-aggregation" else EU] == "undetermined"
