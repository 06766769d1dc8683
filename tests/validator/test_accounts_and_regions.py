"""Which accounts and regions are asked about, from what is passed in: each fault beside its nearest right sibling."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.report import Report
from guardline.validator.run import Request, run
from tests.support.source_trees import write

DETECTOR = 'resource "aws_guardduty_detector" "d" {\n  enable = true\n}\n'
EU = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
VARIABLE = 'variable "p" {\n  default = "a"\n}\n'
BOTH = ("eu-west-1", "us-east-1")
STACK = """
resource "aws_cloudformation_stack_set" "s" {
  name          = "s"
  template_body = jsonencode({ Resources = { D = { Type = "TYPE", Properties = {} } } })
}
resource "aws_cloudformation_stack_set_instance" "i" {
  stack_set_name            = aws_cloudformation_stack_set.s.name
  account_id                = "111122223333"
  stack_set_instance_region = "us-east-1"
}
"""
POLICY = """
resource "aws_organizations_policy" "p" {
  type    = "TYPE"
  content = jsonencode({ guardduty = { default = { foundational = { status = { "@@assign" = "STATUS" } } } } })
}
"""
ENABLING = POLICY.replace("TYPE", "GUARDDUTY_POLICY").replace("STATUS", "enabled")
ATTACHED = 'resource "aws_organizations_policy_attachment" "a" {\n  policy_id = aws_organizations_policy.p.id\n'


def provider(arguments: str, region: str = "eu-west-1") -> str:
    return f'provider "aws" {{\n  region = "{region}"\n  {arguments}\n}}\n'


def judged(tmp_path: Path, *roots: str, regions: str = "touched", **given: object) -> Report:
    for number, text in enumerate(roots):
        write(tmp_path / str(number), {"main.tf": text})
    sources = tuple(str(tmp_path / str(number)) for number in range(len(roots)))
    request = Request(sources, date(2026, 11, 30), regions=regions, cache=False, **given)  # type: ignore[arg-type]  # options by name
    return run(request, datetime(2026, 11, 30, tzinfo=UTC))


def verdicts(report: Report, control: str = "detector-enabled") -> list[tuple[str | None, str]]:
    return [(row.region, str(row.verdict)) for row in report.rows if row.control == control]


@pytest.mark.parametrize(
    ("roots", "found"),
    [
        ((provider('profile = "a"'), provider('profile = "b"')), ["pass", "pass"]),
        ((provider('profile = "a"'), provider('profile = "a"')), ["fail"]),
        ((provider('profile = var.p') + VARIABLE, provider('profile = "b"')), ["pass", "pass"]),
        ((EU, EU), ["undetermined"]),
        ((provider('allowed_account_ids = ["111122223333"]'),) * 2, ["fail"]),
    ],
)  # fmt: skip
def test_two_roots_are_one_account_or_two(tmp_path: Path, roots: tuple[str, ...], found: list[str]) -> None:
    report = judged(tmp_path, *(root + DETECTOR for root in roots))
    assert [verdict for _, verdict in verdicts(report)] == found


def test_a_given_account_makes_two_roots_one(tmp_path: Path) -> None:
    roots = (EU + DETECTOR, EU.replace("eu-west-1", "us-east-1") + DETECTOR)
    apart = judged(tmp_path, *roots, regions="eu-west-1,us-east-1")
    assert {verdict for _, verdict in verdicts(apart)} == {"undetermined"}
    one = judged(tmp_path, *roots, regions="eu-west-1,us-east-1", accounts={"*": "111122223333"})
    assert {verdict for _, verdict in verdicts(one)} == {"pass"}


def test_a_provider_that_only_reads_makes_no_account(tmp_path: Path) -> None:
    reading = provider('alias = "logs"\n  profile = "logs"') + 'data "aws_kms_alias" "k" {\n  provider = aws.logs\n}\n'
    own = provider('allowed_account_ids = ["111122223333"]')
    assert verdicts(judged(tmp_path, own + reading + DETECTOR)) == [("eu-west-1", "pass")]
    managing = reading.replace("data", "resource")
    assert sorted(verdicts(judged(tmp_path, own + managing + DETECTOR, whole=True))) == [
        ("eu-west-1", "fail"),
        ("eu-west-1", "pass"),
    ]


def test_an_unknown_region_is_a_cell(tmp_path: Path) -> None:
    text = 'variable "region" {}\nprovider "aws" {\n  region = var.region\n}\n' + DETECTOR
    report = judged(tmp_path, text)
    assert verdicts(report) == [(None, "undetermined")]
    assert report.exit_code == 3
    assert verdicts(judged(tmp_path, text, variables={"region": "eu-west-1"})) == [("eu-west-1", "pass")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (STACK.replace("TYPE", "AWS::GuardDuty::Detector"), {"eu-west-1": "fail", "us-east-1": "undetermined"}),
        (STACK.replace("TYPE", "AWS::S3::Bucket"), {"eu-west-1": "fail", "us-east-1": "fail"}),
        (
            ENABLING + ATTACHED + 'target_id = "r-a"\n}\n',
            {"eu-west-1": "undetermined", "us-east-1": "undetermined"},
        ),
        (ENABLING, dict.fromkeys(BOTH, "fail")),
        (
            POLICY.replace("TYPE", "BACKUP_POLICY") + ATTACHED + 'target_id = "r-a"\n}\n',
            dict.fromkeys(BOTH, "fail"),
        ),
        (
            ENABLING
            + ATTACHED + 'target_id = "999999999999"\n}\n',
            dict.fromkeys(BOTH, "fail"),
        ),
    ],
)  # fmt: skip
def test_what_other_engines_deploy_is_not_absent(tmp_path: Path, text: str, found: dict[str, str]) -> None:
    own = provider('allowed_account_ids = ["111122223333"]')
    report = judged(tmp_path, own + text, regions="eu-west-1,us-east-1", whole=True)
    assert dict(verdicts(report)) == found


OF_A_STACK = """
resource "aws_cloudformation_stack" "s" {
  name          = "s"
  template_body = jsonencode({ Resources = { D = { Type = "TYPE", Properties = {} } } })
}
"""
CONTROLLED = 'resource "aws_cloudcontrolapi_resource" "c" {\n  type_name = TYPE\n  desired_state = jsonencode({})\n}\n'


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("AWS::GuardDuty::Detector", {"eu-west-1": "undetermined", "us-east-1": "fail"}),
        ("AWS::S3::Bucket", {"eu-west-1": "fail", "us-east-1": "fail"}),
        # What another template makes is not at hand.
        ("AWS::CloudFormation::Stack", {"eu-west-1": "undetermined", "us-east-1": "fail"}),
        ("Acme::Security::Baseline::MODULE", {"eu-west-1": "undetermined", "us-east-1": "fail"}),
        ("AWS::Serverless::Application", {"eu-west-1": "undetermined", "us-east-1": "fail"}),
        # A stack set goes to regions of its own.
        ("AWS::CloudFormation::StackSet", {"eu-west-1": "undetermined", "us-east-1": "undetermined"}),
        ("AWS::CloudFormation::WaitCondition", {"eu-west-1": "fail", "us-east-1": "fail"}),
    ],
)
def test_what_is_deployed_in_the_providers_place(tmp_path: Path, kind: str, found: dict[str, str]) -> None:
    own = provider('allowed_account_ids = ["111122223333"]')
    for number, text in enumerate((OF_A_STACK.replace("TYPE", kind), CONTROLLED.replace("TYPE", f'"{kind}"'))):
        report = judged(tmp_path / str(number), own + text, regions="eu-west-1,us-east-1", whole=True)
        assert dict(verdicts(report)) == found


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("awscc_guardduty_detector", {"eu-west-1": "fail", "us-east-1": "undetermined"}),
        ("awscc_guardduty_ip_set", {"eu-west-1": "fail", "us-east-1": "fail"}),
        ("awscc_s3_bucket", {"eu-west-1": "fail", "us-east-1": "fail"}),
    ],
)
def test_what_another_provider_of_aws_makes(tmp_path: Path, kind: str, found: dict[str, str]) -> None:
    text = provider('allowed_account_ids = ["111122223333"]')
    text += f'provider "awscc" {{\n  region = "us-east-1"\n}}\nresource "{kind}" "x" {{\n}}\n'
    report = judged(tmp_path, text, regions="eu-west-1,us-east-1", whole=True)
    assert dict(verdicts(report)) == found
    assert {row.account for row in report.rows} == {"111122223333"}


def test_a_type_that_is_unknown_may_be_any(tmp_path: Path) -> None:
    text = provider("") + 'variable "kind" {}\n' + CONTROLLED.replace("TYPE", "var.kind")
    assert verdicts(judged(tmp_path, text, whole=True)) == [("eu-west-1", "undetermined")]


def test_control_tower_may_make_the_trail(tmp_path: Path) -> None:
    zone = 'resource "aws_controltower_landing_zone" "z" {\n  version = "3.3"\n}\n'
    assert verdicts(judged(tmp_path, EU + zone, whole=True), "trail-multi-region") == [(None, "undetermined")]
    assert verdicts(judged(tmp_path, EU + DETECTOR, whole=True), "trail-multi-region") == [(None, "fail")]


def test_what_a_part_does_not_hold_is_undetermined(tmp_path: Path) -> None:
    part = judged(tmp_path, EU + DETECTOR, regions="eu-west-1,us-east-1")
    assert dict(verdicts(part)) == {"us-east-1": "undetermined", "eu-west-1": "pass"}
    assert verdicts(part, "trail-multi-region") == [(None, "undetermined")]
    whole = judged(tmp_path, EU + DETECTOR, regions="eu-west-1,us-east-1", whole=True)
    assert dict(verdicts(whole)) == {"us-east-1": "fail", "eu-west-1": "pass"}
    none = EU + DETECTOR.replace("enable = true", "count = 0")
    assert verdicts(judged(tmp_path, none)) == [("eu-west-1", "fail")]


FEATURE = """
resource "aws_guardduty_detector_feature" "f" {
  detector_id = "12abc34d567e8fa901bc2d34e56789f0"
  name        = "S3_DATA_EVENTS"
  status      = "ENABLED"
}
"""


@pytest.mark.parametrize(("whole", "verdict"), [(False, "undetermined"), (True, "fail")])
def test_a_detector_whose_features_are_here_may_be_in_another_root(tmp_path: Path, whole: bool, verdict: str) -> None:
    found = judged(tmp_path, EU + FEATURE, regions="eu-west-1", whole=whole)
    assert verdicts(found) == [("eu-west-1", verdict)]
    assert verdicts(found, "s3-protection") == [("eu-west-1", verdict)]
    assert verdicts(judged(tmp_path, EU + FEATURE + DETECTOR, regions="eu-west-1")) == [("eu-west-1", "pass")]


ALARM = """
resource "aws_cloudwatch_event_rule" "calls" {
  event_pattern = jsonencode({ source = ["aws.guardduty"], "detail-type" = ["AWS API Call via CloudTrail"] })
}
resource "aws_cloudwatch_event_target" "calls" {
  rule = aws_cloudwatch_event_rule.calls.name
  arn  = aws_sns_topic.t.arn
}
resource "aws_sns_topic" "t" { name = "t" }
resource "aws_sns_topic_policy" "t" {
  arn = aws_sns_topic.t.arn
  policy = jsonencode({
    Statement = [{
      Effect = "Allow", Action = "sns:Publish", Resource = aws_sns_topic.t.arn
      Principal = { Service = "events.amazonaws.com" }
    }]
  })
}
resource "aws_sns_topic_subscription" "t" {
  topic_arn = aws_sns_topic.t.arn
  protocol  = "email"
  endpoint  = "soc@example.com"
}
"""
TRAIL = """
resource "aws_cloudtrail" "t" {
  name                  = "t"
  s3_bucket_name        = "logs"
  is_multi_region_trail = true
  enable_logging        = LOGGING
}
"""


@pytest.mark.parametrize(
    ("trail", "whole", "verdict"),
    [("", False, "undetermined"), ("", True, "fail"), ("false", False, "fail"), ("true", False, "pass")],
)
def test_the_trail_that_an_alarm_needs_may_be_in_another_root(
    tmp_path: Path, trail: str, whole: bool, verdict: str
) -> None:
    text = EU + DETECTOR + ALARM + (TRAIL.replace("LOGGING", trail) if trail else "")
    found = judged(tmp_path, text, regions="eu-west-1", whole=whole)
    assert verdicts(found, "tamper-alarm") == [("eu-west-1", verdict)]


def test_what_a_module_that_is_off_declares_is_missing(tmp_path: Path) -> None:
    write(tmp_path / "m", {"main.tf": DETECTOR})
    call = 'module "m" {\n  source = "../m"\n  count  = COUNT\n}\n'
    for count, verdict in (("0", "fail"), ("1", "pass")):
        report = judged(tmp_path, EU + call.replace("COUNT", count), tree=tmp_path)
        assert verdicts(report) == [("eu-west-1", verdict)]


def test_a_fan_out_means_every_region(tmp_path: Path) -> None:
    two = EU + DETECTOR + provider('alias = "us"', "us-east-1")
    two += 'resource "aws_guardduty_detector" "u" {\n  provider = aws.us\n}\n'
    found = dict(verdicts(judged(tmp_path, two, regions="eu-west-1,us-east-1,us-west-2")))
    assert found == {"eu-west-1": "pass", "us-east-1": "pass", "us-west-2": "fail"}


def test_without_aws_there_is_nothing_to_judge(tmp_path: Path) -> None:
    report = judged(tmp_path, 'resource "random_id" "r" {\n  byte_length = 4\n}\n')
    assert (report.exit_code, len(report.rows)) == (2, 0)
    assert "no AWS provider here" in report.errors[0].message


def test_what_hides_a_part_of_one_account_hides_nothing_of_another(tmp_path: Path) -> None:
    one, two = (provider(f'allowed_account_ids = ["{account}"]') for account in ("111122223333", "222233334444"))
    hidden = 'module "m" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'
    report = judged(tmp_path, one + hidden, two + DETECTOR, regions="eu-west-1", whole=True)
    trails = {row.account: str(row.verdict) for row in report.rows if row.control == "trail-multi-region"}
    assert trails == {"111122223333": "undetermined", "222233334444": "fail"}


@pytest.mark.parametrize(
    ("beside", "found"),
    [
        (True, {"111122223333": "undetermined", "222233334444": "fail"}),
        (False, {"222233334444": "undetermined"}),  # it may be anybody's
    ],
)
def test_an_unreadable_plan_costs_its_own_account(tmp_path: Path, beside: bool, found: dict[str, str]) -> None:
    one, two = (provider(f'allowed_account_ids = ["{account}"]') for account in ("111122223333", "222233334444"))
    write(tmp_path / "0", {"main.tf": one + DETECTOR} if beside else {})
    write(tmp_path / "1", {"main.tf": two + DETECTOR})
    (tmp_path / "0").mkdir(exist_ok=True)
    (tmp_path / "0" / "plan.json").write_text('{"format_version": "1.2", ', "utf-8")
    names = (str(tmp_path / "0" / "plan.json"), str(tmp_path / "1"))
    request = Request(names, date(2026, 11, 30), regions="eu-west-1", whole=True, cache=False)
    report = run(request, datetime(2026, 11, 30, tzinfo=UTC))
    trails = {row.account: str(row.verdict) for row in report.rows if row.control == "trail-multi-region"}
    assert (trails, report.exit_code) == (found, 2)
    detectors = {row.account: str(row.verdict) for row in report.rows if row.control == "detector-enabled"}
    assert detectors == {**dict.fromkeys(found, "undetermined"), "222233334444": "pass"}


@pytest.mark.parametrize("own", [True, False])
def test_a_file_that_does_not_parse_costs_its_own_account(tmp_path: Path, own: bool) -> None:
    one, two = (provider(f'allowed_account_ids = ["{account}"]') for account in ("111122223333", "222233334444"))
    write(tmp_path / "0", {"main.tf": one if own else EU, "broken.tf": "resource {"})
    write(tmp_path / "1", {"main.tf": two + DETECTOR})
    names = tuple(str(tmp_path / name) for name in ("0", "1"))
    report = run(
        Request(names, date(2026, 11, 30), regions="eu-west-1", whole=True, cache=False),
        datetime(2026, 11, 30, tzinfo=UTC),
    )
    trails = {row.account: str(row.verdict) for row in report.rows if row.control == "trail-multi-region"}
    assert trails == {
        "111122223333" if own else None: "undetermined",
        "222233334444": "fail" if own else "undetermined",
    }


@pytest.mark.parametrize(
    ("kind", "control"),
    [("aws_securityhub_account", "security-hub-enabled"), ("aws_config_configuration_recorder", "config-recorder")],
)
def test_two_roots_that_make_what_aws_allows_once(tmp_path: Path, kind: str, control: str) -> None:
    own = provider('allowed_account_ids = ["111122223333"]') + DETECTOR
    text = f'resource "{kind}" "x" {{\n}}\n'
    report = judged(tmp_path, own + text, own.replace(DETECTOR, "") + text)
    (row,) = (row for row in report.rows if row.control == control)
    assert (str(row.verdict), "AWS allows one" in row.reason) == ("fail", True)


def test_only_the_delegated_administrator_enables_members(tmp_path: Path) -> None:
    text = DETECTOR + (
        'resource "aws_guardduty_organization_admin_account" "a" {\n  admin_account_id = "ADMIN"\n}\n'
        'resource "aws_guardduty_organization_configuration" "c" {\n'
        '  detector_id = aws_guardduty_detector.d.id\n  auto_enable_organization_members = "ALL"\n}\n'
    )
    own = provider('allowed_account_ids = ["111122223333"]')
    for admin, says in (("222233334444", "from the administrator alone"), ("111122223333", "whether all members get")):
        report = judged(tmp_path, own + text.replace("ADMIN", admin))
        (row,) = (row for row in report.rows if row.control == "org-auto-enable")
        assert says in row.reason


CHINA, IRELAND = (
    provider(f'allowed_account_ids = ["{account}"]', region)
    for account, region in (("111122223333", "cn-north-1"), ("222233334444", "eu-west-1"))
)
TOPIC = 'resource "aws_sns_topic" "t" {\n}\n'
IN_CHINA = CHINA.replace("{", '{\n  alias = "cn"', 1) + TOPIC.replace("{", "{\n  provider = aws.cn")


@pytest.mark.parametrize("regions", ["touched", "default"])
@pytest.mark.parametrize(
    ("roots", "left_out"),
    [
        ((IRELAND + DETECTOR, CHINA + TOPIC), "works in cn-north-1"),
        ((CHINA + TOPIC, IRELAND + DETECTOR), "works in eu-west-1"),
        ((IRELAND + DETECTOR + IN_CHINA,), "works in eu-west-1"),
    ],
)
def test_a_second_partition_is_named_and_never_green(
    tmp_path: Path, roots: tuple[str, ...], left_out: str, regions: str
) -> None:
    report = judged(tmp_path, *roots, regions=regions)
    assert (report.exit_code, [left_out in error.message for error in report.errors]) == (2, [True])
    # An account of one partition is not asked about the regions of another.
    assert len({row.account for row in report.rows}) == 1


@pytest.mark.parametrize("root", [CHINA, IRELAND])
def test_one_partition_is_no_error(tmp_path: Path, root: str) -> None:
    report = judged(tmp_path, root + DETECTOR, root + TOPIC)
    assert not report.errors
    assert [verdict for _, verdict in verdicts(report)] == ["pass"]
