"""Builders for rules and what they lead to, Security Hub and AWS Config, in the style of `estates`."""

from __future__ import annotations

import json
from typing import Any

from guardline.validator.model.config import DeliveryChannel, Recorder, RecorderStatus
from guardline.validator.model.events import EventBus, EventBusPolicy, EventRule, EventTarget
from guardline.validator.model.functions import Function, FunctionPermission
from guardline.validator.model.kms import Key, KeyAlias, KeyPolicy
from guardline.validator.model.resource import Account, Origin, Ref
from guardline.validator.model.securityhub import (
    CentralConfiguration,
    FindingAggregator,
    Hub,
    HubAdministrator,
    HubAutoEnable,
    HubMember,
    ProductSubscription,
)
from guardline.validator.model.sns import Subscription, Topic, TopicPolicy
from guardline.validator.model.sqs import Queue, QueuePolicy
from guardline.validator.model.value import Value, known, unknown
from tests.support.estates import OURS, US, location, value

FINDINGS: dict[str, Any] = {"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"]}
SERVICE = "events.amazonaws.com"
UNSET: Value[Ref] = unknown("not set")


def text(pattern: object) -> object:
    """A pattern or policy as JSON text; a `Value` as it is."""
    return pattern if isinstance(pattern, Value | str) else json.dumps(pattern)


def severe(*bounds: object, **more: object) -> dict[str, Any]:
    """The pattern of findings of some severity, e.g. ``severe(">=", 7)``."""
    return {**FINDINGS, "detail": {"severity": [{"numeric": list(bounds)}], **more}}


def allows(*actions: str, service: str = SERVICE, **more: object) -> dict[str, Any]:
    """A resource policy that lets a service do something."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [{**statement, **more}]}


def _at(region: object) -> str:
    return region.replace("-", "_") if isinstance(region, str) else "somewhere"


def _fields(kind: str, name: str, region: object, *names: str, account: Account = OURS) -> dict[str, Any]:
    address = f"{kind}.{name}_{_at(region)}"
    return {
        "location": location(region, account), "origin": Origin(address), "names": frozenset({address, *names}),
        "managed": True,
    }  # fmt: skip


def _ref(kind: str, name: object, region: object) -> Value[Ref]:
    """A short name is that of the region's own thing; an ARN or a `Value` is taken as it is."""
    if isinstance(name, str):
        name = Ref(id=name) if name.startswith(("arn:", "alias/")) else Ref(address=f"{kind}.{name}_{_at(region)}")
    return value(name)


def rule(
    region: object = US, name: str = "r", *, pattern: object = None, enabled: object = True, bus: object = "default"
) -> EventRule:
    """An enabled rule on all findings."""
    return EventRule(
        **_fields("aws_cloudwatch_event_rule", name, region, name),
        name=value(name),
        bus=value(Ref(id=bus) if isinstance(bus, str) else bus),
        pattern=value(text(FINDINGS if pattern is None else pattern)),
        enabled=value(enabled),
    )


def target(
    to: object,
    region: object = US,
    name: str = "t",
    *,
    of: object = "r",
    bus: object = "default",
    role: object = True,
    dead_letters: object = True,
    retries: object = 185,
    queue: object = None,
    acting: object = None,
) -> EventTarget:
    """A target of the region's rule `r`; `to` is a `Ref`, an ARN, or the address of what it leads to. Without a queue
    the dead-letter queue is not looked into; `acting` is the address of the role that EventBridge acts as."""
    if isinstance(to, str):
        to = Ref(id=to) if to.startswith("arn:") else Ref(address=to)
    return EventTarget(
        **_fields("aws_cloudwatch_event_target", name, region),
        rule=_ref("aws_cloudwatch_event_rule", of, region),
        bus=value(Ref(id=bus) if isinstance(bus, str) else bus),
        target=value(to),
        role=value(role),
        dead_letters=value(dead_letters),
        retries=value(retries),
        queue=None if queue is None else _ref("aws_sqs_queue", queue, region),
        acting=None if acting is None else value(Ref(address=acting) if isinstance(acting, str) else acting),
    )


def queue(
    region: object = US, name: str = "lost", *, key: object = None, policy: object = "", fifo: object = False
) -> Queue:
    """A queue, encrypted where a key is given."""
    return Queue(
        **_fields("aws_sqs_queue", name, region, name),
        name=value(name),
        encrypted=value(key is not None),
        key=UNSET if key is None else _ref("aws_kms_key", key, region),
        policy=value(text(policy)),
        fifo=value(fifo),
    )


def queue_policy(region: object = US, of: object = "lost", *, policy: object = None) -> QueuePolicy:
    """A policy that lets EventBridge send to the region's queue."""
    return QueuePolicy(
        **_fields("aws_sqs_queue_policy", "p", region),
        queue=_ref("aws_sqs_queue", of, region),
        text=value(text(allows("sqs:SendMessage") if policy is None else policy)),
    )


def topic(
    region: object = US, name: str = "alerts", *, key: object = None, policy: object = "", fifo: object = False
) -> Topic:
    """A topic, encrypted where a key is given."""
    return Topic(
        **_fields("aws_sns_topic", name, region, name),
        encrypted=value(key is not None),
        key=UNSET if key is None else _ref("aws_kms_key", key, region),
        policy=value(text(policy)),
        fifo=value(fifo),
    )


def topic_policy(region: object = US, of: object = "alerts", *, policy: object = None) -> TopicPolicy:
    """A policy that lets EventBridge publish to the region's topic."""
    return TopicPolicy(
        **_fields("aws_sns_topic_policy", "p", region),
        topic=_ref("aws_sns_topic", of, region),
        text=value(text(allows("sns:Publish") if policy is None else policy)),
    )


def subscription(
    region: object = US,
    of: object = "alerts",
    *,
    protocol: object = "email",
    filtered: object = False,
    calls: object = None,
    name: str = "s",
    pending: object = False,
) -> Subscription:
    """Somebody who listens to the region's topic; a function of the region, where one is named."""
    fields = _fields("aws_sns_topic_subscription", name, region)
    return Subscription(
        **fields,
        topic=_ref("aws_sns_topic", of, region),
        protocol=value("lambda" if calls is not None else protocol),
        filtered=value(filtered),
        endpoint=None if calls is None else _ref("aws_lambda_function", calls, region),
        pending=value(pending),
    )


def key(region: object = US, name: str = "k", *, policy: object = None, state: object = "Enabled") -> Key:
    """A key that EventBridge may use."""
    given = allows("kms:GenerateDataKey*", "kms:Decrypt") if policy is None else policy
    return Key(**_fields("aws_kms_key", name, region), policy=value(text(given)), state=value(state))


def key_policy(region: object = US, of: object = "k", *, policy: object) -> KeyPolicy:
    """A policy beside the region's key."""
    fields = _fields("aws_kms_key_policy", "kp", region)
    return KeyPolicy(**fields, key=_ref("aws_kms_key", of, region), text=value(text(policy)))


def key_alias(region: object = US, name: str = "alias/alerts", *, of: object = "k") -> KeyAlias:
    """An alias of the region's key."""
    return KeyAlias(**_fields("aws_kms_alias", "a", region, name), key=_ref("aws_kms_key", of, region))


def function(
    region: object = US, name: str = "respond", *, settings: object = None, concurrency: object = -1, key: object = None
) -> Function:
    """A function."""
    fields = _fields("aws_lambda_function", name, region, name)
    return Function(
        **fields,
        name=value(name),
        settings=value(settings),
        concurrency=value(concurrency),
        key=None if key is None else _ref("aws_kms_key", key, region),
    )


def permission(
    region: object = US,
    of: object = "respond",
    *,
    source: object = "r",
    principal: object = SERVICE,
    action: object = "lambda:InvokeFunction",
    qualifier: object = "",
    account: object = "",
    topic: object = None,
    free: object = True,
) -> FunctionPermission:
    """A permission for the region's rule `r`, or a topic, to call the region's function."""
    return FunctionPermission(
        **_fields("aws_lambda_permission", "p", region),
        function=_ref("aws_lambda_function", of, region),
        principal=value(principal),
        action=value(action),
        qualifier=value(qualifier),
        limited=value(source is not None),
        source=UNSET
        if source is None
        else _ref("aws_cloudwatch_event_rule", source, region)
        if topic is None
        else _ref("aws_sns_topic", topic, region),
        account=value(account),
        free=value(free),
    )


def bus(region: object = US, name: str = "security", *, key: object = None) -> EventBus:
    """An event bus, encrypted with a key of its own where one is given."""
    fields = _fields("aws_cloudwatch_event_bus", name, region, name)
    return EventBus(**fields, key=None if key is None else _ref("aws_kms_key", key, region))


OWN_ACCOUNT = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
            "Action": "events:PutEvents",
            "Resource": "*",
        }
    ]
}
"""A bus's policy that lets its own account in."""


def bus_policy(text_: object, region: object = US, of: str = "security") -> EventBusPolicy:
    """A policy of a bus, by the bus's name."""
    fields = _fields("aws_cloudwatch_event_bus_policy", "bp", region)
    return EventBusPolicy(**fields, bus=known(Ref(id=of)), text=value(text(text_)))


def hub(region: object = US) -> Hub:
    """Security Hub, on."""
    return Hub(**_fields("aws_securityhub_account", "h", region))


def hub_administrator(account: object, region: object = US) -> HubAdministrator:
    """The account that administers Security Hub for the organization."""
    fields = _fields("aws_securityhub_organization_admin_account", "a", region)
    return HubAdministrator(**fields, account=value(account))


def hub_member(account: object, region: object = US) -> HubMember:
    """An account that the administrator made a member of its Security Hub."""
    return HubMember(**_fields("aws_securityhub_member", "m", region), member=value(account))


def hub_auto_enable(region: object = US, *, on: object = True) -> HubAutoEnable:
    """What Security Hub does with accounts that join the organization."""
    return HubAutoEnable(**_fields("aws_securityhub_organization_configuration", "o", region), on=value(on))


def central(region: object = US) -> CentralConfiguration:
    """An organization's central configuration of Security Hub."""
    return CentralConfiguration(**_fields("aws_securityhub_organization_configuration", "c", region))


def aggregator(region: object = US, *, mode: object = "ALL_REGIONS", regions: object = ()) -> FindingAggregator:
    """An aggregator of all regions."""
    fields = _fields("aws_securityhub_finding_aggregator", "a", region)
    return FindingAggregator(**fields, mode=value(mode), regions=value(regions))


def product(region: object = US, name: object = "aws/inspector") -> ProductSubscription:
    """A subscription to a product, by its short name."""
    given = f"arn:aws:securityhub:{region}::product/{name}" if isinstance(name, str) else name
    fields = _fields("aws_securityhub_product_subscription", "p", region)
    return ProductSubscription(**fields, product=value(given))


def recorder(region: object = US, *, all_supported: object = True) -> Recorder:
    """A recorder of everything."""
    return Recorder(**_fields("aws_config_configuration_recorder", "c", region), all_supported=value(all_supported))


def channel(region: object = US) -> DeliveryChannel:
    """Where the region's recorder delivers."""
    return DeliveryChannel(**_fields("aws_config_delivery_channel", "c", region))


def recorder_status(region: object = US, *, on: object = True, of: object = "c") -> RecorderStatus:
    """The recorder, started."""
    fields = _fields("aws_config_configuration_recorder_status", "c", region)
    return RecorderStatus(**fields, recorder=_ref("aws_config_configuration_recorder", of, region), on=value(on))
