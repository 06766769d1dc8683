"""A baseline's alerts, responses, Security Hub and AWS Config, and what breaks when one of them does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from guardline.validator.model.config import DeliveryChannel, Recorder, RecorderStatus
from guardline.validator.model.events import EventRule, EventTarget
from guardline.validator.model.functions import Function, FunctionPermission
from guardline.validator.model.kms import Key
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.securityhub import FindingAggregator, Hub, ProductSubscription
from guardline.validator.model.sns import Subscription, Topic, TopicPolicy
from guardline.validator.model.sqs import Queue, QueuePolicy
from guardline.validator.model.value import known, unknown
from tests.support.estates import EU, US
from tests.support.estates_events import (
    FINDINGS,
    aggregator,
    allows,
    channel,
    function,
    hub,
    key,
    permission,
    product,
    queue,
    queue_policy,
    recorder,
    recorder_status,
    rule,
    severe,
    subscription,
    target,
    text,
    topic,
    topic_policy,
)

Change = Callable[[Resource], Resource | None]


def resources(*regions: str) -> Iterator[Resource]:
    """The same in each region: a rule to a topic, another to a function, a hub, a recorder; and one aggregator."""
    for region in regions:
        at = region.replace("-", "_")
        yield rule(region, "alert", pattern=severe(">=", 4))
        yield target(f"aws_sns_topic.alerts_{at}", region, "alert", of="alert")
        yield topic(region, key="k")
        yield topic_policy(region)
        yield subscription(region)
        yield key(region)
        yield rule(region, "respond", pattern=severe(">=", 7))
        yield target(f"aws_lambda_function.respond_{at}", region, "respond", of="respond", queue="lost")
        yield queue(region)
        yield queue_policy(region)
        yield function(region, settings=_settings("act"))
        yield permission(region, source="respond")
        yield hub(region)
        yield product(region, "crowdstrike/crowdstrike-falcon")
        yield recorder(region)
        yield recorder_status(region)
        yield channel(region)
    yield aggregator()


def _settings(mode: str) -> str:
    """The settings of the function: it stops instances."""
    playbook = {"types": ["Backdoor:EC2/*"], "actions": ["stop-instance"], "min_severity": 7}
    return json.dumps({"mode": mode, "playbooks": [playbook]})


def _in_us(kind: type[Resource], change: Change, name: str = "") -> Change:
    """Change the things of a kind (and whose address holds `name`) in us-east-1."""

    def changed(resource: Resource) -> Resource | None:
        is_it = isinstance(resource, kind) and resource.location.region.get() == US and name in resource.origin.address
        return change(resource) if is_it else resource

    return changed


def _with(kind: type[Resource], name: str = "", /, **changes: object) -> Change:
    given: dict[str, Any] = {field: known(each) for field, each in changes.items()}
    return _in_us(kind, lambda resource: replace(resource, **given), name)


def _hidden(kind: type[Resource], name: str, *fields: str) -> Change:
    """Hide fields behind an unknown."""
    given: dict[str, Any] = {field: unknown("known only after apply") for field in fields}
    return _in_us(kind, lambda resource: replace(resource, **given), name)


def _gone(_thing: Resource) -> None:
    """Take it away."""


def _moved(kind: type[Resource], name: str = "", to: str = EU) -> Change:
    """Plan it for another region."""
    return _in_us(kind, lambda resource: replace(resource, location=replace(resource.location, region=known(to))), name)


_ALERT, _RESPONSE, _HUB = {"finding-alert"}, {"finding-response"}, {"security-hub-enabled"}
_TOGETHER, _TAKEN_IN, _RECORDER = {"security-hub-aggregation"}, {"security-hub-integrations"}, {"config-recorder"}
_CONSISTENCY = "region-consistency"
_NARROW = {**FINDINGS, "detail": {"type": [{"prefix": "Recon:"}]}}

_RULES: list[tuple[str, str, object, set[str]]] = [
    ("of another source", "alert", {**FINDINGS, "source": ["aws.macie"]}, _ALERT),
    ("of another kind of event", "alert", {**FINDINGS, "detail-type": ["Scheduled Event"]}, _ALERT),
    ("of severity 8 and above", "alert", severe(">=", 8), _ALERT),
    ("below severity 7", "alert", severe("<", 7), _ALERT),
    ("of one family", "alert", _NARROW, _ALERT),
    ("of another account", "alert", {**FINDINGS, "account": ["999999999999"]}, _ALERT),
    ("of another region", "alert", {**FINDINGS, "region": [EU]}, _ALERT),
    ("of archived findings", "alert", severe(">=", 4, service={"archived": [True]}), _ALERT),
    ("malformed", "alert", '{"source": "aws.guardduty"}', _ALERT),
    ("of another source", "respond", {**FINDINGS, "source": ["aws.macie"]}, _RESPONSE),
    ("of no severity", "respond", severe(">", 10), _RESPONSE),
]

MUTATIONS: list[tuple[str, Change, set[str]]] = [
    *((f"{name} rule {what}", _with(EventRule, f".{name}_", pattern=text(pattern)), expected)
      for what, name, pattern, expected in _RULES),
    *((f"{name} rule {what}", change, expected)
      for name, expected in (("alert", _ALERT), ("respond", _RESPONSE))
      for what, change in (
          ("gone", _in_us(EventRule, _gone, f".{name}_")),
          ("disabled", _with(EventRule, f".{name}_", enabled=False)),
          ("on another bus", _with(EventRule, f".{name}_", bus=Ref(id="own"))),
          ("moved", _moved(EventRule, f".{name}_")),
          ("perhaps disabled", _hidden(EventRule, f".{name}_", "enabled")),
          ("without target", _in_us(EventTarget, _gone, f".{name}_")),
          ("with another's target", _with(EventTarget, f".{name}_", rule=Ref(id="other"))),
          ("with its target moved", _moved(EventTarget, f".{name}_")),
          ("with a target not told", _hidden(EventTarget, f".{name}_", "target")),
          ("to a queue", _with(EventTarget, f".{name}_", target=Ref(id="arn:aws:sqs:us-east-1:1:q"))),
      )),
    ("no topic policy", _in_us(TopicPolicy, _gone), _ALERT),
    ("topic policy for another service", _with(TopicPolicy, text=text(allows("sns:Publish", service="s3"))), _ALERT),
    ("topic policy that denies", _with(TopicPolicy, text=text(allows("sns:Publish", Effect="Deny"))), _ALERT),
    ("topic policy not told", _hidden(TopicPolicy, "", "text"), _ALERT),
    ("no topic", _in_us(Topic, _gone), _ALERT),
    ("topic moved", _moved(Topic), _ALERT),
    ("function moved", _moved(Function), _RESPONSE),
    ("no subscription", _in_us(Subscription, _gone), _ALERT),
    ("AWS's key", _with(Topic, key=Ref(id="alias/aws/sns")), _ALERT),
    ("no key", _in_us(Key, _gone), _ALERT),
    ("key with the default policy", _with(Key, policy=""), _ALERT),
    ("key that decrypts only", _with(Key, policy=text(allows("kms:Decrypt"))), _ALERT),
    ("no permission", _in_us(FunctionPermission, _gone), _RESPONSE),
    ("permission for another rule", _with(FunctionPermission, source=Ref(id="arn:aws:events:x")), _RESPONSE),
    ("permission for another service", _with(FunctionPermission, principal="s3.amazonaws.com"), _RESPONSE),
    ("permission for a version", _with(FunctionPermission, qualifier="1"), _RESPONSE),
    ("permission for another function", _with(FunctionPermission, function=Ref(id="other")), _RESPONSE),
    ("permission not told", _hidden(FunctionPermission, "", "source"), _RESPONSE),
    ("no function", _in_us(Function, _gone), _RESPONSE),
    ("a function in dry-run", _with(Function, settings=_settings("dry-run")), _RESPONSE),
    ("no dead-letter queue", _with(EventTarget, ".respond_", dead_letters=False), _RESPONSE),
    ("no queue", _in_us(Queue, _gone), _RESPONSE),
    ("queue moved", _moved(Queue), _RESPONSE),
    ("no queue policy", _in_us(QueuePolicy, _gone), _RESPONSE),
    ("queue policy for another service", _with(QueuePolicy, text=text(allows("sqs:SendMessage", service="s3"))),
     _RESPONSE),
    ("queue policy for another action", _with(QueuePolicy, text=text(allows("sqs:ReceiveMessage"))), _RESPONSE),
    ("queue policy that denies", _with(QueuePolicy, text=text(allows("sqs:SendMessage", Effect="Deny"))), _RESPONSE),
    ("queue policy not told", _hidden(QueuePolicy, "", "text"), _RESPONSE),
    ("queue with AWS's key", _with(Queue, encrypted=True, key=Ref(id="alias/aws/sqs")), _RESPONSE),
    ("queue with a key elsewhere", _with(Queue, encrypted=True, key=Ref(id="key")), _RESPONSE),
    ("no retries", _with(EventTarget, ".respond_", retries=0), _RESPONSE),
    ("no hub", _in_us(Hub, _gone), {*_HUB, *_TOGETHER, _CONSISTENCY}),
    ("hub moved", _moved(Hub, to="eu-north-1"), {*_HUB, *_TOGETHER, _CONSISTENCY}),
    ("no aggregator", _in_us(FindingAggregator, _gone), _TOGETHER),
    ("aggregator of some", _with(FindingAggregator, mode="SPECIFIED_REGIONS", regions=(EU,)), _TOGETHER),
    ("aggregator of all but one", _with(FindingAggregator, mode="ALL_REGIONS_EXCEPT_SPECIFIED", regions=(EU,)),
     _TOGETHER),
    ("aggregator of none", _with(FindingAggregator, mode="NO_REGIONS"), _TOGETHER),
    ("aggregator not told", _hidden(FindingAggregator, "", "mode"), _TOGETHER),
    ("no product", _in_us(ProductSubscription, _gone), _TAKEN_IN),
    ("product not told", _hidden(ProductSubscription, "", "product"), _TAKEN_IN),
    ("no recorder", _in_us(Recorder, _gone), {*_RECORDER, _CONSISTENCY}),
    ("recorder of some kinds", _with(Recorder, all_supported=False), _RECORDER),
    ("recorder not started", _in_us(RecorderStatus, _gone), _RECORDER),
    ("no delivery channel", _in_us(DeliveryChannel, _gone), _RECORDER),
    ("delivery channel moved", _moved(DeliveryChannel), _RECORDER),
    ("recorder off", _with(RecorderStatus, on=False), _RECORDER),
    ("recorder's state not told", _hidden(RecorderStatus, "", "on"), _RECORDER),
]  # fmt: skip
