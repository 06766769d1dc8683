"""The CloudTrail trail, in a bucket of its own."""

from __future__ import annotations

from guardline.generator.root import Part, Root
from guardline.generator.text import markdown


def part(root: Root) -> Part:
    """What the trail adds to the root."""
    asked = root.spec.trail
    if asked.mode == "reference":
        arn, owner = markdown(asked.arn or ""), markdown(asked.owner or "")
        return Part(assumed=(f"The trail {arn} is owned by {owner}; nothing here makes or changes it.",))
    if asked.mode == "off":
        return Part(assumed=(f"No trail is asked for: {markdown(asked.reason or '')}",))
    return Part(
        values={"name": root.spec.name, "bucket": root.bucket_name(asked.bucket, "trail")},
        outputs={"trail_arn": ("The trail that records every region.", "module.trail.arn")},
        assumed=(
            (
                "The trail records management events and S3 object events of all buckets but its own. These events are "
                "billed; GuardDuty does not need them."
            ),
        ),
    )
