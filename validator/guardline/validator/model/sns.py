"""SNS: topics, their policies and subscriptions."""

from __future__ import annotations

import msgspec

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value, known


class Topic(Resource, frozen=True):
    """An SNS topic.

    Attributes:
        encrypted: whether a key is set (its value may be pending).
        key: that key, by address, id, ARN or alias; unknown where none is set.
        policy: the policy in the topic's own declaration, as JSON text; "" where it states none.
        fifo: whether it keeps the order (its name ends in ``.fifo``).
    """

    encrypted: Value[bool]
    key: Value[Ref]
    policy: Value[str]
    fifo: Value[bool] = msgspec.field(default_factory=lambda: known(False))


class TopicPolicy(Resource, frozen=True):
    """The policy of a topic, declared beside it; it replaces any other.

    Attributes:
        topic: the topic.
        text: the policy, as JSON.
    """

    topic: Value[Ref]
    text: Value[str]


class Subscription(Resource, frozen=True):
    """Somebody, or something, that listens to a topic.

    Attributes:
        topic: the topic.
        protocol: ``email``, ``sms``, ``https``, ``lambda``, ``sqs``, ...; ``chat`` for a Slack or Teams channel.
        filtered: whether a filter policy lets only some messages through.
        address: where the messages go, as it is written: an e-mail address, a URL, an ARN; of a chat
            ``workspace/channel`` or ``tenant/team/channel``.
        endpoint: the function that listens, by address or ARN; None for any other protocol.
        pending: whether AWS has asked for a confirmation and nobody gave it; no configuration says so.
    """

    topic: Value[Ref]
    protocol: Value[str]
    filtered: Value[bool] = msgspec.field(default_factory=lambda: known(False))
    endpoint: Value[Ref] | None = None
    pending: Value[bool] = msgspec.field(default_factory=lambda: known(False))
    address: Value[str] = msgspec.field(default_factory=lambda: known(""))
