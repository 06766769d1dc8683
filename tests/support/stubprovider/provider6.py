"""What the stub serves: provider 5.100's own schema, or provider 6's where tests/data/provider6-schema.json has it.

Of other types it is 5.100's with a region: provider 6 gives every regional type a top-level `region`; global services
have none.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from tests.support.stubprovider import real
from tests.support.stubprovider.schema import Attribute, Block, Schema
from tests.support.stubprovider.values import Object, Value, whole

Mode = Literal["argument", "alias"]
PROVIDER6 = Path(__file__).parents[2] / "data" / "provider6-schema.json"
REGION = Attribute(type="string", optional=True, computed=True)
# Of types that the file does not hold: the services that the guide above names as global.
GLOBAL = re.compile(
    r"aws_(account|billing|budgets|ce|cloudfront|costoptimizationhub|cur|globalaccelerator|iam|invoicing|networkmanager"
    r"|organizations|route53(domains|recoverycontrolconfig|recoveryreadiness)?|savingsplans|shield|waf)_"
    r"(?!resolver_|profiles_)"
)
# These tell of the credentials, the provider or the whole partition.
GLOBAL_DATA = {"aws_arn", "aws_caller_identity", "aws_default_tags", "aws_ip_ranges", "aws_partition"}


@dataclass(frozen=True)
class Served:
    """One resource type or data source.

    Attributes:
        native: 5.100's schema.
        schema: what is served.
        regional: it takes provider 6's `region`.
    """

    native: Schema
    schema: Schema
    regional: bool

    def to_native(self, value: Value, region: Value = None) -> Value:
        """A value as 5.100 knows it; `region` is for the few types of which it tells the region itself."""
        if not isinstance(value, dict) or self.native is self.schema:
            return value
        made = whole(self.native.block, value)
        if self.regional and "region" in made:
            made["region"] = region
        return made

    def from_native(self, value: Value, like: Object) -> Value:
        """A value of 5.100's as it is served; what 5.100 does not know is as in `like`."""
        if not isinstance(value, dict) or self.native is self.schema:
            return value
        return restored(self.schema.block, self.native.block, value, like)

    def turned(self, name: str) -> bool:
        """Whether a block of that name is a set here and a list in 5.100."""
        here, there = self.schema.block.blocks.get(name), self.native.block.blocks.get(name)
        return here is not None and there is not None and (here.mode, there.mode) == ("set", "list")


class Catalogue:
    """All types, each built when it is asked for."""

    def __init__(self, mode: Mode) -> None:
        self.mode = mode
        self._known = real.schemas()
        self._served: dict[tuple[str, str], Served] = {}

    @property
    def provider(self) -> Schema:
        """The provider block's schema: 5.100's in both modes."""
        return self._known.provider

    def resource(self, type_: str) -> Served:
        """One resource type; KeyError if 5.100 has none of that name."""
        return self._get("resource", type_, self._known.resource)

    def data_source(self, type_: str) -> Served:
        """One data source; KeyError if 5.100 has none of that name."""
        return self._get("data", type_, self._known.data_source)

    def knows(self, kind: str, type_: str) -> bool:
        """Whether 5.100 has such a `resource` or `data` source."""
        return type_ in (self._known.resources if kind == "resource" else self._known.data_sources)

    def _get(self, kind: str, type_: str, load: Callable[[str], Schema]) -> Served:
        found = self._served.get((kind, type_))
        if found is None:
            native = load(type_)
            if self.mode == "alias":
                found = Served(native, native, regional=False)
            else:
                newer = provider6(kind).get(type_)
                regional = not is_global(type_, kind) if newer is None else "region" in newer.block.attributes
                found = Served(native, changed(native, newer, regional=regional), regional)
            self._served[kind, type_] = found
        return found


def is_global(type_: str, kind: str) -> bool:
    """Whether a type belongs to a service that has no regions."""
    return GLOBAL.match(type_) is not None or (kind == "data" and type_ in GLOBAL_DATA)


@cache
def provider6(kind: str) -> Mapping[str, Schema]:
    """Provider 6's own schema of the `resource` types or `data` sources of which the tests know it."""
    held = msgspec.json.decode(PROVIDER6.read_bytes(), type=_Held)
    return held.resources if kind == "resource" else held.data_sources


class _Held(msgspec.Struct, frozen=True):
    resources: dict[str, Schema]
    data_sources: dict[str, Schema]


def changed(native: Schema, newer: Schema | None, *, regional: bool) -> Schema:
    """5.100's schema as provider 6 has it.

    Args:
        native: 5.100's.
        newer: provider 6's, where it is known.
        regional: the type takes a region; said for types of which provider 6's is not known.
    """
    if newer is not None:
        return Schema(block=_completed(newer.block, native.block), version=native.version)
    attributes = dict(native.block.attributes)
    if regional and "region" not in native.block.blocks:
        # Terraform refuses a name that is both an attribute and a block; aws_ssmincidents_replication_set has blocks
        # of that name.
        attributes["region"] = REGION
    return Schema(block=Block(attributes=attributes, blocks=native.block.blocks), version=native.version)


def _completed(newer: Block, native: Block) -> Block:
    """Provider 6's block; what its bindings do not tell (AWS's own objects, how many blocks may stand) is 5.100's."""
    attributes = {
        name: msgspec.structs.replace(each, type=native.attributes[name].type) if _untold(each, native, name) else each
        for name, each in newer.attributes.items()
        if each.settable or name in native.attributes
    }
    blocks = dict(newer.blocks)
    for name, each in newer.blocks.items():
        there = native.blocks.get(name)
        if there is not None:
            most = each.max_items or (there.max_items if there.mode == each.mode else 0)
            blocks[name] = msgspec.structs.replace(each, block=_completed(each.block, there.block), max_items=most)
    return Block(attributes=attributes, blocks=blocks)


def _untold(newer: Attribute, native: Block, name: str) -> bool:
    return newer.type == "dynamic" and name in native.attributes


def restored(served: Block, native: Block, value: Object, like: Object) -> Object:
    """A value of 5.100's as provider 6 has it; what 5.100 does not know is as in `like`, inside blocks too."""
    made = whole(served, value)
    for name in served.attributes.keys() - native.attributes.keys():
        made[name] = like.get(name)
    for name, nested in served.blocks.items():
        there, others = native.blocks.get(name), like.get(name)
        if there is None:
            made[name] = others
        elif isinstance(made[name], list) and isinstance(others, list) and nested.block != there.block:
            left = [each for each in others if isinstance(each, dict)]
            made[name] = [_restored(nested.block, there.block, each, left) for each in made[name]]
    return made


def _restored(served: Block, native: Block, value: Value, left: list[Object]) -> Value:
    """One block of several, which may stand in another order: the one that says the same of what both know."""
    if not isinstance(value, dict):
        return value
    same = next((each for each in left if _agree(whole(native, each), value)), None)
    if same is None:
        return whole(served, value)
    left.remove(same)
    return restored(served, native, value, same)


def _agree(given: Value, value: Value) -> bool:
    """Whatever was given stands in the value too; blocks may stand in any order."""
    if isinstance(given, dict) and isinstance(value, dict):
        return all(_agree(each, value.get(name)) for name, each in given.items())
    if isinstance(given, list) and isinstance(value, list) and any(isinstance(each, dict) for each in given):
        return len(given) == len(value) and all(any(_agree(one, each) for each in value) for one in given)
    return given is None or given == [] or given == value
