"""Calls that silence alarms and records, or undo who may not: one list for service control policies, rules and control.

GuardDuty's own calls stand in `guardline.spec.actions`. Event names are those of CloudTrail, which for Lambda and some
calls of S3 differ from the IAM action:
https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/logging-using-cloudtrail.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["rule", "bus", "topic", "subscription", "function", "alarm", "bucket", "role"]
Group = Literal["record", "delivery", "storage", "access"]


@dataclass(frozen=True)
class GuardedCalls:
    """Calls of one service on one kind of resource.

    Attributes:
        group: what they silence: the records, the way of alerts, the logs' storage, or who may change all of it.
        service: the event source, without its domain.
        names: the events' names.
        kind: what they are about, where it has a name that says whose it is; None: any counts.
        parameter: the request parameter that holds this name.
        versioned: whether CloudTrail adds the API's version to the names.
        actions: the IAM actions where they are called otherwise.
        prefix: the service's prefix in IAM where it is called otherwise.
        in_global_region: whether CloudTrail records them in the partition's global region alone.
    """

    group: Group
    service: str
    names: tuple[str, ...]
    kind: Kind | None = None
    parameter: str = ""
    versioned: bool = False
    actions: tuple[str, ...] = ()
    prefix: str = ""
    in_global_region: bool = False

    def iam(self) -> tuple[str, ...]:
        """The IAM actions, e.g. ``cloudtrail:StopLogging``."""
        return tuple(f"{self.prefix or self.service}:{name}" for name in self.actions or self.names)


GUARDED: tuple[GuardedCalls, ...] = (
    GuardedCalls("record", "cloudtrail", ("DeleteTrail", "PutEventSelectors", "StopLogging", "UpdateTrail")),
    GuardedCalls(
        "record", "config", ("DeleteConfigurationRecorder", "DeleteDeliveryChannel", "StopConfigurationRecorder")
    ),
    GuardedCalls("record", "ec2", ("DeleteFlowLogs",)),
    GuardedCalls("record", "route53resolver", ("DeleteResolverQueryLogConfig", "DisassociateResolverQueryLogConfig")),
    GuardedCalls(
        "record",
        "securityhub",
        ("BatchDisableStandards", "DeleteFindingAggregator", "DisableImportFindingsForProduct", "DisableSecurityHub"),
    ),
    # A key's id says nothing about whose it is, so that every key counts.
    GuardedCalls("record", "kms", ("DisableKey", "PutKeyPolicy", "ScheduleKeyDeletion")),
    GuardedCalls("delivery", "events", ("DeleteRule", "DisableRule", "PutRule"), "rule", "name"),
    GuardedCalls("delivery", "events", ("PutTargets", "RemoveTargets"), "rule", "rule"),
    GuardedCalls("delivery", "events", ("DeleteEventBus",), "bus", "name"),
    GuardedCalls("delivery", "events", ("PutPermission", "RemovePermission"), "bus", "eventBusName"),
    GuardedCalls("delivery", "sns", ("DeleteTopic", "SetTopicAttributes"), "topic", "topicArn"),
    GuardedCalls("delivery", "sns", ("Unsubscribe",), "subscription", "subscriptionArn"),
    GuardedCalls(
        "delivery",
        "lambda",
        ("DeleteFunction", "PutFunctionConcurrency", "UpdateFunctionCode", "UpdateFunctionConfiguration"),
        "function",
        "functionName",
        versioned=True,
    ),
    GuardedCalls("delivery", "monitoring", ("DeleteAlarms",), "alarm", "alarmNames", prefix="cloudwatch"),
    GuardedCalls(
        "storage",
        "s3",
        ("DeleteBucket", "DeleteBucketPolicy", "PutBucketLifecycle", "PutBucketPolicy"),
        "bucket",
        "bucketName",
        actions=("DeleteBucket", "DeleteBucketPolicy", "PutLifecycleConfiguration", "PutBucketPolicy"),
    ),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html: recorded in the global region.
    GuardedCalls(
        "access",
        "iam",
        (
            "AttachRolePolicy",
            "CreateRole",
            "DeleteRole",
            "DeleteRolePermissionsBoundary",
            "DeleteRolePolicy",
            "DetachRolePolicy",
            "PutRolePermissionsBoundary",
            "PutRolePolicy",
            "UpdateAssumeRolePolicy",
        ),
        "role",
        "roleName",
        in_global_region=True,
    ),
    GuardedCalls(
        "access",
        "organizations",
        ("DeletePolicy", "DetachPolicy", "DisablePolicyType", "UpdatePolicy"),
        in_global_region=True,
    ),
)

GLOBAL_REGIONS: Mapping[str, str] = {
    "aws": "us-east-1",
    "aws-us-gov": "us-gov-west-1",
    "aws-cn": "cn-north-1",
    "aws-eusc": "eusc-de-east-1",
}
"""Partition -> where CloudTrail records calls of IAM and AWS Organizations:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events."""


def guarded(group: Group) -> Iterator[GuardedCalls]:
    """The calls of one group, in the list's order."""
    return (each for each in GUARDED if each.group == group)
