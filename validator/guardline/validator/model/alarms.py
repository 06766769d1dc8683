"""CloudWatch: alarms on numbers."""

from __future__ import annotations

from guardline.validator.model.resource import Resource
from guardline.validator.model.value import Value


class MetricAlarm(Resource, frozen=True):
    """An alarm on one metric.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html

    Attributes:
        metric: e.g. ``ApproximateNumberOfMessagesVisible``.
        queue, function: of which queue or function, by name; "" for none.
        acts: whether it does anything when it goes off.
    """

    metric: Value[str]
    queue: Value[str]
    function: Value[str]
    acts: Value[bool]
