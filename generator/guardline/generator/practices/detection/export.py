"""The export of findings: one bucket and key in the home region, and a destination on every detector."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.generator.existing import detectors
from guardline.generator.hcl import hcl
from guardline.generator.log_destination import lock
from guardline.generator.markdown import markdown
from guardline.generator.root import Billed, Import, Part, Root
from guardline.spec.practices.detection import Export

_BUCKET = (
    Billed("Amazon S3", "exported findings kept", "GB-month stored", "https://aws.amazon.com/s3/pricing/"),
    Billed("AWS KMS", "the key of exported findings", "key-month", "https://aws.amazon.com/kms/pricing/"),
)


def part(root: Root) -> Part:
    """What the export adds to the root."""
    asked = root.spec.guardduty.export
    if asked is None:
        return Part()
    if asked.mode == "reference":
        where, owner = markdown(asked.arn or ""), markdown(asked.owner or "")
        return Part(
            assumed=(f"Findings go to {where}, an export that {owner} owns; nothing here makes or changes it.",)
        )
    if asked.mode == "off":
        return Part(assumed=(f"No export of findings is asked for: {markdown(asked.reason or '')}",))
    if asked.existing is not None:
        bucket, key = asked.existing.bucket_arn, asked.existing.kms_key_arn
        lets_in = f"{markdown(bucket)} and {markdown(key)} let GuardDuty of every covered region in, by their policies."
        return Part(
            region={"findings_bucket_arn": hcl(bucket), "findings_key_arn": hcl(key)},
            assumed=(lets_in,),
            imports=tuple(_imports(root)),
        )
    return Part(
        values={"arguments": _arguments(root, asked)},
        region={
            "findings_bucket_arn": "module.findings_bucket.arn",
            "findings_key_arn": "module.findings_bucket.kms_key_arn",
        },
        outputs={
            "findings_bucket": ("The bucket that findings are exported to.", "module.findings_bucket.arn"),
            "findings_key": ("The key that encrypts them.", "module.findings_bucket.kms_key_arn"),
        },
        absent=(f"the bucket {root.bucket_name(asked.bucket, 'findings')}",),
        billed=tuple(
            Billed(each.service, each.what, each.unit, each.link, (root.spec.home_region,)) for each in _BUCKET
        ),
        imports=tuple(_imports(root)),
    )


def _arguments(root: Root, asked: Export) -> dict[str, str]:
    opted_in = [region.name for region in root.regions if region.opt_in]
    arguments = {"region": hcl(root.spec.home_region)} if root.argument else {}
    arguments |= {
        "bucket_name": hcl(root.bucket_name(asked.bucket, "findings")),
        "partition": "local.partition",
        "account_id": "local.account_id",
        "regions": hcl([region.name for region in root.regions]),
    }
    if opted_in:
        arguments["opt_in_regions"] = hcl(opted_in)
    if asked.retention_days is not None:
        arguments["retention_days"] = hcl(asked.retention_days)
    if asked.object_lock is not None:
        arguments["object_lock"] = lock(asked.object_lock)
    trail = root.spec.trail
    if root.duty == "account" and trail.mode == "create" and trail.access_logs and trail.log_archive is None:
        arguments["access_logs"] = '{ bucket = module.trail.access_log_bucket, prefix = "findings/" }'
    return arguments


def _imports(root: Root) -> Iterator[Import]:
    """The destination that a detector has, wherever it leads: it is led here, for AWS allows one."""
    for region, detector in detectors(root):
        if detector.destinations:
            yield Import(
                root.in_region(region, "module.publishing_destination[0].aws_guardduty_publishing_destination.this"),
                root.import_id(f"{detector.id}:{detector.destinations[0].id}", region),
            )
