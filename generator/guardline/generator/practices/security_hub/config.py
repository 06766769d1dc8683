"""AWS Config in every region, and the bucket that it delivers to."""

from __future__ import annotations

from collections.abc import Iterator

from guardline.generator.existing import regional
from guardline.generator.hcl import hcl
from guardline.generator.markdown import markdown
from guardline.generator.root import Billed, Import, Part, Root
from guardline.spec.practices.security_hub.config import Config


def part(root: Root) -> Part:
    """What AWS Config adds to the root.

    Raises:
        InventoryError: an inventory cannot be read.
    """
    asked = root.spec.config
    if asked is None:
        return Part()
    if asked.mode == "reference":
        return Part(assumed=(f"AWS Config is {markdown(asked.owner or '')}'s; nothing here makes or changes it.",))
    if asked.mode == "off":
        return Part(assumed=(f"No AWS Config is asked for: {markdown(asked.reason or '')}",))
    name = asked.recorder_name or root.spec.name
    bucket = root.bucket_name(asked.bucket, "config")
    return Part(
        values={
            "name": name,
            "frequency": asked.frequency.upper(),
            "arguments": _arguments(root, asked, bucket),
        },
        region={"config": "local.config"},
        outputs={"config_bucket": ("The bucket that receives what AWS Config records.", "module.config_bucket.name")},
        assumed=_assumed(asked),
        absent=tuple(_absent(root, asked, bucket)),
        billed=(
            Billed("AWS Config", "what is recorded", "configuration item", "https://aws.amazon.com/config/pricing/"),
            Billed(
                "Amazon S3",
                "what AWS Config recorded",
                "GB-month stored, requests",
                "https://aws.amazon.com/s3/pricing/",
                (root.spec.home_region,),
            ),
        ),
        imports=tuple(_imports(root, name)),
    )


def _arguments(root: Root, asked: Config, bucket: str) -> dict[str, str]:
    arguments = {"region": hcl(root.spec.home_region)} if root.argument else {}
    arguments |= {
        "partition": "local.partition",
        "account_id": "local.account_id",
        "name": hcl(bucket),
        "retention_days": hcl(asked.retention_days),
    }
    if asked.service_linked_role == "exists":
        arguments["create_service_linked_role"] = "false"
    return arguments


def _assumed(asked: Config) -> tuple[str, ...]:
    if asked.service_linked_role == "exists":
        return ("The account has the role AWSServiceRoleForConfig, which AWS Config reads in.",)
    return ()


def _imports(root: Root, name: str) -> Iterator[Import]:
    """The recorders and channels that are there; the spec's check has seen to it that they bear this name."""
    for region, there in regional(root).items():
        found = there.recorder
        if found is None:
            continue
        path = "module.config[0].aws_config_{}.this"
        kinds = ["configuration_recorder", "configuration_recorder_status"]
        for kind in [*kinds, "delivery_channel"] if found.channel is not None else kinds:
            yield Import(root.in_region(region, path.format(kind)), root.import_id(name, region))


def _absent(root: Root, asked: Config, bucket: str) -> Iterator[str]:
    found = regional(root)
    without = [name for name, there in found.items() if there.recorder is None]
    if len(without) == len(found):
        yield "a recorder of AWS Config in any covered region"
    elif without:
        yield f"a recorder of AWS Config in {', '.join(without)}"
    yield f"the bucket {bucket}"
    if asked.service_linked_role == "create":
        yield "the role AWSServiceRoleForConfig (else say config.service_linked_role exists)"
