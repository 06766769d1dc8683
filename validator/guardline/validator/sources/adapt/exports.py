"""GuardDuty: export of findings, and filters.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/guardduty_publishing_destination,
resources/guardduty_filter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.model.guardduty import UNSET, Criterion, FindingFilter, PublishingDestination
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.adapt.common import KEY_OR_ALIAS, ByType, common, default
from guardline.validator.sources.adapt.guardduty import DETECTOR
from guardline.validator.sources.adapt.s3 import BUCKET, bucket_of
from guardline.validator.sources.blocks import Block
from guardline.validator.sources.tree import Tree

MAKES: Mapping[str, type[Resource]] = {
    "aws_guardduty_publishing_destination": PublishingDestination,
    "aws_guardduty_filter": FindingFilter,
}
_BOUNDS = ("greater_than", "greater_than_or_equal", "less_than", "less_than_or_equal")


def publishing_destinations(by_type: ByType) -> Iterator[PublishingDestination]:
    """Destinations that findings are exported to."""
    for block in by_type.managed("aws_guardduty_publishing_destination"):
        tree, shared, bucket = block.tree, common(block), _bucket(block)
        if bucket.is_known:
            shared["origin"] = block.origin.following(bucket.get().chain)
        yield PublishingDestination(
            **shared,
            detector=block.link("detector_id", wanted=DETECTOR),
            kind=default(tree.text("destination_type"), "S3"),
            bucket=bucket,
            keyed=known(True) if tree.at("kms_key_arn").is_pending else tree.text("kms_key_arn").map(bool),
            key=block.link("kms_key_arn", wanted=KEY_OR_ALIAS),
        )


def _bucket(block: Block) -> Value[Ref]:
    """The bucket of `destination_arn`, which may end in a prefix."""
    text = block.tree.text("destination_arn").known_or(None)
    return bucket_of(text) if text else block.link("destination_arn", wanted=BUCKET)


def filters(by_type: ByType) -> Iterator[FindingFilter]:
    """Saved filters, suppression rules among them."""
    for block in by_type.managed("aws_guardduty_filter"):
        tree = block.tree
        yield FindingFilter(
            **common(block),
            detector=block.link("detector_id", wanted=DETECTOR),
            name=default(tree.text("name"), ""),
            action=default(tree.text("action"), ""),
            rank=tree.number("rank"),
            description=default(tree.text("description"), ""),
            criteria=_criteria(tree),
        )


def _criteria(tree: Tree) -> Value[tuple[Criterion, ...]]:
    blocks = tree.blocks("finding_criteria")
    if not blocks.is_known:
        return unknown(blocks.reason or "")
    found: list[Criterion] = []
    for block in blocks.get():
        criteria = block.blocks("criterion")
        if not criteria.is_known:
            return unknown(criteria.reason or "")
        found.extend(map(_criterion, criteria.get()))
    return known(tuple(found))


def _criterion(tree: Tree) -> Criterion:
    bounds = {name: default(tree.text(name), "") for name in _BOUNDS}
    return Criterion(
        path=default(tree.text("field"), ""),
        equals=tree.texts("equals"),
        not_equals=tree.texts("not_equals"),
        bounds={name: value for name, value in bounds.items() if value.known_or("?") != ""},
        # Arguments since AWS provider 6.28: a plan of an older one has no such attributes.
        matches=tree.texts("matches") if tree.at("matches").is_set else UNSET,
        not_matches=tree.texts("not_matches") if tree.at("not_matches").is_set else UNSET,
    )
