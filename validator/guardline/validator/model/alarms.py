"""CloudWatch: alarms on numbers."""

from __future__ import annotations

import msgspec

from guardline.validator.model.resource import Resource
from guardline.validator.model.value import Value, known


class MetricAlarm(Resource, frozen=True):
    """An alarm on one metric.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html

    Attributes:
        metric: e.g. ``ApproximateNumberOfMessagesVisible``.
        queue, function: of which queue or function, by name; "" for none.
        acts: whether it does anything when it goes off.
        topics: the ARNs of the topics that it publishes to, as far as they are written down.
    """

    metric: Value[str]
    queue: Value[str]
    function: Value[str]
    acts: Value[bool]
    topics: Value[tuple[str, ...]] = msgspec.field(default_factory=lambda: known(()))
