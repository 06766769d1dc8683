"""What a finding triggers: an alert to people, and a function that responds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from guardline.generator.alert_rules import gathers, hops, resource_name
from guardline.generator.markdown import markdown
from guardline.generator.root import Billed, Part, Root
from guardline.spec.playbooks import ACTIONS, by_family, least, playbooks
from guardline.spec.practices.response import Remediate

_PRICING = "https://aws.amazon.com"
ANSWERS = ("account", "security")
"""Where findings are answered: GuardDuty's administrator sees those of all its members."""


def part(root: Root) -> Part:
    """What the response adds to the root: the function, and the role in which it acts. The alerts are another part."""
    asked = root.spec.response
    if asked is None:
        return Part()
    if asked.mode == "reference":
        return Part(assumed=(f"Findings are answered by {markdown(asked.owner or '')}.",))
    if asked.mode == "off":
        return Part(assumed=(f"Nobody is asked to answer findings: {markdown(asked.reason or '')}",))
    if asked.remediate is None:
        return Part()
    across = gathers(root)
    function = root.duty in ANSWERS
    acting = asked.remediate.does != "notify"
    if not function and not acting:
        return Part()
    once = (root.spec.home_region,) if across else None
    return Part(
        values={
            "name": resource_name(root),
            "function": function,
            "across": across,
            "hops": hops(root),
            "acting": acting,
            "acting_role": _acting_role(root),
            "function_role_arns": _function_role_arns(root),
            "mode": asked.remediate.does,
            "actions": [name for name in ACTIONS if name in asked.remediate.actions],
            "playbooks": _playbooks(asked.remediate),
            "never": sorted({*asked.remediate.never, *_deploying(root)}),
            "opt_out_tags": list(asked.remediate.opt_out_tags),
            "opt_in_tags": list(asked.remediate.opt_in_tags),
            "rate_limit": asked.remediate.rate_limit,
            "concurrency": asked.remediate.concurrency,
            "pattern": findings(least(asked.remediate)),
        },
        region={"response": "local.response"} if function and not across else {},
        assumed=_assumed(root, asked.remediate) if function else (),
        absent=(
            *((f"the function {resource_name(root)}-response",) if function else ()),
            *((f"the role {_acting_role(root)}",) if acting else ()),
        ),
        renames=((root.in_region(root.spec.home_region, "module.response[0]"), "module.response"),)
        if function and asked.fan_in and root.spec.partition != "aws"
        else (),
        billed=(
            Billed("AWS Lambda", "findings answered", "request, GB-second", f"{_PRICING}/lambda/pricing/", once),
            Billed("Amazon CloudWatch", "the function's log", "GB", f"{_PRICING}/cloudwatch/pricing/", once),
            Billed("Amazon DynamoDB", "the function's records", "request, GB", f"{_PRICING}/dynamodb/pricing/", once),
            Billed("AWS KMS", "the function's key", "key and month, requests", f"{_PRICING}/kms/pricing/", once),
        )
        if function
        else (),
    )


def _acting_role(root: Root) -> str:
    """The name of the role that acts, the same in every account."""
    return f"{resource_name(root)}-response-acting"


def _function_role_arns(root: Root) -> list[str]:
    """The roles of the functions, in the account that administers GuardDuty: one for each region that has its own."""
    organization = root.spec.organization
    account = root.account_id if organization is None else organization.admin_account
    ends = [""] if gathers(root) else [f"-{region.name}" for region in root.regions]
    name = f"arn:{root.spec.partition}:iam::{account}:role/{resource_name(root)}-response"
    return [f"{name}{end}" for end in ends]


def _playbooks(asked: Remediate) -> list[dict[str, Any]]:
    return [
        {"types": list(each.types), "actions": list(each.actions), "min_severity": each.min_severity}
        for each in playbooks(asked)
    ]


def _deploying(root: Root) -> Iterator[str]:
    """The roles that deploy: without them nobody could repair what an action broke."""
    provider, organization = root.spec.terraform.provider, root.spec.organization
    if provider.assume_role is not None:
        yield f"role/{provider.assume_role.role_arn.rpartition('/')[2]}"
    if organization is not None and organization.deploy_role is not None:
        yield f"role/{organization.deploy_role}"


def _assumed(root: Root, asked: Remediate) -> tuple[str, ...]:
    families = by_family(asked)
    answered = [f"{family} ({', '.join(actions)})" for family, actions in families.items() if actions]
    unanswered = [family for family, actions in families.items() if not actions]
    does = {
        "act": "The function acts on findings",
        "dry-run": "The function is in dry-run and changes nothing; it says what it would do about findings",
    }.get(asked.does)
    lines = [_concurrency(root, asked.concurrency)]
    if does is not None and answered:
        lines.append(f"{does} of {', '.join(answered)}; people alone decide about {', '.join(unanswered)}.")
    return tuple(lines)


def _concurrency(root: Root, asked: int) -> str:
    where = root.spec.home_region if gathers(root) else "each region"
    return (
        f"The account may run {100 + asked} functions at once in {where}, or more: AWS leaves 100 to other functions."
    )


def findings(least: float, below: float | None = None) -> dict[str, Any]:
    """The pattern of GuardDuty's findings from a severity up.

    Args:
        least: the severity.
        below: where there is one, only those less severe than this.

    Source: https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_findings_eventbridge.html
    """
    bounds: list[Any] = [">=", least] if below is None else [">=", least, "<", below]
    return {
        "source": ["aws.guardduty"],
        "detail-type": ["GuardDuty Finding"],
        "detail": {"severity": [{"numeric": bounds}]},
    }
