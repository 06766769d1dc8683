"""A provider's schema as `terraform providers schema -json` prints it, and as the plugin protocol wants it.

https://developer.hashicorp.com/terraform/cli/commands/providers/schema
"""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec

from tests.support.stubprovider import messages

Nesting = Literal["single", "group", "list", "set", "map"]


class Attribute(msgspec.Struct, frozen=True, omit_defaults=True):
    """An attribute. Its type is `"string"`, `["list", "string"]`, `["object", {...}]` and the like."""

    type: Any
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    deprecated: bool = False
    write_only: bool = False

    @property
    def settable(self) -> bool:
        """A configuration may give it."""
        return self.required or self.optional


class Block(msgspec.Struct, frozen=True, omit_defaults=True):
    """The attributes and nested blocks of a block."""

    attributes: dict[str, Attribute] = {}
    blocks: dict[str, Nested] = msgspec.field(name="block_types", default_factory=dict)


class Nested(msgspec.Struct, frozen=True, omit_defaults=True):
    """A kind of nested block."""

    mode: Nesting = msgspec.field(name="nesting_mode")
    block: Block
    min_items: int = 0
    max_items: int = 0


class Schema(msgspec.Struct, frozen=True, omit_defaults=True):
    """The schema of a resource, a data source or the provider."""

    block: Block
    version: int = 0


class Schemas(msgspec.Struct, frozen=True):
    """All of a provider: a type's schema is decoded when it is asked for, for there are two thousand of them."""

    provider: Schema
    resources: dict[str, msgspec.Raw] = msgspec.field(name="resource_schemas")
    data_sources: dict[str, msgspec.Raw] = msgspec.field(name="data_source_schemas")

    def resource(self, type_: str) -> Schema:
        """The schema of one resource type; KeyError if there is no such type."""
        return msgspec.json.decode(self.resources[type_], type=Schema)

    def data_source(self, type_: str) -> Schema:
        """The schema of one data source; KeyError if there is no such type."""
        return msgspec.json.decode(self.data_sources[type_], type=Schema)


def load(text: bytes) -> Schemas:
    """Read what `terraform providers schema -json` printed for one provider."""
    [found] = msgspec.json.decode(text, type=_Printed).provider_schemas.values()
    return found


class _Printed(msgspec.Struct, frozen=True):
    provider_schemas: dict[str, Schemas]


def message(schema: Schema) -> messages.Schema:
    """A schema as the protocol wants it."""
    return messages.Schema(version=schema.version, block=_block(schema.block))


def _block(block: Block) -> messages.SchemaBlock:
    return messages.SchemaBlock(
        attributes=tuple(
            messages.SchemaAttribute(
                name=name,
                type=json.dumps(each.type, separators=(",", ":")).encode(),
                required=each.required,
                optional=each.optional,
                computed=each.computed,
                sensitive=each.sensitive,
                deprecated=each.deprecated,
                write_only=each.write_only,
            )
            for name, each in block.attributes.items()
        ),
        blocks=tuple(
            messages.SchemaNested(name, _block(each.block), messages.NESTING[each.mode], each.min_items, each.max_items)
            for name, each in block.blocks.items()
        ),
    )
