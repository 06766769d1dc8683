"""The regions that an account has turned on.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/account_region and
data-sources/regions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from guardline.validator.model.account import RegionListing, RegionSwitch
from guardline.validator.model.resource import Account, Resource
from guardline.validator.sources.adapt.common import ByType, default, regionless
from guardline.validator.sources.blocks import Block

_SWITCH, _LISTING = "aws_account_region", "aws_regions"
_ON = {"opt-in-not-required", "opted-in"}

MAKES: Mapping[str, type[Resource]] = {_SWITCH: RegionSwitch, _LISTING: RegionListing}


def switches(by_type: ByType) -> Iterator[RegionSwitch]:
    """Opt-in regions that are turned on or off, for the account itself or, by the management account, for another."""
    for block in by_type.managed(_SWITCH):
        shared = regionless(block)
        named = block.tree.text("account_id")
        if not named.is_known and block.is_configured("account_id"):
            continue  # of an account that is known only later: it says nothing of any that is known now
        if identity := named.known_or(None):
            shared["location"] = replace(shared["location"], account=Account(identity, identity, "account_id"))
        region, on = block.tree.text("region_name"), block.tree.flag("enabled")
        yield RegionSwitch(**shared, region=default(region, ""), on=default(on, False))


def listings(by_type: ByType) -> Iterator[RegionListing]:
    """Listings of the regions that are turned on. Others, such as of all regions there are, say nothing of that."""
    for block in by_type.data(_LISTING):
        if _is_of_enabled(block):
            yield RegionListing(**regionless(block), regions=block.tree.texts("names"))


def _is_of_enabled(block: Block) -> bool:
    filters = block.tree.blocks("filter")
    every = block.tree.flag("all_regions")
    if not filters.is_known or not every.is_known:
        return False
    if not filters.get():
        return every.get() is not True
    asked = {one.text("name").known_or("") or "": set(one.texts("values").known_or(())) for one in filters.get()}
    return set(asked) == {"opt-in-status"} and asked["opt-in-status"] == _ON
