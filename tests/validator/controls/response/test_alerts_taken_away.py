"""Plans that take away who gets the alerts: deleted is a fail and a regression, replaced is neither."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from guardline.validator.run import Request, run
from tests.support.plans import Json, change, expression, plan, provider, refers

TOPIC = "arn:aws:sns:us-east-1:111122223333:alerts"
RULE: Json = {
    "name": "findings",
    "arn": "arn:aws:events:us-east-1:111122223333:rule/findings",
    "state": "ENABLED",
    "is_enabled": True,
    "event_bus_name": "default",
    "event_pattern": json.dumps({"source": ["aws.guardduty"]}),
}
TARGET: Json = {
    "rule": "findings",
    "event_bus_name": "default",
    "arn": TOPIC,
    "target_id": "t",
    "role_arn": None,
    "dead_letter_config": [],
}
PUBLISH = {
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": "*",
}
OWNED: Json = {
    "id": TOPIC,
    "arn": TOPIC,
    "name": "alerts",
    "fifo_topic": False,
    "kms_master_key_id": "",
    "policy": json.dumps({"Statement": [PUBLISH]}),
}
HEARD: Json = {
    "id": f"{TOPIC}:1",
    "arn": f"{TOPIC}:1",
    "topic_arn": TOPIC,
    "protocol": "email",
    "endpoint": "a@b.com",
    "filter_policy": "",
}
OTHER: Json = {**HEARD, "id": f"{TOPIC}-other:1", "arn": f"{TOPIC}-other:1", "topic_arn": f"{TOPIC}-other"}
AT = "aws_sns_topic_subscription.s"


def kept(address: str, values: Json) -> Json:
    return change(address, values, before=values, actions=("no-op",))


def configured(address: str, **expressions: object) -> Json:
    kind, name = address.split(".")
    given = {key: expression(value) for key, value in expressions.items()}
    return {"mode": "managed", "type": kind, "name": name, "provider_config_key": "aws", "expressions": given}


@pytest.mark.parametrize(
    ("last", "verdict", "regression"),
    [
        (kept(AT, HEARD), "pass", False),
        (change(AT, None, before=HEARD), "fail", True),
        (change(AT, {**HEARD, "id": "n"}, before=HEARD, actions=("delete", "create")), "pass", False),
        (change(AT, None, before=HEARD, actions=("forget",)), "undetermined", False),
        (change(AT, None, before=OTHER), "undetermined", False),
    ],
    ids=["kept", "deleted", "replaced", "forgotten", "of another topic"],
)
def test_the_only_subscription(tmp_path: Path, last: Json, verdict: str, regression: bool) -> None:
    changes = [
        kept("aws_cloudwatch_event_rule.r", RULE),
        kept("aws_cloudwatch_event_target.t", TARGET),
        kept("aws_sns_topic.t", OWNED),
        last,
    ]
    resources = [
        configured("aws_cloudwatch_event_rule.r", event_pattern=RULE["event_pattern"]),
        configured("aws_cloudwatch_event_target.t", arn=refers("aws_sns_topic.t.arn", "aws_sns_topic.t")),
        configured("aws_sns_topic.t", name="alerts"),
        configured(AT, topic_arn=refers("aws_sns_topic.t.arn", "aws_sns_topic.t")),
    ]
    providers = {"aws": provider(allowed_account_ids=["111122223333"])}
    (tmp_path / "plan.json").write_bytes(plan(changes, resources, providers))
    request = Request(
        (str(tmp_path / "plan.json"),),
        date(2026, 11, 30),
        controls=frozenset({"finding-alert"}),
        regions="us-east-1",
    )
    (row,) = run(request, datetime(2026, 11, 30, tzinfo=UTC)).rows
    assert (str(row.verdict), row.regression) == (verdict, regression), row.reason
