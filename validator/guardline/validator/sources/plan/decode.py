"""A plan's JSON, decoded typed and no further than needed: values stay raw until something asks for them.

Measured on a 117 MB plan: typed structs with Raw peak near the file's own size, a full parse at 5 to 7 times that.
Source of the shape: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import msgspec

from guardline.validator.sources.plan.nulls import without_nulls

NULL = msgspec.Raw(b"null")


class PlanError(ValueError):
    """The bytes are not a plan that can be read; the message is for people."""


class Change(msgspec.Struct, gc=False):
    """What happens to one resource instance."""

    actions: list[str] = []
    before: msgspec.Raw = NULL
    after: msgspec.Raw = NULL
    after_unknown: msgspec.Raw = NULL
    before_sensitive: msgspec.Raw = NULL
    after_sensitive: msgspec.Raw = NULL


class ResourceChange(msgspec.Struct, gc=False):
    """One entry of `resource_changes`."""

    address: str
    type: str
    name: str
    change: Change
    mode: Literal["managed", "data"]
    module_address: str = ""
    index: str | int | float | None = None
    deposed: str | None = None

    @property
    def key(self) -> str | int | None:
        """The instance key."""
        return int(self.index) if isinstance(self.index, float) else self.index


class Entry(msgspec.Struct, gc=False):
    """The head of an entry of `resource_changes` or of a state: enough to know whether the rest is of any use."""

    address: str
    type: str
    name: str
    mode: Literal["managed", "data"]
    module_address: str = ""
    index: str | int | float | None = None
    deposed: str | None = None

    @property
    def is_sound(self) -> bool:
        """Whether its address says the same as its parts."""
        start = f"{self.module_address}." * bool(self.module_address) + "data." * (self.mode == "data")
        start += f"{self.type}.{self.name}"
        return self.address.startswith(start) and (self.index is None) == (self.address == start)


class StateResource(msgspec.Struct, gc=False):
    """One resource instance of `prior_state`."""

    address: str
    type: str
    name: str
    mode: str = "managed"
    index: str | int | float | None = None
    values: msgspec.Raw = NULL
    sensitive_values: msgspec.Raw = NULL


class StateModule(msgspec.Struct):
    """A module of `prior_state`."""

    address: str = ""
    resources: list[msgspec.Raw] = []
    child_modules: list[StateModule] = []


class StateValues(msgspec.Struct):
    """The values of a state."""

    root_module: StateModule = msgspec.field(default_factory=StateModule)


class State(msgspec.Struct):
    """`prior_state`."""

    values: StateValues | None = None


class Variable(msgspec.Struct):
    """A root variable's value."""

    value: msgspec.Raw = NULL


class ConfigResource(msgspec.Struct):
    """A resource as configured."""

    type: str
    name: str
    mode: str = "managed"
    provider_config_key: str | None = None
    expressions: msgspec.Raw = NULL
    count_expression: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    for_each_expression: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class ConfigOutput(msgspec.Struct):
    """An output of a module."""

    expression: msgspec.Raw = NULL


class ConfigVariable(msgspec.Struct):
    """A variable of a module."""

    default: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    sensitive: bool = False


class ModuleCall(msgspec.Struct):
    """A call of a child module."""

    source: str = ""
    expressions: msgspec.Raw = NULL
    count_expression: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    for_each_expression: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    module: ConfigModule = msgspec.field(default_factory=lambda: ConfigModule())  # noqa: PLW0108 - defined below


class ConfigModule(msgspec.Struct):
    """A module as configured."""

    outputs: dict[str, ConfigOutput] = {}
    resources: list[ConfigResource] = []
    module_calls: dict[str, ModuleCall] = {}
    variables: dict[str, ConfigVariable] = {}


class ProviderConfig(msgspec.Struct):
    """A provider block; `module_address` is the static module it stands in."""

    name: str = ""
    alias: str | None = None
    module_address: str = ""
    expressions: msgspec.Raw = NULL


class Configuration(msgspec.Struct):
    """`configuration`."""

    provider_config: dict[str, ProviderConfig] = {}
    root_module: ConfigModule = msgspec.field(default_factory=ConfigModule)


class Plan(msgspec.Struct):
    """A plan."""

    format_version: str
    terraform_version: str | None = None
    resource_changes: list[msgspec.Raw] | None = None
    deferred_changes: list[msgspec.Raw] = []
    prior_state: State | None = None
    configuration: Configuration = msgspec.field(default_factory=Configuration)
    variables: dict[str, Variable] = {}
    complete: bool | None = None
    errored: bool = False


class _Unread(msgspec.Struct, omit_defaults=True):
    """What tells a plan, a state and something else apart, and is not read any further."""

    planned_values: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    values: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    lineage: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    schema: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    diagnostics: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    provider_schemas: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    function_signatures: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    modules: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_Whole = msgspec.defstruct(
    "_Whole",
    [(part.name, msgspec.Raw | msgspec.UnsetType, msgspec.UNSET) for part in msgspec.structs.fields(Plan)],
    bases=(_Unread,),
)


def needed(data: bytes) -> tuple[str, bytes]:
    """What a JSON document is, and a plan without the parts that nobody reads.

    Nearly half of a plan is `planned_values`, and what is decoded holds on to all of its text.

    Returns:
        ``plan``, ``state``, ``tfstate``, ``result``, ``diagnostics``, ``schemas``, ``functions``, ``modules`` or
        ``other``, and what is needed of it.

    Raises:
        PlanError: not JSON, or not an object.
    """
    whole = _decode(data, _Whole)
    kind = _kind(whole)
    for part in msgspec.structs.fields(_Unread):
        setattr(whole, part.name, msgspec.UNSET)
    return kind, msgspec.json.encode(whole)


def _kind(whole: Any) -> str:
    if isinstance(whole.lineage, msgspec.Raw):
        return "tfstate"
    if isinstance(whole.schema, msgspec.Raw):
        return "result"
    if not isinstance(whole.format_version, msgspec.Raw):
        return "other"
    # An errored or refresh-only plan may hold neither planned values nor changes.
    of_a_plan = (whole.planned_values, whole.resource_changes, whole.configuration)
    if any(isinstance(part, msgspec.Raw) for part in of_a_plan):
        return "plan"
    others = {
        "diagnostics": whole.diagnostics,
        "schemas": whole.provider_schemas,
        "functions": whole.function_signatures,
        "modules": whole.modules,
    }
    return next((kind for kind, part in others.items() if isinstance(part, msgspec.Raw)), "state")


def _decode(data: bytes | msgspec.Raw, kind: Any) -> Any:
    try:
        try:
            return msgspec.json.decode(data, type=kind, strict=True)
        except msgspec.ValidationError as error:
            if "got `null`" not in str(error):
                raise
            tidied = msgspec.json.encode(without_nulls(msgspec.json.decode(data), kind))
            return msgspec.json.decode(tidied, type=kind, strict=True)
    except msgspec.ValidationError as error:
        raise PlanError(f"not the shape of a Terraform plan: {error}") from None
    except msgspec.DecodeError as error:
        raise PlanError(f"not valid JSON: {error}") from None
    except RecursionError:
        raise PlanError("nested too deeply to be a Terraform plan") from None
    except UnicodeDecodeError as error:
        raise PlanError(f"not valid UTF-8: {error}") from None


def decode_plan(data: bytes) -> Plan:
    """Decode a plan.

    Args:
        data: what ``terraform show -json PLAN`` printed.

    Raises:
        PlanError: it is not a plan, or one of a format version that is not known (1.x and before are).
    """
    plan: Plan = _decode(data, Plan)
    major = plan.format_version.split(".", 1)[0]
    if major not in {"0", "1"}:
        raise PlanError(
            f"plan format_version {plan.format_version!r} is not known; this guardline reads 1.x. "
            "Make the plan's JSON with a Terraform 1.x `terraform show -json`, or update guardline"
        )
    return plan


Decoded = TypeVar("Decoded", bound=msgspec.Struct)


def decode_entry(raw: msgspec.Raw, kind: type[Decoded]) -> Decoded:
    """Decode one entry that was left raw.

    Raises:
        PlanError: it has not the shape of one; the message names it.
    """
    try:
        decoded: Decoded = _decode(raw, kind)
    except PlanError as error:
        entry = _decode(raw, Any)
        address = entry.get("address") if isinstance(entry, dict) else None
        raise PlanError(f"{address}: {error}") from None if isinstance(address, str) else error
    return decoded


def decode_raw(raw: msgspec.Raw | msgspec.UnsetType | None) -> Any:
    """Decode what was left raw; unset is None.

    Raises:
        PlanError: nested too deeply.
    """
    if raw is None or isinstance(raw, msgspec.UnsetType):
        return None
    return _decode(raw, Any)


def decode_expressions(raw: msgspec.Raw | msgspec.UnsetType | None) -> Any:
    """Decode one expression, or an object of them, without what only looks like a constant.

    Of a `.tf.json` file a plan gives every text as written for its constant, templates too: ``"${aws_vpc.x.id}"`` has
    that text for its constant, beside the references. A native text that holds ``${`` (written ``$${``) looks the
    same, so neither is taken for a constant.

    Raises:
        PlanError: nested too deeply.
    """
    decoded = decode_raw(raw)
    is_plain = not isinstance(raw, msgspec.Raw) or not any(mark in bytes(raw) for mark in _TEMPLATE)
    try:
        return decoded if is_plain else _untemplated(decoded)
    except RecursionError:
        raise PlanError("nested too deeply to be a Terraform plan") from None


_TEMPLATE = (b"${", b"%{")


def _untemplated(value: Any) -> Any:
    if isinstance(value, list):
        return [_untemplated(each) for each in value]
    if not isinstance(value, dict):
        return value
    templated = "constant_value" in value and any(
        mark in msgspec.json.encode(value["constant_value"]) for mark in _TEMPLATE
    )
    return {name: _untemplated(each) for name, each in value.items() if not (templated and name == "constant_value")}
