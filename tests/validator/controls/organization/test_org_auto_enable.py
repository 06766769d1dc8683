"""Control org-auto-enable."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.organizations import AutoEnable
from guardline.validator.model.resource import Resource
from tests.support.estates import EU, FEATURES, OURS, PENDING, US, detector, estate, judged, scope, value, verdicts
from tests.support.estates_access import administrator, auto_enable, auto_feature
from tests.support.judging import verdicts as from_source

AUTO = "org-auto-enable"


def members(region: str, **changes: object) -> tuple[Resource, ...]:
    return (
        detector(region),
        auto_enable(region, **changes),
        *(auto_feature(name, region) for name in FEATURES),
    )


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (members(US), "pass"),
        (members(US, members="NEW"), "fail"),
        (members(US, members="NONE"), "fail"),
        (members(US, members=PENDING), "undetermined"),
        (members(US, on=PENDING), "undetermined"),
        (members(US, on=PENDING, members="NEW"), "fail"),
        ((*members(US, members="NEW")[1:], detector(US, enabled=PENDING)), "fail"),
        ((*members(US)[1:], detector(US, enabled=PENDING)), "undetermined"),
        ((*members(US), auto_feature(FEATURES[0], US, "NEW", on=PENDING)), "pass"),
        ((*members(US)[:-1], detector(US, "old", new=False)), "undetermined"),
        ((detector(US, new=False), *members(US)[1:-1]), "undetermined"),
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


def test_the_administrator_alone_configures() -> None:
    right, wrong = administrator(US, OURS.id), administrator(US, "999999999999")
    assert verdicts(AUTO, estate(*members(US), right), scope(US)) == {US: "pass"}
    (row,) = judged(AUTO, estate(*members(US), wrong), scope(US))
    assert (row.verdict, [each.address for each in row.evidence]) == (
        "fail",
        ["aws_guardduty_organization_configuration.us-east-1", "aws_guardduty_organization_admin_account.us-east-1"],
    )
    assert verdicts(AUTO, estate(*members(US), administrator(EU, "999999999999")), scope(US)) == {US: "pass"}
    assert verdicts(AUTO, estate(*members(US), administrator(US, PENDING)), scope(US)) == {US: "pass"}


def test_the_older_block_speaks_of_new_accounts() -> None:
    by_block = replace(auto_enable(US), plans={FEATURES[0]: value("NEW")})
    others = [auto_feature(name, US) for name in FEATURES[1:]]
    (row,) = judged(AUTO, estate(detector(US), by_block, *others), scope(US))
    assert (row.verdict, "datasources" in row.fix) == ("fail", True)
    beside = auto_feature(FEATURES[0], US)
    assert verdicts(AUTO, estate(detector(US), by_block, *others, beside), scope(US)) == {US: "pass"}


def test_the_evidence_is_what_decides() -> None:
    narrow = auto_feature(FEATURES[-1], US, "NEW")
    (row,) = judged(AUTO, estate(*members(US)[:-1], narrow), scope(US))
    assert row.evidence[0] == narrow.origin
    assert narrow.origin.address in row.fix
    (row,) = judged(AUTO, estate(*members(US)[:-1]), scope(US))
    assert [each.address for each in row.evidence] == ["aws_guardduty_organization_configuration.us-east-1"]


ROOT = """
provider "aws" {
  region = "us-east-1"
}
resource "aws_guardduty_detector" "d" {}
resource "aws_guardduty_organization_configuration" "o" {
  detector_id = aws_guardduty_detector.d.id
  %s
}
resource "aws_guardduty_organization_configuration_feature" "f" {
  for_each    = toset(["S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION", "RDS_LOGIN_EVENTS",
                       "LAMBDA_NETWORK_LOGS", "RUNTIME_MONITORING"])
  detector_id = aws_guardduty_detector.d.id
  name        = each.key
  auto_enable = "ALL"
}
"""


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ('auto_enable_organization_members = "ALL"', "pass"),
        ('auto_enable_organization_members = "NEW"', "fail"),
        ("auto_enable = true", "fail"),
        ("auto_enable = false", "fail"),
    ],
)
def test_the_flag_and_the_word(argument: str, expected: str, tmp_path: Path) -> None:
    assert from_source(AUTO, tmp_path, ROOT % argument) == {US: expected}
