"""Which links of name resolution are a VPC's, indexed once per estate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar, cast

import msgspec

from guardline.validator.control import Cell
from guardline.validator.model.dns import VpcLink
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Resource

AnyLink = TypeVar("AnyLink", bound=VpcLink)


class _Index(msgspec.Struct, frozen=True):
    named: dict[tuple[type[VpcLink], str], list[VpcLink]] = msgspec.field(default_factory=dict)
    # By account: of unknown VPC.
    lost: dict[tuple[type[VpcLink], str], list[VpcLink]] = msgspec.field(default_factory=dict)


def _index(estate: Estate) -> _Index:
    index = _Index()
    for link in estate.all(VpcLink):
        if not link.vpc.is_known:
            index.lost.setdefault((type(link), link.location.account.key), []).append(link)
        for name in link.vpc.get().names if link.vpc.is_known else ():
            index.named.setdefault((type(link), name), []).append(link)
    return index


def linked(estate: Estate, kind: type[AnyLink], vpc: Resource) -> tuple[AnyLink, ...]:
    """The links that name a VPC, wherever they are planned; see `resource.shares_a_place`."""
    index = estate.once(_index).named
    found = {link.own_name: link for name in sorted(vpc.names) for link in index.get((kind, name), ())}
    return cast("tuple[AnyLink, ...]", tuple(found.values()))


def lost(estate: Estate, kind: type[AnyLink], cell: Cell) -> AnyLink | None:
    """A link whose VPC is unknown and may be of the cell's account and region."""
    links = cast("Sequence[AnyLink]", estate.once(_index).lost.get((kind, cell.account.key), ()))
    here = (link for link in links if cell.region is None or link.location.region.known_or(cell.region) == cell.region)
    return next(here, None)
