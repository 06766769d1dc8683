"""What HCL, plan and state share: one resource instance as a `Block`, ready for `adapt`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import msgspec

from guardline.validator.model.resource import Account, Location, Origin, Ref
from guardline.validator.model.value import Value
from guardline.validator.sources.tree import Tree

OUTLINE = "outline"
"""The mode of a block that stands for all instances of a resource whose number or keys are unknown: it holds what is
the same for each of them, and does not show that any is there."""


class Wanted(msgspec.Struct, frozen=True):
    """What a reference should lead to.

    Attributes:
        types: resource types that are the target itself (managed or data).
        prefix: how an id of the target begins, e.g. ``vpc-`` or ``arn:``; "" accepts any text.
        attributes: attributes of the target that name it; empty means id and arn.
    """

    types: frozenset[str]
    prefix: str = ""
    attributes: frozenset[str] = frozenset({"id", "arn"})


class Links(Protocol):
    """How a source answers where an attribute of a block leads."""

    def link(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> Value[Ref]:
        """The thing that the attribute names; unknown when it may be several."""
        ...

    def among(self, block: Block, path: tuple[str | int, ...], wanted: Wanted) -> frozenset[str] | None:
        """The names of all the things that an attribute of unknown value may lead to; None where that is unknown."""
        ...

    def draft(self, block: Block, path: tuple[str | int, ...]) -> str | None:
        """A text of which only parts are unknown, with marks for these (`unknown_parts`); None where there is none."""
        ...

    def is_configured(self, block: Block, path: tuple[str | int, ...]) -> bool:
        """Whether the configuration gives the attribute (and not AWS or the provider's default)."""
        ...


class Block(msgspec.Struct, frozen=True):
    """A resource or data source instance.

    Attributes:
        address: with module keys and instance key.
        module_address: the module instance it stands in; "" for the root.
        mode: ``managed`` or ``data``; `OUTLINE` for what stands for all instances of a resource.
        tree: its values.
        location: account and region.
        origin: address, file and line.
        new: the change creates it.
        root: what tells this root's addresses from another's, where several roots are read; else "".
        links: where its attributes lead.
    """

    address: str
    module_address: str
    mode: str
    type: str
    name: str
    key: str | int | None
    tree: Tree
    location: Location
    origin: Origin
    new: bool
    root: str
    links: Links

    def link(self, *path: str | int, wanted: Wanted) -> Value[Ref]:
        """The thing that an attribute names. A known value is an id; an unknown one is followed by reference."""
        return self.links.link(self, path, wanted)

    def among(self, *path: str | int, wanted: Wanted) -> frozenset[str] | None:
        """The names of all the things that an attribute of unknown value may lead to; None where that is unknown."""
        return self.links.among(self, path, wanted)

    def draft(self, *path: str | int) -> str | None:
        """A text of which only parts are unknown, with marks for these (`unknown_parts`); None where there is none."""
        return self.links.draft(self, path)

    def is_configured(self, *path: str | int) -> bool:
        """Whether the configuration gives the attribute."""
        return self.links.is_configured(self, path)


class Blocks(msgspec.Struct, frozen=True):
    """Everything a source holds that `adapt` may turn into things.

    Attributes:
        of: the blocks of one type, in the source's order. They are made when asked for and may be let go at once, so
            that a large source is never in memory as a whole.
        accounts: the accounts in sight, stable order.
        incomplete: why absence must not be claimed from this source, or None.
        missing: resource types of which some instance could not be read -> reason.
        regions: the regions that the source touches, in whatever account.
        partition: the partition, or None when nothing tells.
        declared: the resource types that the source declares, with or without instances.
        touched, unknown_regions, configured: as `estate.Estate` has them.
        leaving: ids of things that the change deletes.
        left_out, lists, last, unread, providers: as `estate.MissingLocations` has them, by resource type.
    """

    of: Callable[[str], Iterable[Block]]
    accounts: tuple[Account, ...]
    incomplete: str | None
    missing: Mapping[str, str]
    regions: frozenset[str]
    partition: str | None
    touched: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    unknown_regions: Mapping[str, str] = msgspec.field(default_factory=dict)
    configured: tuple[Account, ...] = ()
    declared: frozenset[str] = frozenset()
    leaving: frozenset[str] = frozenset()
    left_out: Mapping[tuple[str, str], Origin] = msgspec.field(default_factory=dict)
    lists: Mapping[str, Origin] = msgspec.field(default_factory=dict)
    last: Mapping[str, Origin] = msgspec.field(default_factory=dict)
    unread: Mapping[str | None, Origin] = msgspec.field(default_factory=dict)
    providers: Mapping[str | None, Origin] = msgspec.field(default_factory=dict)


KEPT = 5_000
"""How many blocks are kept for the adapters that ask for them again: all of a usual plan, and little of a huge one."""


class Kept:
    """The blocks of each type, made once where few enough are kept, else anew for whoever asks.

    Args:
        of: makes the blocks of a type.
        count: tells how many those are.
    """

    def __init__(self, of: Callable[[str], Iterable[Block]], count: Callable[[str], int]) -> None:
        self._of = of
        self._count = count
        self._kept: dict[str, tuple[Block, ...]] = {}
        self._room = KEPT

    def __call__(self, kind: str) -> Iterable[Block]:
        """The blocks of one type."""
        if kind not in self._kept:
            count = self._count(kind)
            if count > self._room:
                return self._of(kind)
            self._room -= count
            self._kept[kind] = tuple(self._of(kind))
        return self._kept[kind]
