"""Controls org-delegated-admin and org-auto-enable."""

from __future__ import annotations

import pytest

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.organizations import AutoEnable
from guardline.validator.model.resource import Resource
from tests.support.estates import AP, EU, FEATURES, PENDING, US, detector, estate, judged, scope, verdicts
from tests.support.estates_access import administrator, auto_enable, auto_feature

DELEGATED, AUTO = "org-delegated-admin", "org-auto-enable"
OTHER = "333344445555"


def members(region: str, **changes: object) -> tuple[Resource, ...]:
    return (
        detector(region),
        auto_enable(region, **changes),
        *(auto_feature(name, region) for name in FEATURES),
    )


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ((administrator(US), administrator(EU)), {US: "pass", EU: "pass"}),
        ((administrator(US),), {US: "pass", EU: "fail"}),
        ((administrator(US), administrator(PENDING)), {US: "pass", EU: "undetermined"}),
        ((administrator(US), administrator(EU, OTHER)), {US: "fail", EU: "fail"}),
        ((administrator(US), administrator(EU, PENDING)), {US: "pass", EU: "undetermined"}),
        ((administrator(US, "aws_organizations_account.a"), administrator(EU, "aws_organizations_account.b")),
         {US: "undetermined", EU: "undetermined"}),
        ((administrator(US, "aws_organizations_account.a"), administrator(EU, "aws_organizations_account.a")),
         {US: "pass", EU: "pass"}),
        ((), {}),
    ],
)  # fmt: skip
def test_delegated_administrator(resources: tuple[Resource, ...], expected: dict[str | None, str]) -> None:
    assert verdicts(DELEGATED, estate(*resources), scope()) == expected


def test_the_region_that_differs_from_most_fails_alone() -> None:
    found = estate(administrator(US), administrator(EU), administrator(AP, OTHER))
    assert verdicts(DELEGATED, found, scope(AP, EU, US)) == {US: "pass", EU: "pass", AP: "fail"}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (members(US), "pass"),
        (members(US, members="NEW"), "fail"),
        (members(US, members="NONE"), "fail"),
        (members(US, members=PENDING), "undetermined"),
        (members(US, on=PENDING), "undetermined"),
        (members(US, on="aws_guardduty_detector.elsewhere"), "fail"),
        ((*members(US)[1:], detector(US, enabled=False)), "fail"),
        (members(US)[1:], "fail"),
        (members(US)[:-1], "fail"),
        ((*members(US)[:-1], auto_feature(FEATURES[-1], US, "NEW")), "fail"),
        ((*members(US)[:-1], auto_feature(FEATURES[-1], US, PENDING)), "undetermined"),
        ((*members(US)[:-1], auto_feature(PENDING, US)), "undetermined"),
        ((*members(US)[:-1], auto_feature(FEATURES[-1], US, on=PENDING)), "undetermined"),
        ((*members(US)[:-1], auto_feature(FEATURES[-1], PENDING)), "undetermined"),
        ((*members(US)[:-1], auto_feature(FEATURES[-1], EU)), "fail"),
    ],
)
def test_auto_enable(resources: tuple[Resource, ...], expected: str) -> None:
    assert verdicts(AUTO, estate(*resources), scope(US)) == {US: expected}


def test_a_region_without_the_configuration_fails_beside_one_with_it() -> None:
    found = verdicts(AUTO, estate(*members(US), detector(EU)), scope(EU, US))
    assert found == {EU: "fail", US: "pass"}
    assert verdicts(AUTO, estate(detector(US)), scope(US)) == {}


def test_no_detector_is_the_cause() -> None:
    row = next(row for row in judged(AUTO, estate(*members(US)), scope(EU, US)) if row.region == EU)
    assert row.verdict == "fail"
    assert "no detector" in row.reason


def test_a_plan_that_the_spec_switches_off_is_not_missed() -> None:
    asked = Requirements(features={FEATURES[-1]: False})
    assert verdicts(AUTO, estate(*members(US)[:-1]), scope(US, asked=asked)) == {US: "pass"}


def test_what_could_not_be_read() -> None:
    found = estate(*members(EU), detector(US), missing={AutoEnable: "module.x cannot be read"})
    assert verdicts(AUTO, found, scope(US)) == {US: "undetermined"}


@pytest.mark.parametrize(
    ("agents", "expected"),
    [
        ({"EC2_AGENT_MANAGEMENT": "ALL"}, "pass"),
        ({"EC2_AGENT_MANAGEMENT": "NONE"}, "fail"),
        ({"EC2_AGENT_MANAGEMENT": "NEW"}, "fail"),
        ({"EC2_AGENT_MANAGEMENT": PENDING}, "undetermined"),
        ({}, "undetermined"),
    ],
)
def test_agents_that_a_spec_asks_for(agents: dict[str, object], expected: str) -> None:
    others = [auto_feature(name, US) for name in FEATURES if name != "RUNTIME_MONITORING"]
    runtime = auto_feature("RUNTIME_MONITORING", US, "ALL", None, **agents)
    found = estate(detector(US), auto_enable(US), *others, runtime)
    asked = Requirements(agents=frozenset({"EC2_AGENT_MANAGEMENT"}))
    assert verdicts(AUTO, found, scope(US, asked=asked)) == {US: expected}
    assert verdicts(AUTO, found, scope(US)) == {US: "pass"}
