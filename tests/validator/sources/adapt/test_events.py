"""Rules and what they lead to, Security Hub and AWS Config, as plans carry them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from guardline.validator.model.config import Recorder, RecorderStatus
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventBus, EventBusPolicy, EventRule, EventTarget
from guardline.validator.model.functions import Function, FunctionPermission
from guardline.validator.model.kms import Key
from guardline.validator.model.resource import Ref
from guardline.validator.model.securityhub import CentralConfiguration, FindingAggregator, Hub, ProductSubscription
from guardline.validator.model.sns import Subscription, Topic, TopicPolicy
from guardline.validator.model.sqs import Queue, QueuePolicy
from guardline.validator.model.value import known
from guardline.validator.sources.plan.load import load
from tests.support.estates import judged, scope
from tests.support.plans import Json, change, plan, refers, resource
from tests.support.source_trees import estate as source_estate

RULE, TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"
TOPIC, FUNCTION = "aws_sns_topic", "aws_lambda_function"
SILENT: Json = {
    "name": "r", "event_bus_name": "default", "event_pattern": None, "is_enabled": None, "state": None,
}  # fmt: skip


def after(changes: list[Json], resources: list[Json] | None = None, **more: Any) -> Estate:
    return load(plan(changes, resources, **more)).after


LED: list[Json] = [change("aws_cloudwatch_event_target.any", {"rule": "r", "arn": "arn:aws:sqs:us-east-1:1:q"})]
"""A rule leads somewhere: without that nobody asks for topics, queues and functions."""


def referring(address: str, attribute: str) -> Json:
    return refers(f"{address}.{attribute}", address)


@pytest.mark.parametrize(
    ("values", "configured", "expected"),
    [
        ({}, {}, True),
        ({"state": "DISABLED"}, {"state": "DISABLED"}, False),
        ({"state": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}, {"state": "x"}, True),
        ({"is_enabled": False}, {"is_enabled": False}, False),
        # The provider keeps the earlier value of the one that is not configured.
        ({"is_enabled": False, "state": "ENABLED"}, {"is_enabled": False}, False),
        ({"is_enabled": True, "state": "DISABLED"}, {"state": "DISABLED"}, False),
        ({"is_enabled": None, "state": "DISABLED"}, {"is_enabled": refers("var.on")}, False),
        ({"is_enabled": True, "state": "ENABLED"}, {}, True),
    ],
)
def test_whether_a_rule_is_on(values: Json, configured: Json, expected: bool) -> None:
    found = after([change(f"{RULE}.r", {**SILENT, **values})], [resource(RULE, "r", **configured)])
    (one,) = found.all(EventRule)
    assert one.enabled == known(expected)


def test_a_rule_whose_state_is_not_told() -> None:
    values = {key: each for key, each in SILENT.items() if key != "state"}
    found = after([change(f"{RULE}.r", values, {"state": True})], [resource(RULE, "r", state=refers("var.state"))])
    (one,) = found.all(EventRule)
    assert not one.enabled.is_known


def test_a_rule_on_a_bus_of_its_own() -> None:
    found = after(
        [
            change(f"{RULE}.r", {"name": "r", "event_pattern": "{}"}, {"event_bus_name": True}),
            change("aws_cloudwatch_event_bus.b", {}, {"name": True, "arn": True}),
        ],
        [
            resource(RULE, "r", event_bus_name=referring("aws_cloudwatch_event_bus.b", "name")),
            resource("aws_cloudwatch_event_bus", "b"),
        ],
    )
    (one,) = found.all(EventRule)
    assert found.find(EventBus, one.bus.get()) == found.all(EventBus)[0]


TARGETED: Json = {"rule": "r", "event_bus_name": "default", "role_arn": None, "dead_letter_config": [],
                  "retry_policy": []}  # fmt: skip


def target(values: Json, unknown: Json | None = None) -> EventTarget:
    found = after([change(f"{TARGET}.t", {**TARGETED, **values}, unknown)], [resource(TARGET, "t")])
    (one,) = found.all(EventTarget)
    return one


def test_a_target_in_a_first_plan() -> None:
    found = after(
        [
            change(f"{TARGET}.t", {**TARGETED, "dead_letter_config": [{}]},
                   {"arn": True, "dead_letter_config": [{"arn": True}]}),
            change(f"{TOPIC}.t", {"name": "t"}, {"arn": True, "policy": True}),
        ],
        [
            resource(TARGET, "t", arn=referring(f"{TOPIC}.t", "arn"), rule=referring(f"{RULE}.r", "name")),
            resource(TOPIC, "t"),
        ],
    )  # fmt: skip
    (one,) = found.all(EventTarget)
    assert found.find(Topic, one.target.get()) == found.all(Topic)[0]
    assert (one.rule, one.dead_letters, one.role, one.retries) == (
        known(Ref(id="r")), known(True), known(False), known(185),
    )  # fmt: skip
    assert one.origin.chain == (f"{TARGET}.t.arn", f"{TOPIC}.t.arn")


def test_a_target_is_not_named_by_what_it_leads_to() -> None:
    assert "arn:aws:sns:us-east-1:1:t" not in target({"arn": "arn:aws:sns:us-east-1:1:t"}).names


def test_retries() -> None:
    assert target({"retry_policy": [{"maximum_retry_attempts": 0}]}).retries == known(0)
    assert target({"retry_policy": [{"maximum_retry_attempts": 3}]}).retries == known(3)
    assert not target({"retry_policy": [{"maximum_retry_attempts": None}]}).retries.is_known
    assert not target({"retry_policy": [{"maximum_retry_attempts": "3"}]}).retries.is_known


def test_a_topic_and_its_policy_by_a_document() -> None:
    document = {
        "statement": [
            {
                "actions": ["sns:Publish"], "resources": [None], "effect": None, "condition": [], "not_principals": [],
                "principals": [{"type": "Service", "identifiers": ["events.amazonaws.com"]}],
                "not_actions": None, "not_resources": None,
            }
        ],
        **dict.fromkeys(("source_policy_documents", "override_policy_documents", "source_json", "override_json")),
    }  # fmt: skip
    found = after(
        [*LED,
            change(f"{TOPIC}.t", {"name": "t", "kms_master_key_id": None}, {"arn": True, "policy": True}),
            change(f"{TOPIC}_policy.t", {}, {"arn": True, "policy": True}),
            change("data.aws_iam_policy_document.d", document, {"json": True, "statement": [{"resources": [True]}]},
                   actions=("read",)),
        ],
        [
            resource(TOPIC, "t"),
            resource(f"{TOPIC}_policy", "t", arn=referring(f"{TOPIC}.t", "arn"),
                     policy=referring("data.aws_iam_policy_document.d", "json")),
            resource("data.aws_iam_policy_document", "d"),
        ],
    )  # fmt: skip
    (topic,), (policy,) = found.all(Topic), found.all(TopicPolicy)
    assert (topic.encrypted, topic.policy) == (known(False), known(""))
    assert topic.is_named_by(policy.topic.get())
    (statement,) = json.loads(policy.text.get())["Statement"]
    assert statement["Principal"] == {"Service": ["events.amazonaws.com"]}
    assert statement["Resource"] == "*"


def test_a_topic_key_and_subscription() -> None:
    found = after(
        [
            *LED,
            change(f"{TOPIC}.t", {"name": "t"}, {"arn": True, "policy": True, "kms_master_key_id": True}),
            change("aws_kms_key.k", {}, {"arn": True, "id": True, "key_id": True, "policy": True}),
            change(f"{TOPIC}_subscription.s", {"protocol": "email", "filter_policy": None}, {"topic_arn": True}),
        ],
        [
            resource(TOPIC, "t", kms_master_key_id=referring("aws_kms_key.k", "arn")),
            resource("aws_kms_key", "k"),
            resource(f"{TOPIC}_subscription", "s", topic_arn=referring(f"{TOPIC}.t", "arn")),
        ],
    )
    (topic,), (key,), (heard,) = found.all(Topic), found.all(Key), found.all(Subscription)
    assert topic.encrypted == known(True)
    assert key.is_named_by(topic.key.get())
    assert key.policy == known("")  # nobody configures one: AWS's default
    assert (heard.protocol, topic.is_named_by(heard.topic.get())) == (known("email"), True)


def test_a_permission_in_a_first_plan() -> None:
    found = after(
        [*LED,
            change(f"{RULE}.r", SILENT, {"arn": True}),
            change(f"{FUNCTION}.f", {"function_name": "f"}, {"arn": True}),
            change("aws_lambda_permission.p",
                   {"action": "lambda:InvokeFunction", "function_name": "f", "principal": "events.amazonaws.com",
                    "qualifier": None, "source_account": None}, {"source_arn": True}),
        ],
        [
            resource(RULE, "r"), resource(FUNCTION, "f"),
            resource("aws_lambda_permission", "p", source_arn=referring(f"{RULE}.r", "arn")),
        ],
    )  # fmt: skip
    (one,), (rule,), (function,) = found.all(FunctionPermission), found.all(EventRule), found.all(Function)
    assert function.is_named_by(one.function.get())
    assert rule.is_named_by(one.source.get())
    assert (one.limited, one.qualifier, one.account) == (known(True), known(""), known(""))


@pytest.mark.parametrize(
    ("values", "unknown", "free"),
    [
        ({}, {}, True),
        ({"principal_org_id": None, "event_source_token": None, "function_url_auth_type": None}, {}, True),
        ({"principal_org_id": "o-example123"}, {}, False),
        ({"event_source_token": "token"}, {}, False),
        ({"function_url_auth_type": "AWS_IAM"}, {}, False),
        ({}, {"principal_org_id": True}, False),
    ],
)
def test_what_else_a_permission_asks_of_the_caller(values: Json, unknown: Json, free: bool) -> None:
    found = after([*LED, change("aws_lambda_permission.p", values, unknown)])
    (one,) = found.all(FunctionPermission)
    assert one.free.is_known == free


def test_security_hub() -> None:
    found = after(
        [
            change("aws_securityhub_account.h", {}),
            change("aws_securityhub_finding_aggregator.a",
                   {"linking_mode": "SPECIFIED_REGIONS", "specified_regions": ["eu-west-1"]}),
            change("aws_securityhub_product_subscription.p", {"product_arn": "arn:x"}),
        ]
    )  # fmt: skip
    assert len(found.all(Hub)) == 1
    (one,) = found.all(FindingAggregator)
    assert (one.mode, one.regions) == (known("SPECIFIED_REGIONS"), known(("eu-west-1",)))
    assert found.all(ProductSubscription)[0].product == known("arn:x")


@pytest.mark.parametrize(
    ("values", "unknown", "is_central"),
    [
        ({"organization_configuration": [{"configuration_type": "CENTRAL"}]}, {}, True),
        ({"organization_configuration": [{}]}, {"organization_configuration": [{"configuration_type": True}]}, True),
        ({"organization_configuration": [{"configuration_type": "LOCAL"}]}, {}, False),
        ({"auto_enable": True}, {"organization_configuration": True}, False),  # AWS fills it in, and it is LOCAL
    ],
)
def test_central_configuration(values: Json, unknown: Json, is_central: bool) -> None:
    found = after([change("aws_securityhub_organization_configuration.c", values, unknown)])
    assert bool(found.all(CentralConfiguration)) == is_central


GROUP = {"all_supported": True, "exclusion_by_resource_types": []}


@pytest.mark.parametrize(
    ("values", "unknown", "configured", "expected"),
    [
        ({}, {"recording_group": True}, {}, True),
        ({"recording_group": []}, {}, {}, True),
        ({"recording_group": [GROUP]}, {}, {}, True),
        ({"recording_group": [{**GROUP, "all_supported": False}]}, {}, {"recording_group": [{}]}, False),
        ({"recording_group": [{"all_supported": False, "exclusion_by_resource_types": [{"resource_types": ["x"]}]}]},
         {}, {"recording_group": [{}]}, None),
    ],
)  # fmt: skip
def test_what_a_recorder_records(values: Json, unknown: Json, configured: Json, expected: bool | None) -> None:
    kind = "aws_config_configuration_recorder"
    status = {"name": "main", "is_enabled": True}
    found = after(
        [change(f"{kind}.c", {"name": "main", **values}, unknown), change(f"{kind}_status.c", status)],
        [resource(kind, "c", **configured), resource(f"{kind}_status", "c")],
    )
    (one,), (state,) = found.all(Recorder), found.all(RecorderStatus)
    assert one.all_supported == known(expected)
    assert one.is_named_by(state.recorder.get())
    assert state.on == known(True)


SOURCE = """
provider "aws" { region = "us-east-1" }
resource "aws_sns_topic" "t" { name = "alerts" }
data "aws_iam_policy_document" "d" {
  statement {
    actions   = ["sns:Publish"]
    resources = [aws_sns_topic.t.arn]
    principals {
      type        = "Service"
      identifiers = ["SERVICE"]
    }
  }
}
resource "aws_sns_topic_policy" "t" {
  arn    = aws_sns_topic.t.arn
  policy = data.aws_iam_policy_document.d.json
}
resource "aws_sns_topic_subscription" "s" {
  topic_arn = aws_sns_topic.t.arn
  protocol  = "email"
  endpoint  = "soc@example.com"
}
resource "aws_cloudwatch_event_rule" "r" {
  name          = "findings"
  event_pattern = jsonencode({ source = ["aws.guardduty"], "detail-type" = ["GuardDuty Finding"] })
}
resource "aws_cloudwatch_event_target" "t" {
  rule = aws_cloudwatch_event_rule.r.name
  arn  = aws_sns_topic.t.arn
}
"""


@pytest.mark.parametrize(("service", "expected"), [("events.amazonaws.com", "pass"), ("s3.amazonaws.com", "fail")])
def test_the_whole_way_in_hcl_by_a_document_that_waits_for_an_arn(tmp_path: Path, service: str, expected: str) -> None:
    found = source_estate(tmp_path, SOURCE.replace("SERVICE", service))
    (row,) = judged("finding-alert", found, scope("us-east-1", accounts=found.accounts))
    assert row.verdict == expected, row.reason


def test_a_queue_and_who_may_send_to_it() -> None:
    found = after(
        [
            change(
                "aws_sqs_queue.q", {"name": "q", "kms_master_key_id": None}, {"arn": True, "url": True, "policy": True}
            ),
            change("aws_sqs_queue_policy.p", {"policy": "{}"}, {"queue_url": True}),
            change(
                "aws_cloudwatch_event_target.t",
                {"rule": "r", "event_bus_name": "default", "dead_letter_config": [{}], "retry_policy": []},
                {"arn": True, "dead_letter_config": [{"arn": True}]},
            ),
        ],
        [
            resource("aws_sqs_queue", "q"),
            resource("aws_sqs_queue_policy", "p", queue_url=refers("aws_sqs_queue.q.url", "aws_sqs_queue.q")),
            resource(
                "aws_cloudwatch_event_target",
                "t",
                dead_letter_config=[{"arn": refers("aws_sqs_queue.q.arn", "aws_sqs_queue.q")}],
            ),
        ],
    )
    (queue,), (policy,), (target,) = found.all(Queue), found.all(QueuePolicy), found.all(EventTarget)
    assert (queue.name.get(), queue.encrypted.get(), queue.policy.get()) == ("q", False, "")
    assert policy.queue.get().address == "aws_sqs_queue.q"
    assert target.queue is not None
    assert target.queue.get().address == "aws_sqs_queue.q"


def test_one_statement_of_a_bus_is_a_policy() -> None:
    values = {"principal": "444455556666", "statement_id": "s", "action": "events:PutEvents", "event_bus_name": "b"}
    (policy,) = after(
        [change("aws_cloudwatch_event_permission.p", {**values, "condition": []})],
        [resource("aws_cloudwatch_event_permission", "p")],
    ).all(EventBusPolicy)
    (statement,) = json.loads(policy.text.get())["Statement"]
    assert (statement["Principal"], policy.bus.get().id) == ({"AWS": "444455556666"}, "b")
