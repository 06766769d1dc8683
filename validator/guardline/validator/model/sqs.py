"""SQS: queues and their policies."""

from __future__ import annotations

import msgspec

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value, known

KEPT = 345_600
"""How many seconds SQS keeps a message unless a queue says otherwise."""


class Queue(Resource, frozen=True):
    """An SQS queue.

    Attributes:
        name: its name; "" where AWS chooses it.
        encrypted: whether a KMS key of the account's is set (its value may be pending).
        plain: whether its messages are surely stored without encryption.
        seconds: how long a message is kept.
        key: that key, by address, id, ARN or alias; unknown where none is set.
        policy: the policy in the queue's own declaration, as JSON text; "" where it states none.
        fifo: whether it keeps the order (its name ends in ``.fifo``).
    """

    name: Value[str]
    encrypted: Value[bool]
    key: Value[Ref]
    policy: Value[str]
    plain: Value[bool] = msgspec.field(default_factory=lambda: known(False))
    seconds: Value[int] = msgspec.field(default_factory=lambda: known(KEPT))
    fifo: Value[bool] = msgspec.field(default_factory=lambda: known(False))


class QueuePolicy(Resource, frozen=True):
    """The policy of a queue, declared beside it; it replaces any other.

    Attributes:
        queue: the queue.
        text: the policy, as JSON.
    """

    queue: Value[Ref]
    text: Value[str]
