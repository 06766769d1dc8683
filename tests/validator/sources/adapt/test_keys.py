"""How a resource names its KMS key: every kind of key, and every attribute that means it, wherever a key is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from guardline.validator.controls.shared.keys import find_key
from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventBus
from guardline.validator.model.functions import Function
from guardline.validator.model.guardduty import PublishingDestination
from guardline.validator.model.resource import Resource
from guardline.validator.model.sns import Topic
from guardline.validator.model.sqs import Queue
from guardline.validator.sources.plan.load import load
from tests.support.plans import change, plan, refers, resource
from tests.support.source_trees import estate

SOURCE = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
resource "KIND" "k" {
}
resource "aws_kms_key" "other" {
}
resource "aws_kms_alias" "a" {
  name          = "alias/a"
  target_key_id = KIND.k.key_id
}
resource "aws_cloudtrail" "c" {
  name           = "c"
  s3_bucket_name = "b"
  kms_key_id     = NAMED
}
resource "aws_cloudwatch_event_bus" "c" {
  name               = "c"
  kms_key_identifier = NAMED
}
resource "aws_cloudwatch_event_target" "c" {
  rule = "r"
  arn  = aws_sns_topic.c.arn
}
resource "aws_lambda_function" "c" {
  function_name = "c"
  kms_key_arn   = NAMED
}
resource "aws_guardduty_publishing_destination" "c" {
  detector_id     = "d"
  destination_arn = "arn:aws:s3:::b"
  kms_key_arn     = NAMED
}
resource "aws_sns_topic" "c" {
  name              = "c"
  kms_master_key_id = NAMED
}
resource "aws_sqs_queue" "c" {
  name              = "c"
  kms_master_key_id = NAMED
}
"""
NAMING = (Trail, EventBus, Function, PublishingDestination, Topic, Queue)
KINDS = ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_kms_replica_external_key")
NAMES = ("KIND.k.arn", "KIND.k.key_id", "aws_kms_alias.a.arn", "aws_kms_alias.a.name", '"alias/a"',
         "aws_kms_alias.a.target_key_id", "aws_kms_alias.a.target_key_arn")  # fmt: skip


def key_of(found: Estate, kind: type[Resource]) -> str | None:
    (naming,) = found.all(kind)
    link = getattr(naming, "key")  # noqa: B009 - each of the kinds has one, and no class of their own says so
    assert link.is_known, link.reason
    key = find_key(found, link.get(), naming)
    return None if key is None else key.origin.address


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("named", NAMES)
def test_a_key_of_source(tmp_path: Path, kind: str, named: str) -> None:
    found = estate(tmp_path, SOURCE.replace("NAMED", named).replace("KIND", kind))
    assert {key_of(found, each) for each in NAMING} == {f"{kind}.k"}


def test_another_key(tmp_path: Path) -> None:
    found = estate(tmp_path, SOURCE.replace("NAMED", "aws_kms_key.other.arn").replace("KIND", "aws_kms_replica_key"))
    assert {key_of(found, each) for each in NAMING} == {"aws_kms_key.other"}


@pytest.mark.parametrize("attribute", ["arn", "target_key_id", "target_key_arn"])
def test_the_key_of_an_alias_in_a_plan(attribute: str) -> None:
    found = load(
        plan(
            [
                change("aws_kms_replica_key.k", {}, {"key_id": True, "arn": True, "id": True}),
                change("aws_kms_alias.a", {}, dict.fromkeys(("arn", "target_key_id", "target_key_arn"), True)),
                change("aws_cloudtrail.c", {}, {"kms_key_id": True}),
            ],
            [
                resource("aws_kms_replica_key", "k"),
                resource("aws_kms_alias", "a", target_key_id=refers("aws_kms_replica_key.k.key_id")),
                resource("aws_cloudtrail", "c", kms_key_id=refers(f"aws_kms_alias.a.{attribute}")),
            ],
        )
    ).after
    assert key_of(found, Trail) == "aws_kms_replica_key.k"
