"""The messages of Terraform's plugin protocol 5 that a provider without functions and ephemeral resources needs.

Written from the documented protocol: names are free, the numbers beside each field's type are what counts.
https://developer.hashicorp.com/terraform/plugin/terraform-plugin-protocol
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated

ERROR, WARNING = 1, 2  # of Diagnostic.severity
NESTING = {"single": 1, "list": 2, "set": 3, "map": 4, "group": 5}


@dataclass(frozen=True)
class Empty:
    """A message that says nothing."""


@dataclass(frozen=True)
class DynamicValue:
    """A value of a type that the schema tells."""

    msgpack: Annotated[bytes, 1] = b""
    json: Annotated[bytes, 2] = b""


NO_VALUE = DynamicValue()


@dataclass(frozen=True)
class Step:
    """One step on the way to an attribute: into an object, a map or a list."""

    attribute: Annotated[str, 1] = ""
    key: Annotated[str, 2] = ""
    index: Annotated[int, 3] = 0


@dataclass(frozen=True)
class Path:
    """Where an attribute is."""

    steps: Annotated[tuple[Step, ...], 1] = ()


@dataclass(frozen=True)
class Diagnostic:
    """Something to tell the user."""

    severity: Annotated[int, 1] = 0
    summary: Annotated[str, 2] = ""
    detail: Annotated[str, 3] = ""
    attribute: Annotated[Path | None, 4] = None


@dataclass(frozen=True)
class SchemaAttribute:
    """An attribute; its type is the JSON that `terraform providers schema` prints."""

    name: Annotated[str, 1] = ""
    type: Annotated[bytes, 2] = b""
    required: Annotated[bool, 4] = False
    optional: Annotated[bool, 5] = False
    computed: Annotated[bool, 6] = False
    sensitive: Annotated[bool, 7] = False
    deprecated: Annotated[bool, 9] = False
    write_only: Annotated[bool, 10] = False


@dataclass(frozen=True)
class SchemaNested:
    """A nested block, of which there may be several."""

    name: Annotated[str, 1] = ""
    block: Annotated[SchemaBlock | None, 2] = None
    nesting: Annotated[int, 3] = 0
    min_items: Annotated[int, 4] = 0
    max_items: Annotated[int, 5] = 0


@dataclass(frozen=True)
class SchemaBlock:
    """The attributes and blocks of a block."""

    attributes: Annotated[tuple[SchemaAttribute, ...], 2] = ()
    blocks: Annotated[tuple[SchemaNested, ...], 3] = ()


@dataclass(frozen=True)
class Schema:
    """The schema of a resource, a data source or the provider itself."""

    version: Annotated[int, 1] = 0
    block: Annotated[SchemaBlock | None, 2] = None


@dataclass(frozen=True)
class Capabilities:
    """What the provider can do beyond the first version of the protocol."""

    plan_destroy: Annotated[bool, 1] = False
    schema_optional: Annotated[bool, 2] = False  # it answers without being asked for its schema first


@dataclass(frozen=True)
class Schemas:
    """The answer to GetSchema."""

    provider: Annotated[Schema | None, 1] = None
    resources: Annotated[Mapping[str, Schema], 2] = field(default_factory=dict)
    data_sources: Annotated[Mapping[str, Schema], 3] = field(default_factory=dict)
    diagnostics: Annotated[tuple[Diagnostic, ...], 4] = ()
    capabilities: Annotated[Capabilities | None, 6] = None


@dataclass(frozen=True)
class PrepareConfig:
    """The request of PrepareProviderConfig."""

    config: Annotated[DynamicValue, 1] = NO_VALUE


@dataclass(frozen=True)
class PreparedConfig:
    """Its answer."""

    config: Annotated[DynamicValue | None, 1] = None
    diagnostics: Annotated[tuple[Diagnostic, ...], 2] = ()


@dataclass(frozen=True)
class Configure:
    """The request of Configure."""

    terraform_version: Annotated[str, 1] = ""
    config: Annotated[DynamicValue, 2] = NO_VALUE


@dataclass(frozen=True)
class Diagnosed:
    """An answer that holds nothing but what to tell the user."""

    diagnostics: Annotated[tuple[Diagnostic, ...], 1] = ()


@dataclass(frozen=True)
class Validate:
    """The request of ValidateResourceTypeConfig and ValidateDataSourceConfig."""

    type: Annotated[str, 1] = ""
    config: Annotated[DynamicValue, 2] = NO_VALUE


@dataclass(frozen=True)
class RawState:
    """A state as it was written, by whatever version."""

    json: Annotated[bytes, 1] = b""


NO_STATE = RawState()


@dataclass(frozen=True)
class Upgrade:
    """The request of UpgradeResourceState."""

    type: Annotated[str, 1] = ""
    version: Annotated[int, 2] = 0
    state: Annotated[RawState, 3] = NO_STATE


@dataclass(frozen=True)
class Upgraded:
    """Its answer."""

    state: Annotated[DynamicValue | None, 1] = None
    diagnostics: Annotated[tuple[Diagnostic, ...], 2] = ()


@dataclass(frozen=True)
class Read:
    """The request of ReadResource."""

    type: Annotated[str, 1] = ""
    state: Annotated[DynamicValue, 2] = NO_VALUE
    private: Annotated[bytes, 3] = b""


@dataclass(frozen=True)
class WasRead:
    """Its answer."""

    state: Annotated[DynamicValue | None, 1] = None
    diagnostics: Annotated[tuple[Diagnostic, ...], 2] = ()
    private: Annotated[bytes, 3] = b""


@dataclass(frozen=True)
class Plan:
    """The request of PlanResourceChange."""

    type: Annotated[str, 1] = ""
    prior: Annotated[DynamicValue, 2] = NO_VALUE
    proposed: Annotated[DynamicValue, 3] = NO_VALUE
    config: Annotated[DynamicValue, 4] = NO_VALUE
    private: Annotated[bytes, 5] = b""


@dataclass(frozen=True)
class Planned:
    """Its answer. A legacy provider may plan other values than are configured, which is what defaults do."""

    state: Annotated[DynamicValue | None, 1] = None
    replace: Annotated[tuple[Path, ...], 2] = ()
    private: Annotated[bytes, 3] = b""
    diagnostics: Annotated[tuple[Diagnostic, ...], 4] = ()
    legacy: Annotated[bool, 5] = False


@dataclass(frozen=True)
class Apply:
    """The request of ApplyResourceChange."""

    type: Annotated[str, 1] = ""
    prior: Annotated[DynamicValue, 2] = NO_VALUE
    planned: Annotated[DynamicValue, 3] = NO_VALUE
    config: Annotated[DynamicValue, 4] = NO_VALUE
    private: Annotated[bytes, 5] = b""


@dataclass(frozen=True)
class Applied:
    """Its answer."""

    state: Annotated[DynamicValue | None, 1] = None
    private: Annotated[bytes, 2] = b""
    diagnostics: Annotated[tuple[Diagnostic, ...], 3] = ()
    legacy: Annotated[bool, 4] = False


@dataclass(frozen=True)
class Import:
    """The request of ImportResourceState."""

    type: Annotated[str, 1] = ""
    id: Annotated[str, 2] = ""


@dataclass(frozen=True)
class ImportedResource:
    """A resource that an import found."""

    type: Annotated[str, 1] = ""
    state: Annotated[DynamicValue | None, 2] = None
    private: Annotated[bytes, 3] = b""


@dataclass(frozen=True)
class Imported:
    """The answer to an import."""

    resources: Annotated[tuple[ImportedResource, ...], 1] = ()
    diagnostics: Annotated[tuple[Diagnostic, ...], 2] = ()


@dataclass(frozen=True)
class ReadData:
    """The request of ReadDataSource."""

    type: Annotated[str, 1] = ""
    config: Annotated[DynamicValue, 2] = NO_VALUE


@dataclass(frozen=True)
class DataRead:
    """Its answer."""

    state: Annotated[DynamicValue | None, 1] = None
    diagnostics: Annotated[tuple[Diagnostic, ...], 2] = ()


# Each call of the service, with its request and its answer.
CALLS: Mapping[str, tuple[type, type]] = {
    "GetSchema": (Empty, Schemas),
    "PrepareProviderConfig": (PrepareConfig, PreparedConfig),
    "Configure": (Configure, Diagnosed),
    "ValidateResourceTypeConfig": (Validate, Diagnosed),
    "ValidateDataSourceConfig": (Validate, Diagnosed),
    "UpgradeResourceState": (Upgrade, Upgraded),
    "ReadResource": (Read, WasRead),
    "PlanResourceChange": (Plan, Planned),
    "ApplyResourceChange": (Apply, Applied),
    "ImportResourceState": (Import, Imported),
    "ReadDataSource": (ReadData, DataRead),
    "Stop": (Empty, Diagnosed),
}
SERVICE = "tfplugin5.Provider"
