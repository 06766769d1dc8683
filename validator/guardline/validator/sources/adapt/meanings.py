"""What the marks in a text stand for: names of buckets, the account and region of whoever runs Terraform.

`data.aws_caller_identity` is by definition the account that its provider works in, whether or not its id is known.
Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/caller_identity
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from guardline.spec import catalogue
from guardline.validator.model.resource import Ref
from guardline.validator.model.value import Value, known
from guardline.validator.semantics.place_texts import ORGANIZATION, PARTITION, account_text, region_text
from guardline.validator.semantics.unknown_parts import SOMETHING, filled, mark
from guardline.validator.sources.adapt.common import REGIONAL_ARNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from guardline.validator.sources.adapt.common import ByType
    from guardline.validator.sources.blocks import Block, Wanted

TYPES = frozenset(
    {
        "aws_caller_identity",
        "aws_cloudtrail",
        "aws_cloudwatch_event_bus",
        "aws_lambda_function",
        "aws_organizations_organization",
        "aws_partition",
        "aws_region",
        "aws_s3_bucket",
        "aws_sns_topic",
        "aws_sqs_queue",
    }
)
"""The resource types whose attributes have a meaning here."""


class Meanings:
    """What marks stand for in one source."""

    def __init__(self, by_type: ByType) -> None:
        self._by_type = by_type

    @cached_property
    def _found(self) -> Mapping[str, Block]:
        blocks = (block for kind in TYPES for block in (*self._by_type.managed(kind), *self._by_type.data(kind)))
        return {f"{block.root}{block.address}": block for block in blocks}

    def fill(self, text: str, root: str) -> str:
        """The text with the marks replaced by what they stand for, or by one mark for each meaning. One that stands for
        nothing here says whose it is: of several roots, each may have a resource of that address."""

        def answer(name: str, attribute: str) -> str:
            block = self._found.get(f"{root}{name}")
            meaning = None if block is None else self._meaning(block, attribute)
            return mark(f"{root}{name}", attribute) if meaning is None else meaning

        return filled(text, answer)

    def link(self, block: Block, *path: str | int, wanted: Wanted) -> Value[Ref]:
        """The resource that an attribute names: by reference, else by a name that is written in the same way."""
        found = block.link(*path, wanted=wanted)
        draft = None if found.is_known else block.draft(*path)
        name = SOMETHING if draft is None else self.fill(draft, block.root)
        return found if SOMETHING in name else known(Ref(id=name), found.at)

    def bucket(self, block: Block) -> str:
        """A bucket's name, with marks for what is unknown in it."""
        name = block.tree.text("bucket")
        if name.is_known and (known := name.get()):
            return known
        draft = block.draft("bucket")
        return mark(f"{block.root}{block.address}", "bucket") if draft is None else self.fill(draft, block.root)

    def _meaning(self, block: Block, attribute: str) -> str | None:
        match block.type, attribute:
            case "aws_caller_identity", "account_id" | "id":
                return account_text(block.location.account)
            case "aws_region", "name" | "region" | "id":
                return _region(block)
            case "aws_partition", "partition" | "id":
                return _partition(block)
            case "aws_s3_bucket", "arn":
                return f"arn:{_partition(block)}:s3:::{self.bucket(block)}"
            case "aws_s3_bucket", "id" | "bucket":
                return self.bucket(block)
            case kind, "arn" if kind in REGIONAL_ARNS:
                return _arn(block)
            case "aws_organizations_organization", "id":
                return ORGANIZATION
            case _:
                return None


def _arn(block: Block) -> str | None:
    """The ARN that follows from a resource's name; None where the name is unknown."""
    service, kind, attribute = REGIONAL_ARNS[block.type]
    name = block.tree.text(attribute).known_or(None)
    place = f"{region_text(block.location.region)}:{account_text(block.location.account)}"
    return f"arn:{_partition(block)}:{service}:{place}:{kind}{name}" if name else None


def _region(block: Block) -> str | None:
    """The region that the data source names, else its provider's.

    Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/region
    """
    if block.is_configured("endpoint"):
        return None
    named = block.tree.text("name") if block.is_configured("name") else known(None)
    if not named.is_known or named.get():
        return named.known_or(None)
    return region_text(block.location.region)


def _partition(block: Block) -> str:
    found = catalogue.region(block.location.region.known_or("") or "")
    return found.partition if found is not None else PARTITION
