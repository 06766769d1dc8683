"""What a finding triggers: an alert to people, and a function that responds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from guardline.generator.alert_rules import AlertRule, crosses_regions, resource_name
from guardline.generator.markdown import markdown
from guardline.generator.root import Billed, Part, Root

_PRICING = "https://aws.amazon.com"
# https://docs.aws.amazon.com/general/latest/gr/aws-arns-and-namespaces.html, "Sign-in" of each partition's guide.
_CONSOLES = {
    "aws": "https://<region>.console.aws.amazon.com",
    "aws-us-gov": "https://console.amazonaws-us-gov.com",
    "aws-cn": "https://console.amazonaws.cn",
}


def part(root: Root) -> Part:
    """What the response adds to the root: the function. The alerts are a part of their own."""
    asked = root.spec.response
    if asked is None:
        return Part()
    if asked.mode == "reference":
        return Part(assumed=(f"Findings are answered by {markdown(asked.owner or '')}.",))
    if asked.mode == "off":
        return Part(assumed=(f"Nobody is asked to answer findings: {markdown(asked.reason or '')}",))
    if asked.remediate is None:
        return Part()
    across = crosses_regions(root)
    once = (root.spec.home_region,) if across else None
    return Part(
        values={
            "name": resource_name(root),
            "across": across,
            "actions": ["notify"],
            "concurrency": asked.remediate.concurrency,
            "pattern": findings(asked.remediate.min_severity),
        },
        region={} if across else {"response": "local.response"},
        assumed=(_concurrency(root, asked.remediate.concurrency),),
        absent=(f"the function {resource_name(root)}-response",),
        billed=(
            Billed("AWS Lambda", "findings answered", "request, GB-second", f"{_PRICING}/lambda/pricing/", once),
            Billed("Amazon CloudWatch", "the function's log", "GB", f"{_PRICING}/cloudwatch/pricing/", once),
            Billed("AWS KMS", "the function's key", "key and month, requests", f"{_PRICING}/kms/pricing/", once),
        ),
    )


def _concurrency(root: Root, asked: int) -> str:
    where = root.spec.home_region if crosses_regions(root) else "each region"
    return (
        f"The account may run {100 + asked} functions at once in {where}, or more: AWS leaves 100 to other functions."
    )


def alert_rules(root: Root) -> Mapping[str, AlertRule]:
    """The findings that raise an alert, by the end of the rule's name."""
    asked = root.spec.response
    if asked is None or asked.mode != "create" or asked.alerts is None:
        return {}
    console = _CONSOLES.get(root.spec.partition)
    link = f" {console}/guardduty/home?region=<region>#/findings?search=id%3D<id>" if console is not None else ""
    return {
        "findings": AlertRule(
            description=f"GuardDuty's findings from severity {asked.alerts.min_severity} up",
            pattern=findings(asked.alerts.min_severity),
            paths={
                "id": "$.detail.id",
                "type": "$.detail.type",
                "severity": "$.detail.severity",
                "account": "$.detail.accountId",
                "region": "$.detail.region",
                "resource": "$.detail.resource.resourceType",
                "count": "$.detail.service.count",
                "last": "$.detail.service.eventLastSeen",
            },
            message="GuardDuty, severity <severity>: <type>, <resource>, account <account>, <region>. Seen <count> "
            f"times, last at <last>. Finding <id>.{link}",
        )
    }


def findings(least: int) -> dict[str, Any]:
    """The pattern of GuardDuty's findings from a severity up.

    Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
    """
    return {
        "source": ["aws.guardduty"],
        "detail-type": ["GuardDuty Finding"],
        "detail": {"severity": [{"numeric": [">=", least]}]},
    }
