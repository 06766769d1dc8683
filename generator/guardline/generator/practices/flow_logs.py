"""VPC flow logs: one bucket in the home region, and a log on every VPC of every region."""

from __future__ import annotations

from guardline.generator.root import Part, Root
from guardline.generator.text import markdown


def part(root: Root) -> Part:
    """What flow logs add to the root."""
    asked = root.spec.flow_logs
    if asked.mode == "reference":
        where, owner = markdown(asked.arn or ""), markdown(asked.owner or "")
        return Part(assumed=(f"Flow logs go to {where}, owned by {owner}; nothing here makes or changes them.",))
    if asked.mode == "off":
        return Part(assumed=(f"No flow logs are asked for: {markdown(asked.reason or '')}",))
    return Part(
        values={"bucket": root.bucket_name(asked.bucket, "flow-logs")},
        region={"flow_logs": "local.flow_logs"},
        outputs={
            "flow_log_bucket": (
                "The bucket that receives the flow logs of every region.",
                "module.flow_log_bucket.name",
            )
        },
        assumed=(
            (
                "Flow logs are written for the VPCs that the account owns when Terraform plans; a VPC made later is "
                "logged by the next apply."
            ),
        ),
    )
