"""VPCs made after Terraform planned raise an alert: such a VPC has no logs until the next apply."""

from __future__ import annotations

from collections.abc import Mapping

from guardline.generator.alert_rules import AlertRule
from guardline.generator.root import Root

# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
_CALL = "AWS API Call via CloudTrail"


def alert_rules(root: Root) -> Mapping[str, AlertRule]:
    """The calls that raise an alert, by the end of a rule's name. EventBridge receives them while a trail logs."""
    flows, queries = root.spec.flow_logs, root.spec.dns_logs
    logs = ["flow logs"] if flows.mode == "create" else []
    logs += ["DNS query logs"] if queries is not None and queries.mode == "create" else []
    if not logs:
        return {}
    return {
        "new-vpc": AlertRule(
            description="A VPC was made, and has no logs yet",
            pattern={
                "source": ["aws.ec2"],
                "detail-type": [_CALL],
                "detail": {
                    "eventSource": ["ec2.amazonaws.com"],
                    "eventName": ["CreateVpc", "CreateDefaultVpc"],
                    "errorCode": [{"exists": False}],
                },
            },
            paths={
                "account": "$.account",
                "event": "$.id",
                "region": "$.detail.awsRegion",
                "vpc": "$.detail.responseElements.vpc.vpcId",
                "who": "$.detail.userIdentity.arn",
            },
            title="A VPC without logs: <vpc> in <region>, account <account>",
            lines=(f"<who> made it. It has no {' and no '.join(logs)} until Terraform is applied again.",),
            steps=("Find out whether the VPC is meant to be there.", "Apply Terraform again, so that it has logs."),
            severity="low",
        )
    }
