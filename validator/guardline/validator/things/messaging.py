"""What carries an alert on: topics and their subscriptions, functions and who may call them, and keys."""

from __future__ import annotations

import msgspec

from guardline.validator.estate import Ref, Thing
from guardline.validator.value import Value, known


class Topic(Thing, frozen=True):
    """An SNS topic.

    Attributes:
        encrypted: whether a key is set (its value may be pending).
        key: that key, by address, id, ARN or alias; unknown where none is set.
        policy: the policy in the topic's own declaration, as JSON text; "" where it states none.
    """

    encrypted: Value[bool]
    key: Value[Ref]
    policy: Value[str]


class TopicPolicy(Thing, frozen=True):
    """The policy of a topic, declared beside it; it replaces any other.

    Attributes:
        topic: the topic.
        text: the policy, as JSON.
    """

    topic: Value[Ref]
    text: Value[str]


class Subscription(Thing, frozen=True):
    """Somebody, or something, that listens to a topic.

    Attributes:
        topic: the topic.
        protocol: ``email``, ``sms``, ``https``, ``lambda``, ``sqs``, ...; ``chat`` for a Slack or Teams channel.
        filtered: whether a filter policy lets only some messages through.
    """

    topic: Value[Ref]
    protocol: Value[str]
    filtered: Value[bool] = msgspec.field(default_factory=lambda: known(False))


class Queue(Thing, frozen=True):
    """An SQS queue.

    Attributes:
        name: its name; "" where AWS chooses it.
        encrypted: whether a KMS key of the account's is set (its value may be pending).
        key: that key, by address, id, ARN or alias; unknown where none is set.
        policy: the policy in the queue's own declaration, as JSON text; "" where it states none.
    """

    name: Value[str]
    encrypted: Value[bool]
    key: Value[Ref]
    policy: Value[str]


class QueuePolicy(Thing, frozen=True):
    """The policy of a queue, declared beside it; it replaces any other.

    Attributes:
        queue: the queue.
        text: the policy, as JSON.
    """

    queue: Value[Ref]
    text: Value[str]


class Function(Thing, frozen=True):
    """A Lambda function.

    Attributes:
        name: its name.
        settings: its variable ``SETTINGS``, which says what Guardline's function does; None where it has none.
    """

    name: Value[str]
    settings: Value[str | None]


class FunctionPermission(Thing, frozen=True):
    """One statement of a function's resource policy.

    Source: https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html

    Attributes:
        function: the function, by address, name or ARN.
        principal: the service (or account) that may call it.
        action: e.g. ``lambda:InvokeFunction``.
        qualifier: the version or alias that it holds for; "" for the function itself.
        limited: whether a source ARN is set (its value may be pending).
        source: the one source that may call it, by address or ARN; unknown where none is set.
        account: the one account whose sources may call it; "" for any.
    """

    function: Value[Ref]
    principal: Value[str]
    action: Value[str]
    qualifier: Value[str]
    limited: Value[bool]
    source: Value[Ref]
    account: Value[str]


class Key(Thing, frozen=True):
    """A KMS key.

    Attributes:
        policy: its policy as JSON text; "" where its declaration states none, and AWS's default holds.
    """

    policy: Value[str]


class KeyPolicy(Thing, frozen=True):
    """The policy of a key, declared beside it.

    Attributes:
        key: the key.
        text: the policy, as JSON.
    """

    key: Value[Ref]
    text: Value[str]


class KeyAlias(Thing, frozen=True):
    """Another name of a key, ``alias/...``.

    Attributes:
        key: the key.
    """

    key: Value[Ref]
