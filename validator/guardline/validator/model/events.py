"""EventBridge: buses, the rules on them, and where the rules' events go."""

from __future__ import annotations

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value

DEFAULT_BUS = "default"
"""The bus of every account and region that AWS services send their events to."""


class EventBus(Resource, frozen=True):
    """An event bus of the account's own; the default one needs no declaration.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EventBus.html

    Attributes:
        key: the key that encrypts its events, by address, id, ARN or alias; None for AWS's own.
    """

    key: Value[Ref] | None = None


class ApiDestination(Resource, frozen=True):
    """An HTTPS address that rules call.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ApiDestination.html

    Attributes:
        url: the address.
    """

    url: Value[str]


class EventRule(Resource, frozen=True):
    """A rule on an event bus.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html

    Attributes:
        name: its name, one of its kind on a bus; unknown while AWS is to choose it.
        bus: the bus it reads, by address, name or ARN; the id ``default`` is the default bus.
        pattern: the event pattern as JSON text; "" for a rule that only keeps a schedule.
        enabled: whether it is on, be it for CloudTrail's read-only events also or not.
    """

    name: Value[str]
    bus: Value[Ref]
    pattern: Value[str]
    enabled: Value[bool]


class EventTarget(Resource, frozen=True):
    """Where a rule sends what it matches.

    Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Target.html

    Attributes:
        rule: the rule, by address or name.
        bus: the rule's bus, as in `EventRule`.
        target: the topic, function, bus, queue, ...: by address or ARN.
        role: whether a role is given for EventBridge to act as (its value may be pending).
        dead_letters: whether events that could not be delivered are kept in a queue.
        retries: how often EventBridge tries again, 0 to 185; its own 185 where nothing is set.
        queue: that queue; None where none is set.
        acting: the role that EventBridge acts as; None where none is given.
    """

    rule: Value[Ref]
    bus: Value[Ref]
    target: Value[Ref]
    role: Value[bool]
    dead_letters: Value[bool]
    retries: Value[int]
    queue: Value[Ref] | None = None
    acting: Value[Ref] | None = None


class EventBusPolicy(Resource, frozen=True):
    """Who may send events to a bus, as JSON text.

    Attributes:
        bus: the bus, as in `EventRule`.
        text: the policy.
    """

    bus: Value[Ref]
    text: Value[str]
