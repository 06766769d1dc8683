"""What a plan leaves out comes from its own source, evaluated with what only the plan knows."""

from __future__ import annotations

from pathlib import Path

from guardline.validator.model.ec2 import FlowLog
from guardline.validator.model.events import EventTarget
from guardline.validator.model.guardduty import Detector
from guardline.validator.sources.plan.load import Hints, Reading, load
from guardline.validator.sources.plan.own_source import from_folder
from tests.support.plans import change, looked_at, plan, prior, provider, refers, resource
from tests.support.source_trees import write


def read(tmp_path: Path, source: str, data: bytes, hints: Hints | None = None) -> Reading:
    return load(data, hints, from_folder(write(tmp_path / "root", {"main.tf": source})))


def test_a_function_of_a_variable_gives_a_provider_its_region(tmp_path: Path) -> None:
    source = """
        variable "geo" {}
        provider "aws" {
          region = format("%s-1", var.geo)
        }
        resource "aws_guardduty_detector" "d" {}
    """
    data = plan(
        [change("aws_guardduty_detector.d", {}, {"id": True})],
        [resource("aws_guardduty_detector", "d")],
        {"aws": provider(refers("var.geo"))},
        variables={"geo": {"value": "eu-west"}},
    )
    assert [each.location.region.known_or("?") for each in load(data).after.all(Detector)] == ["?"]
    reading = read(tmp_path, source, data)
    assert [each.location.region.known_or("?") for each in reading.after.all(Detector)] == ["eu-west-1"]
    assert reading.after.regions == {"eu-west-1"}


def test_opentofus_many_providers_of_one_name_are_told_apart(tmp_path: Path) -> None:
    source = """
        provider "aws" {
          alias    = "by"
          for_each = toset(["eu-west-1", "us-east-1"])
          region   = each.value
        }
        resource "aws_guardduty_detector" "d" {
          for_each = toset(["eu-west-1", "us-east-1"])
          provider = aws.by[each.key]
        }
    """
    keys = ("eu-west-1", "us-east-1")
    data = plan(
        [change(f'aws_guardduty_detector.d["{key}"]', {}, {"id": True}) for key in keys],
        [resource("aws_guardduty_detector", "d", "aws.by")],
        {"aws.by": {**provider(refers("each.value")), "alias": "by"}},
    )
    assert not any(each.location.region.is_known for each in load(data).after.all(Detector))
    reading = read(tmp_path, source, data)
    assert [each.location.region.known_or("?") for each in reading.after.all(Detector)] == list(keys)
    assert reading.after.regions == set(keys)


def test_a_choice_is_made_with_the_values_of_the_plan(tmp_path: Path) -> None:
    source = """
        variable "own" {
          type = bool
        }
        data "aws_vpc" "old" {}
        resource "aws_vpc" "new" {
          count = var.own ? 1 : 0
        }
        locals {
          vpc = var.own ? aws_vpc.new[0].id : data.aws_vpc.old.id
        }
        resource "aws_flow_log" "f" {
          vpc_id = lower(local.vpc)
        }
    """
    resources = [
        resource("aws_vpc", "new", repetition={"count_expression": refers("var.own")}),
        resource("data.aws_vpc", "old"),
        resource("aws_flow_log", "f", vpc_id=refers("local.vpc")),
    ]
    data = plan(
        [change("aws_vpc.new[0]", {}, {"id": True}), change("aws_flow_log.f", {}, {"vpc_id": True})],
        resources,
        variables={"own": {"value": True}},
        prior_state=prior(looked_at("data.aws_vpc.old", id="vpc-old")),
    )
    (log,) = read(tmp_path, source, data).after.all(FlowLog)
    assert log.resource.get().names == {"aws_vpc.new[0]"}


def test_an_expression_that_the_plan_loses_leads_where_it_leads(tmp_path: Path) -> None:
    source = """
        resource "aws_sns_topic" "t" {}
        resource "aws_cloudwatch_event_rule" "r" {}
        locals {
          topic = aws_sns_topic.t
        }
        resource "aws_cloudwatch_event_target" "t" {
          rule = aws_cloudwatch_event_rule.r.name
          arn  = try(local.topic.arn, null)
        }
    """
    data = plan(
        [
            change("aws_sns_topic.t", {}, {"id": True, "arn": True}),
            change("aws_cloudwatch_event_target.t", {"rule": "r", "event_bus_name": "default"}, {"arn": True}),
        ],
        [resource("aws_sns_topic", "t"), resource("aws_cloudwatch_event_target", "t", arn={})],
    )
    (target,) = read(tmp_path, source, data).after.all(EventTarget)
    assert target.target.map(lambda ref: ref.address).known_or(None) == "aws_sns_topic.t"


def test_a_secret_of_the_plan_stays_one(tmp_path: Path) -> None:
    source = """
        variable "vpc" {
          sensitive = true
        }
        resource "aws_flow_log" "f" {
          vpc_id = "${var.vpc}"
        }
    """
    data = plan(
        [change("aws_flow_log.f", {}, {"vpc_id": True})],
        [resource("aws_flow_log", "f", vpc_id={})],
        variables={"vpc": {"value": "MARKED"}},
    )
    (log,) = read(tmp_path, source, data).after.all(FlowLog)
    assert "MARKED" not in f"{log.resource.get()} {log}"


def test_source_that_never_ends_leaves_the_plan_as_it_is(tmp_path: Path) -> None:
    source = """
        locals {
          a = "${local.b}"
          b = "${local.a}"
        }
        resource "aws_flow_log" "f" {
          vpc_id = local.a
        }
    """
    data = plan(
        [change("aws_flow_log.f", {}, {"vpc_id": True})], [resource("aws_flow_log", "f", vpc_id=refers("local.a"))]
    )
    (log,) = read(tmp_path, source, data).after.all(FlowLog)
    assert not log.resource.is_known


def test_a_role_that_is_assumed_in_a_dynamic_block_is_in_no_plan(tmp_path: Path) -> None:
    """Two detectors of one region, in two accounts: the plan alone cannot tell, its source does."""
    source = """
        variable "audit" {}
        provider "aws" { region = "us-east-1" }
        provider "aws" {
          alias  = "audit"
          region = "us-east-1"
          dynamic "assume_role" {
            for_each = var.audit == "" ? [] : [var.audit]
            content { role_arn = "arn:aws:iam::${assume_role.value}:role/x" }
          }
        }
        provider "aws" {
          alias  = "west"
          region = "us-west-2"
        }
        data "aws_caller_identity" "me" {}
        data "aws_caller_identity" "audit" { provider = aws.audit }
        resource "aws_guardduty_detector" "own" {}
        resource "aws_guardduty_detector" "theirs" { provider = aws.audit }
        resource "aws_guardduty_detector" "west" { provider = aws.west }
    """
    used = {"own": "aws", "theirs": "aws.audit", "west": "aws.west"}
    for callers in ({"me": "111122223333"}, {"me": "111122223333", "audit": "444455556666"}):
        data = plan(
            [change(f"aws_guardduty_detector.{name}", {}, {"id": True}) for name in used],
            [
                *(resource("aws_guardduty_detector", name, key) for name, key in used.items()),
                *(
                    resource("data.aws_caller_identity", name, {"me": "aws", "audit": "aws.audit"}[name])
                    for name in callers
                ),
            ],
            {"aws": provider("us-east-1"), "aws.audit": provider("us-east-1"), "aws.west": provider("us-west-2")},
            prior_state=prior(
                *(
                    looked_at(f"data.aws_caller_identity.{name}", account_id=account)
                    for name, account in callers.items()
                )
            ),
            variables={"audit": {"value": "444455556666"}},
        )
        reading = read(tmp_path, source, data)
        accounts = [each.location.account.id for each in reading.after.all(Detector)]
        assert accounts == ["111122223333", "444455556666", "111122223333"]
        assert not any(each.location.through for each in reading.after.all(Detector))
