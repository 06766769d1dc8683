"""What the stub serves: provider 5.100's own schema, or that schema with what provider 6 changes.

Provider 6 gives every regional type a top-level `region`; global services have none.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/enhanced-region-support
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from tests.support.stubprovider import real
from tests.support.stubprovider.schema import Attribute, Block, Schema
from tests.support.stubprovider.values import Object, Value, whole

Mode = Literal["argument", "alias"]
CHANGES = Path(__file__).parents[2] / "data" / "provider6-changes.json"
REGION = Attribute(type="string", optional=True, computed=True)
# Where the table of changes says nothing: the services that the guide above names as global.
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
        own = {
            name: like.get(name) for name in self.schema.block.attributes if name not in self.native.block.attributes
        }
        return whole(self.schema.block, {**value, **own})

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
                changes = _changes().get(type_, {}) if kind == "resource" else {}
                regional = changes.get("region", not is_global(type_, kind))
                found = Served(native, changed(native, changes, regional), regional)
            self._served[kind, type_] = found
        return found


def is_global(type_: str, kind: str) -> bool:
    """Whether a type belongs to a service that has no regions."""
    return GLOBAL.match(type_) is not None or (kind == "data" and type_ in GLOBAL_DATA)


@cache
def _changes() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = json.loads(CHANGES.read_text(encoding="utf-8"))["resources"]
    return found


def changed(native: Schema, changes: Mapping[str, Any], regional: bool) -> Schema:
    """5.100's schema with the changes of one type."""
    gone = set(changes.get("removed", ()))
    attributes = {name: each for name, each in native.block.attributes.items() if name not in gone}
    blocks = {name: each for name, each in native.block.blocks.items() if name not in gone}
    for name, type_ in changes.get("added", {}).items():
        attributes[name] = Attribute(type=type_, optional=True)
    for name in changes.get("required", ()):
        attributes[name] = msgspec.structs.replace(attributes[name], required=True, optional=False, computed=False)
    for name in changes.get("sets", ()):
        blocks[name] = msgspec.structs.replace(blocks[name], mode="set")
    if regional and "region" not in blocks:
        # Terraform refuses a name that is both an attribute and a block; aws_ssmincidents_replication_set has blocks
        # of that name.
        attributes["region"] = REGION
    return Schema(block=Block(attributes=attributes, blocks=blocks), version=native.version)
