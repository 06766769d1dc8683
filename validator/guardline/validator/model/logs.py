"""CloudWatch Logs: where records may be kept."""

from __future__ import annotations

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value


class LogPolicy(Resource, frozen=True):
    """Which services may write to log groups of the account and region.

    Attributes:
        text: the policy as JSON, with marks for what is unknown in it.
    """

    text: Value[str]


class LogGroup(Resource, frozen=True):
    """A log group.

    Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html

    Attributes:
        name: its name; "" where AWS chooses it.
        days: how long what it has is kept; 0 for ever.
        key: the KMS key that encrypts it; None for a key of AWS's own.
    """

    name: Value[str]
    days: Value[int]
    key: Value[Ref] | None = None
