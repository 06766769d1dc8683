"""CloudTrail: trails and their event selectors.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudtrail
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from msgspec.structs import replace

from guardline.validator.model.cloudtrail import EventSelector, FieldSelector, Trail
from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Leaf, UnknownValue, Value, known, unknown
from guardline.validator.semantics.unknown_parts import SOMETHING, mark
from guardline.validator.sources.adapt.common import KEY_OR_ALIAS, ByType, common, default, filled, is_given
from guardline.validator.sources.adapt.meanings import Meanings
from guardline.validator.sources.adapt.s3 import BUCKET
from guardline.validator.sources.blocks import Block, Wanted
from guardline.validator.sources.tree import Tree

T = TypeVar("T")

_BUCKET_ARN = Wanted(frozenset({"aws_s3_bucket"}), attributes=frozenset({"arn"}))

MAKES: Mapping[str, type[Resource]] = {"aws_cloudtrail": Trail}


def trails(by_type: ByType) -> Iterator[Trail]:
    """Trails."""
    meanings = Meanings(by_type)
    for block in by_type.managed("aws_cloudtrail"):
        tree = block.tree
        yield Trail(
            **common(block, "name"),
            name=default(tree.text("name"), ""),
            logging=filled(tree, tree.flag("enable_logging"), True),
            multi_region=_at(block, default(tree.flag("is_multi_region_trail"), False)),
            global_events=filled(tree, tree.flag("include_global_service_events"), True),
            organization=default(tree.flag("is_organization_trail"), False),
            validation=_at(block, default(tree.flag("enable_log_file_validation"), False)),
            encrypted=_at(block, is_given(tree, "kms_key_id")),
            bucket=meanings.link(block, "s3_bucket_name", wanted=BUCKET),
            prefix=_prefix(block, meanings),
            key=block.link("kms_key_id", wanted=KEY_OR_ALIAS) if tree.at("kms_key_id").is_set else None,
            insights=tree.blocks("insight_selector").map(_insights),
            group=_group(block),
            selectors=_each(tree.blocks("event_selector"), _Reader(block, meanings).basic),
            advanced=_each(tree.blocks("advanced_event_selector"), _Reader(block, meanings).advanced),
            sure_selectors=_surely(tree.blocks("event_selector"), _Reader(block, meanings).basic_at_least),
            sure_advanced=_surely(tree.blocks("advanced_event_selector"), _Reader(block, meanings).advanced),
        )


_GROUP = Wanted(frozenset({"aws_cloudwatch_log_group"}), attributes=frozenset({"arn"}))


def _insights(selectors: tuple[Tree, ...]) -> tuple[str, ...]:
    return tuple(selector.text("insight_type").get() or "" for selector in selectors)


def _group(block: Block) -> Value[Ref] | None:
    """The log group that has a copy; CloudTrail wants its ARN with ``:*`` at the end."""
    if not block.tree.at("cloud_watch_logs_group_arn").is_set:
        return None
    found = block.link("cloud_watch_logs_group_arn", wanted=_GROUP)
    return found.map(lambda ref: replace(ref, id=ref.id.removesuffix(":*")) if ref.id else ref)


def _at(block: Block, value: Value[bool]) -> Value[bool]:
    """The value, at the trail itself where the source does not write it: there it is missing."""
    origin = block.origin
    if value.at is not None or origin.file is None or origin.line is None:
        return value
    return value.placed(Leaf((origin.address, origin.file, origin.line), origin.file, origin.line))


def _prefix(block: Block, meanings: Meanings) -> Value[str]:
    prefix = default(block.tree.text("s3_key_prefix"), "")
    draft = None if prefix.is_known else block.draft("s3_key_prefix")
    return prefix if draft is None else known(meanings.fill(draft, block.root), prefix.at)


def _each(blocks: Value[tuple[Tree, ...]], read: Callable[[Tree], T]) -> Value[tuple[T, ...]]:
    """Read every block; one that is unknown in part makes the whole unknown, with its reason."""
    if not blocks.is_known:
        return unknown(blocks.reason or "", blocks.at)
    try:
        return known(tuple(read(block) for block in blocks.get()), blocks.at)
    except UnknownValue as unknown_value:
        return unknown(unknown_value.reason, blocks.at)


def _surely(blocks: Value[tuple[Tree, ...]], read: Callable[[Tree], T]) -> tuple[T, ...]:
    """Those blocks that are known whole."""
    return tuple(found for block in blocks.known_or(()) if (found := _known_whole(read, block)) is not None)


def _known_whole(read: Callable[[Tree], T], block: Tree) -> T | None:
    try:
        return read(block)
    except UnknownValue:
        return None


class _Reader:
    """Reads the selectors of one trail. The ARNs in them may hold marks of unknown parts, and nothing else may."""

    def __init__(self, block: Block, meanings: Meanings) -> None:
        self.block = block
        self.meanings = meanings

    def basic(self, tree: Tree) -> EventSelector:
        """A basic selector."""
        return _selector(tree, tuple(map(self._data, tree.blocks("data_resource").get())))

    def basic_at_least(self, tree: Tree) -> EventSelector:
        """The same without the data resources that are unknown, which only add to it."""
        return _selector(tree, _surely(tree.blocks("data_resource"), self._data))

    def _data(self, resource: Tree) -> tuple[str, tuple[str, ...]]:
        return resource.text("type").get() or "", self._arns(resource, "values")

    def _arns(self, tree: Tree, name: str) -> tuple[str, ...]:
        values, place = tree.texts(name), tree.at(name)
        if values.is_known:
            return values.get()
        count = max(len(each) for each in (place.after, place.mark, ()) if isinstance(each, list | tuple))
        return tuple(self._arn(place.at(index)) for index in range(count)) or (SOMETHING,)

    def _arn(self, place: Tree) -> str:
        """An ARN, or as much of it as is known: of one that is made of a bucket's ARN, that it begins so."""
        text = place.text()
        if text.is_known:
            return text.get() or ""
        draft = self.block.draft(*place.keys)
        if draft is not None:
            return self.meanings.fill(draft, self.block.root)
        bucket = self.block.link(*place.keys, wanted=_BUCKET_ARN)
        if not bucket.is_known or bucket.get().address is None:
            return SOMETHING
        return f"{self.meanings.fill(mark(bucket.get().address or '', 'arn'), '')}{SOMETHING}"

    def advanced(self, tree: Tree) -> tuple[FieldSelector, ...]:
        """An advanced selector."""
        return tuple(map(self._field, tree.blocks("field_selector").get()))

    def _field(self, tree: Tree) -> FieldSelector:
        field = tree.text("field").get() or ""
        values = {
            name: self._arns(tree, name) if field == "resources.ARN" else tree.texts(name).get() for name in _OPERATORS
        }
        return FieldSelector(field=field, **values)


_OPERATORS = ("equals", "not_equals", "starts_with", "not_starts_with", "ends_with", "not_ends_with")


def _selector(tree: Tree, resources: tuple[tuple[str, tuple[str, ...]], ...]) -> EventSelector:
    data: dict[str, tuple[str, ...]] = {}
    for kind, prefixes in resources:
        data[kind] = (*data.get(kind, ()), *prefixes)
    return EventSelector(
        read_write=filled(tree, tree.text("read_write_type"), "All").get(),
        management=filled(tree, tree.flag("include_management_events"), True).get(),
        excluded_sources=tree.texts("exclude_management_event_sources").get(),
        data=data,
    )
