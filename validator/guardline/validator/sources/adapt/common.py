"""What the adapters share: blocks by type, a thing's names, defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypedDict, TypeVar

from msgspec.structs import replace

from guardline.validator.model.resource import NOWHERE, Location, Origin
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.semantics.finding_samples import partition
from guardline.validator.sources.blocks import OUTLINE, Block, Wanted
from guardline.validator.sources.tree import Hidden, Tree

T = TypeVar("T")

KEYS = ("aws_kms_key", "aws_kms_replica_key", "aws_kms_external_key", "aws_kms_replica_external_key")
KEY = Wanted(frozenset(KEYS), attributes=frozenset({"key_id", "id", "arn"}))
KEY_OR_ALIAS = Wanted(
    KEY.types | {"aws_kms_alias"},
    # An alias's `target_key_id` is the key's own; it leads on to the key.
    attributes=KEY.attributes | {"name", "target_key_arn"},
)
"""What may stand where a key is named."""


class ByType:
    """Blocks by resource type, each type in the source's order. `leaving` are ids of what the change deletes."""

    def __init__(self, of: Callable[[str], Iterable[Block]], leaving: frozenset[str] = frozenset()) -> None:
        self._of = of
        self.leaving = leaving

    def managed(self, *types: str) -> Iterator[Block]:
        """The resources of some types."""
        return (block for kind in types for block in self._of(kind) if block.mode == "managed")

    def outlines(self, *types: str) -> Iterator[Block]:
        """What stands for all instances of resources whose number is unknown."""
        return (block for kind in types for block in self._of(kind) if block.mode == OUTLINE)

    def data(self, *types: str) -> Iterator[Block]:
        """The data sources of some types."""
        return (block for kind in types for block in self._of(kind) if block.mode == "data")

    def both(self, *types: str) -> Iterator[Block]:
        """The resources of some types, and what data sources see beside them: never one thing twice, and nothing
        that is about to be deleted."""
        seen = set(self.leaving)
        for block in self.managed(*types):
            seen.update(filter(None, [_id(block)]))
            yield block
        for block in self.data(*types):
            identity = _id(block)
            if identity is None or identity not in seen:
                seen.update(filter(None, [identity]))
                yield block


def _id(block: Block) -> str | None:
    return block.tree.text("id").known_or(None)


class Common(TypedDict):
    """The fields that every thing has."""

    location: Location
    origin: Origin
    names: frozenset[str]
    managed: bool


def common(block: Block, *naming: str) -> Common:
    """The fields that every thing has, from a block.

    Args:
        block: the resource or data source.
        naming: attributes that name it, besides its id and ARN.
    """
    return Common(
        location=block.location, origin=block.origin, names=_names(block, naming), managed=block.mode == "managed"
    )


def regionless(block: Block, *naming: str) -> Common:
    """The same of what stands in no region, such as a resource of IAM."""
    shared = common(block, *naming)
    shared["location"] = replace(block.location, region=NOWHERE)
    return shared


def _names(block: Block, naming: tuple[str, ...]) -> frozenset[str]:
    """The address, the id and the ARN of a block, and further naming attributes, as far as they are known."""
    found = {f"{block.root}{block.address}" if block.root else block.address}
    for attribute in ("id", "arn", *naming):
        value = block.tree.text(attribute).known_or(None)
        if value and not isinstance(value, Hidden):
            found.add(value)
    found.update(_expected_names(block))
    return frozenset(found)


# The ARNs that follow from a name: people write them out, as the policies of AWS's examples do.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
REGIONAL_ARNS: Mapping[str, tuple[str, str, str]] = {
    "aws_sns_topic": ("sns", "", "name"),
    "aws_sqs_queue": ("sqs", "", "name"),
    "aws_lambda_function": ("lambda", "function:", "function_name"),
    "aws_cloudwatch_event_bus": ("events", "event-bus/", "name"),
    "aws_kms_alias": ("kms", "", "name"),
    "aws_cloudtrail": ("cloudtrail", "trail/", "name"),
    "aws_cloudwatch_log_group": ("logs", "log-group:", "name"),
}
_GLOBAL_ARNS = {
    "aws_iam_role": "role",
    "aws_iam_user": "user",
    "aws_iam_group": "group",
    "aws_iam_policy": "policy",
}


def _expected_names(block: Block) -> Iterator[str]:
    """The ARN (and a queue's URL) that a resource has, or will have, where its name, account and region are known."""
    if block.type not in REGIONAL_ARNS and block.type not in _GLOBAL_ARNS:
        return
    account, region = block.location.account.id, block.location.region.known_or(None)
    service, kind, attribute = REGIONAL_ARNS.get(block.type, ("iam", "", "name"))
    name = block.tree.text(attribute).known_or(None)
    if account is None or region is None or not name or isinstance(name, Hidden):
        return
    head = f"arn:{partition(region)}:{service}"
    if service == "iam":
        path = block.tree.text("path")
        if path.is_known:
            yield f"{head}::{account}:{_GLOBAL_ARNS[block.type]}{path.get() or '/'}{name}"
        return
    yield f"{head}:{region}:{account}:{kind}{name}"
    if service == "sqs":
        domain = "amazonaws.com.cn" if partition(region) == "aws-cn" else "amazonaws.com"
        yield f"https://sqs.{region}.{domain}/{account}/{name}"


def default(value: Value[T | None], otherwise: T) -> Value[T]:
    """The provider's default where the configuration is silent; an unknown stays unknown."""
    return value.map(lambda found: otherwise if found is None else found)


def is_given(tree: Tree, *path: str | int) -> Value[bool]:
    """Whether an attribute is set; a value that is known only after apply is set, for null would be known."""
    return known(True) if tree.at(*path).is_pending else tree.text(*path).map(bool)


def filled(tree: Tree, value: Value[T | None], otherwise: T) -> Value[T]:
    """The provider's own default where the configuration is silent. A source that writes every attribute down (a plan,
    a state) holds that default already, so that a null in it tells nothing.

    Args:
        tree: where the value was read.
        value: as it was read.
        otherwise: the default of the provider's schema.
    """
    if tree.gap and value.is_known and value.get() is None:
        return unknown(f"{tree.path or 'it'} has an attribute without the value that the provider gives it")
    return default(value, otherwise)
