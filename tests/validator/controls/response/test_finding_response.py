"""finding-response: a rule on findings, a function that EventBridge may call, and what holds a failed delivery."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from guardline.validator.expectations.scope import Requirements
from guardline.validator.model.functions import FunctionPermission
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.sqs import QueuePolicy
from guardline.validator.run import Request, run
from tests.support.estates import EU, PENDING, US, estate, judged, scope, value, verdicts
from tests.support.estates_events import (
    FINDINGS,
    OWN_ACCOUNT,
    allows,
    bus,
    bus_policy,
    function,
    key,
    permission,
    queue,
    queue_policy,
    rule,
    severe,
    subscription,
    target,
    topic,
    topic_policy,
)
from tests.support.judging import NOW
from tests.support.source_trees import write

ID = "finding-response"
WITHIN = scope(US)
FUNCTION = "aws_lambda_function.respond_us_east_1"
ARN = "arn:aws:lambda:us-east-1:111122223333:function:respond"
RULE = "arn:aws:events:us-east-1:111122223333:rule/"


def responding(*more: Resource, **changes: object) -> tuple[Resource, ...]:
    """A rule whose target is the function."""
    return (rule(), target(FUNCTION, **changes), function(), *more)  # type: ignore[arg-type]  # fields of the target


CASES: dict[str, tuple[tuple[Resource, ...], str]] = {
    "by reference": (responding(permission()), "pass"),
    "by the rule's ARN": (responding(permission(source=f"{RULE}r")), "pass"),
    "for any rule of the account": (responding(permission(source=f"{RULE}*")), "pass"),
    "for any source": (responding(permission(source=None)), "pass"),
    "of the own account": (responding(permission(account="111122223333")), "pass"),
    "narrow findings": (
        (rule(pattern={**FINDINGS, "detail": {"type": [{"prefix": "Backdoor:EC2/"}]}}), *responding(permission())[1:]),
        "pass"),
    "severe findings": ((rule(pattern=severe(">=", 7)), *responding(permission())[1:]), "pass"),
    "it never runs": ((*responding()[:2], function(concurrency=0), permission()), "fail"),
    "a reserved concurrency": ((*responding()[:2], function(concurrency=1), permission()), "pass"),
    "concurrency not known": ((*responding()[:2], function(concurrency=PENDING), permission()), "undetermined"),
    "its key is disabled": (
        (*responding()[:2], function(key="k"), key(state="Disabled"), permission()), "fail"),
    "its key is enabled": ((*responding()[:2], function(key="k"), key(policy=""), permission()), "pass"),
    "by name": (
        (*responding()[:2], function(), permission(of="respond")), "pass"),
    "no permission": (responding(), "fail"),
    "for another rule": (responding(permission(source="other")), "fail"),
    "for another rule's ARN": (responding(permission(source=f"{RULE}other")), "fail"),
    "for a rule of another region": (responding(permission(source=f"{RULE}r".replace("us-east", "eu-west"))), "fail"),
    "for another service": (responding(permission(principal="s3.amazonaws.com")), "fail"),
    "for another action": (responding(permission(action="lambda:GetFunction")), "fail"),
    "for a version": (responding(permission(qualifier="live")), "fail"),
    "for another account": (responding(permission(account="999999999999")), "fail"),
    "for another function": (responding(permission(of="other")), "fail"),
    "one of two permissions": (responding(permission(source="other"), permission()), "pass"),
    "source not told": (responding(permission(source=PENDING)), "undetermined"),
    "principal not told": (responding(permission(principal=PENDING)), "undetermined"),
    "under another condition": (responding(permission(free=PENDING)), "undetermined"),
    "under another condition, for another rule": (responding(permission(source="other", free=PENDING)), "fail"),
    "under another condition, for another service": (
        responding(permission(principal="s3.amazonaws.com", free=PENDING)), "fail"),
    "under another condition, and one without": (responding(permission(free=PENDING), permission()), "pass"),
    "function not told": (responding(permission(of=PENDING)), "undetermined"),
    "no dead-letter queue": (responding(permission(), dead_letters=False), "fail"),
    "perhaps a queue": (responding(permission(), dead_letters=PENDING), "undetermined"),
    "no retries": (responding(permission(), retries=0), "fail"),
    "few retries": (responding(permission(), retries=2), "pass"),
    "retries not told": (responding(permission(), retries=PENDING), "undetermined"),
    "no queue outweighs the unknown": (responding(permission(source=PENDING), dead_letters=False), "fail"),
    "disabled": ((rule(enabled=False), *responding(permission())[1:]), "fail"),
    "function not in the source": ((rule(), target(ARN)), "undetermined"),
}  # fmt: skip


@pytest.mark.parametrize(("resources", "expected"), CASES.values(), ids=CASES)
def test_a_case(resources: tuple[Resource, ...], expected: str) -> None:
    (row,) = judged(ID, estate(*resources), WITHIN)
    assert row.verdict == expected, row.reason
    assert row.reason


def test_nothing_is_asked_where_no_rule_on_findings_leads_to_a_function() -> None:
    resources = (rule(), target("aws_sns_topic.alerts_us_east_1"), topic(), topic_policy(), subscription(), function())
    assert judged(ID, estate(*resources), WITHIN) == ()


def test_a_region_without_a_rule_fails() -> None:
    assert verdicts(ID, estate(*responding(permission())), scope(US, EU)) == {US: "pass", EU: "fail"}


def test_a_region_may_send_its_findings_to_the_home_bus() -> None:
    home = (
        bus(), rule(name="in", bus="security"), target(FUNCTION, name="in", of="in", bus="security"),
        function(), permission(source="arn:aws:events:us-east-1:111122223333:rule/security/in"),
        bus_policy(OWN_ACCOUNT),
    )  # fmt: skip
    away = (rule(EU), target("aws_cloudwatch_event_bus.security_us_east_1", EU))
    (row,) = judged(ID, estate(*home, *away), scope(EU))
    assert row.verdict == "pass", row.reason
    (row,) = judged(
        ID, estate(*(resource for resource in home if not isinstance(resource, FunctionPermission)), *away), scope(EU)
    )
    assert row.verdict == "fail", row.reason


def test_absence_is_not_claimed_where_permissions_are_unread() -> None:
    found = estate(*responding(), missing={FunctionPermission: "module.a could not be read"})
    assert verdicts(ID, found, WITHIN) == {US: "undetermined"}


SEND = allows("sqs:SendMessage")
FROM_RULE = allows("sqs:SendMessage", Condition={"ArnEquals": {"aws:SourceArn": f"{RULE}r"}})
FROM_ANOTHER = allows("sqs:SendMessage", Condition={"ArnEquals": {"aws:SourceArn": f"{RULE}other"}})
USES_KEY = allows("kms:GenerateDataKey", "kms:Decrypt")
QUEUES: dict[str, tuple[tuple[Resource, ...], str]] = {
    "policy beside it": ((queue(), queue_policy()), "pass"),
    "a FIFO queue": ((queue(fifo=True), queue_policy()), "fail"),
    "a queue with a disabled key": ((queue(key="k"), queue_policy(), key(policy=USES_KEY, state="Disabled")), "fail"),
    "policy of its own": ((queue(policy=SEND),), "pass"),
    "policy for this rule": ((queue(policy=FROM_RULE),), "pass"),
    "policy for another rule": ((queue(policy=FROM_ANOTHER),), "fail"),
    "policy for another action": ((queue(policy=allows("sqs:ReceiveMessage")),), "fail"),
    "no policy": ((queue(),), "fail"),
    "the policy beside it counts": ((queue(policy=SEND), queue_policy(policy=FROM_ANOTHER)), "fail"),
    "two policies beside it": ((queue(), queue_policy(), queue_policy(policy=FROM_ANOTHER)), "undetermined"),
    "one policy twice": ((queue(), queue_policy(), queue_policy()), "pass"),
    "policy not told": ((queue(policy=PENDING),), "undetermined"),
    "policy of an unknown queue": ((queue(), queue_policy(of=PENDING)), "undetermined"),
    "queue elsewhere": ((), "undetermined"),
    "queue in another region": ((queue(EU, policy=SEND),), "undetermined"),
    "encrypted": ((queue(policy=SEND, key="k"), key(policy=USES_KEY)), "pass"),
    "encrypted by a key that bars it": ((queue(policy=SEND, key="k"), key(policy=allows("kms:Decrypt"))), "fail"),
    "encrypted by AWS's key": ((queue(policy=SEND, key="alias/aws/sqs"),), "fail"),
    "encrypted by a key elsewhere": ((queue(policy=SEND, key="arn:aws:kms:us-east-1:1:key/x"),), "undetermined"),
}


@pytest.mark.parametrize(("resources", "expected"), QUEUES.values(), ids=QUEUES)
def test_the_queue_that_holds_what_failed(resources: tuple[Resource, ...], expected: str) -> None:
    found = estate(*responding(permission(), queue="lost"), *resources)
    assert verdicts(ID, found, WITHIN) == {US: expected}


def test_a_queue_in_another_region_holds_nothing() -> None:
    elsewhere = responding(permission(), queue="arn:aws:sqs:eu-west-1:111122223333:lost")
    far = queue(EU, policy=SEND)
    named = replace(far, names=far.names | {"arn:aws:sqs:eu-west-1:111122223333:lost"})
    assert verdicts(ID, estate(*elsewhere, named), WITHIN) == {US: "fail"}


def test_the_policy_of_a_namesake_in_another_region_is_not_this_queue_s() -> None:
    url = Ref(id="https://sqs.example/111122223333/lost")
    here = replace(queue(), names=queue().names | {str(url.id)})
    beside = [
        replace(queue_policy(region, policy=policy), queue=value(url))
        for region, policy in ((US, SEND), (EU, FROM_ANOTHER))
    ]
    resources = responding(permission(), queue="lost")
    for order in (beside, beside[::-1]):
        assert verdicts(ID, estate(*resources, here, *order), WITHIN) == {US: "pass"}


def test_absent_queue_policies_are_not_claimed_where_one_is_unread() -> None:
    resources = responding(permission(), queue(), queue="lost")
    assert verdicts(ID, estate(*resources, missing={QueuePolicy: "x"}), WITHIN) == {US: "undetermined"}


def settings(mode: str = "act", actions: tuple[str, ...] = ("stop-instance",)) -> str:
    lines = [{"types": ["Backdoor:EC2/*"], "actions": actions, "min_severity": 7}]
    return json.dumps({"mode": mode, "playbooks": [*lines, {"types": ["*"], "actions": [], "min_severity": 7}]})


ROOT = """
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["ACCOUNT"]
}
resource "aws_lambda_function" "f" {
  function_name = "respond"
  environment {
    variables = { SETTINGS = jsonencode({ mode = "MODE", playbooks = [{ types = ["*"], actions = ["isolate"] }] }) }
  }
}
resource "aws_lambda_permission" "p" {
  function_name = aws_lambda_function.f.function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
}
resource "aws_sqs_queue" "q" {
  name   = "lost"
  policy = jsonencode({ Statement = [{
    Effect = "Allow", Principal = { Service = "events.amazonaws.com" }, Action = "sqs:SendMessage", Resource = "*"
  }] })
}
resource "aws_cloudwatch_event_rule" "r" {
  event_pattern = jsonencode({ source = ["aws.guardduty"] })
}
resource "aws_cloudwatch_event_target" "t" {
  rule = aws_cloudwatch_event_rule.r.name
  arn  = aws_lambda_function.f.arn
  dead_letter_config { arn = aws_sqs_queue.q.arn }
}
"""


def test_one_address_in_two_roots_is_two_functions(tmp_path: Path) -> None:
    """Each account is judged by its own function, which says another mode."""
    for first, second in (("act", "dry-run"), ("dry-run", "act")):
        modes = {"111122223333": first, "444455556666": second}
        roots = [tmp_path / f"{first}-{account}" for account in modes]
        for root, (account, mode) in zip(roots, modes.items(), strict=True):
            write(root, {"main.tf": ROOT.replace("ACCOUNT", account).replace("MODE", mode)})
        sources = tuple(map(str, roots))
        request = Request(sources, NOW.date(), regions=US, whole=True, cache=False, controls=frozenset({ID}))
        found = {row.account: row.verdict.value for row in run(request, NOW).rows}
        assert found == {account: {"act": "pass", "dry-run": "fail"}[mode] for account, mode in modes.items()}


STOPS = {"Backdoor:EC2/Spambot": ("stop-instance",)}


@pytest.mark.parametrize(
    ("given", "mode", "answers", "verdict", "words"),
    [
        (
            settings(),
            None,
            {},
            "pass",
            "automatic action for EC2: stop-instance; no automatic action for AI Protection",
        ),
        (settings(), "act", STOPS, "pass", "automatic action for EC2"),
        (
            settings(),
            "act",
            {"Trojan:EC2/DropPoint": ("stop-instance",)},
            "fail",
            "does not answer Trojan:EC2/DropPoint",
        ),
        (settings(actions=()), "act", STOPS, "fail", "does not answer Backdoor:EC2/Spambot by stop-instance"),
        (settings("dry-run"), "dry-run", STOPS, "pass", "no automatic action: it is in dry-run"),
        (settings("dry-run"), "act", STOPS, "fail", "in dry-run, so it changes nothing; the spec says act"),
        (settings("dry-run"), "notify", {}, "fail", "in dry-run"),
        (settings("dry-run"), None, {}, "fail", "in dry-run"),
        (settings("act"), "dry-run", STOPS, "fail", "in mode act; the spec says dry-run"),
        (settings("notify"), "act", STOPS, "fail", "in mode notify; the spec says act"),
        (settings("notify"), "notify", {}, "pass", "no automatic action: it alerts people"),
        (settings("notify"), None, {}, "pass", "no automatic action"),
        (None, None, {}, "pass", "start a function"),
        (None, "notify", {}, "pass", "start a function"),
        (None, "act", STOPS, "undetermined", "what it does cannot be determined"),
        (PENDING, "act", STOPS, "undetermined", "what it does cannot be determined"),
        ("{}", "act", STOPS, "undetermined", "not Guardline's"),
        ("{", None, {}, "pass", "start a function"),
    ],
)
def test_what_the_function_does_is_what_the_spec_says(
    given: object, mode: str | None, answers: dict[str, tuple[str, ...]], verdict: str, words: str
) -> None:
    resources = (rule(), target(FUNCTION), function(settings=given), permission())
    asked = replace(WITHIN, asked=Requirements(response_mode=mode, answers=answers)) if mode is not None else WITHIN
    (row,) = judged(ID, estate(*resources), asked)
    assert row.verdict == verdict, row.reason
    assert words in row.reason
