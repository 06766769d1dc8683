"""Which account and region a resource instance works in: the provider configuration it uses, followed through modules.

Source: https://developer.hashicorp.com/terraform/language/modules/develop/providers
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

import msgspec
from msgspec.structs import replace

from guardline.spec import catalogue
from guardline.validator.model.resource import Account, Location, Origin
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.credentials import CREDENTIALS, UnknownAccounts, account_allowed, account_of_role
from guardline.validator.sources.hcl import syntax
from guardline.validator.sources.hcl.content import content
from guardline.validator.sources.hcl.evaluate import Local, attempt
from guardline.validator.sources.hcl.instances import ModuleInstance
from guardline.validator.sources.hcl.objects import ResourceInstance
from guardline.validator.sources.hcl.policies import document
from guardline.validator.sources.hcl.represent import represent
from guardline.validator.sources.hcl.syntax import Block, Expression
from guardline.validator.sources.hcl.values import Identity, Unknown, plain


class Reference(msgspec.Struct, frozen=True):
    """A provider as an expression names it: ``aws``, ``aws.west`` or (OpenTofu) ``aws.by["k"]``."""

    name: str
    alias: str | None = None
    key: Any = None


class Used(msgspec.Struct, frozen=True):
    """The provider configuration that a reference leads to: its block, or None where it is implied."""

    module: ModuleInstance
    reference: Reference
    block: Block | None

    @property
    def key(self) -> str:
        """As a plan writes it: ``aws.west``, ``module.m:aws``."""
        name = self.reference.name + (f".{self.reference.alias}" if self.reference.alias else "")
        path = ".".join(f"module.{step.name}" for step in self.module.steps)
        return f"{path}:{name}" if path else name


class Places:
    """Places of resource instances.

    Args:
        accounts: --account patterns: provider key or alias pattern -> account id.
        default_region: --default-region, for providers that set none.
        fallback: the account to use where nothing else tells.
        unknown_accounts: tells accounts of unknown id apart; given where several roots are read together.

    Attributes:
        declared: by region, the provider configuration that was seen in use for it.
    """

    def __init__(
        self,
        accounts: Mapping[str, str],
        default_region: str | None = None,
        fallback: Account | None = None,
        unknown_accounts: UnknownAccounts | None = None,
    ) -> None:
        self.accounts = accounts
        self.default_region = default_region
        self.fallback = fallback
        self.declared: dict[str | None, Origin] = {}
        self._places: dict[tuple[str, str, str | None, str], Location] = {}
        self._implied: dict[tuple[ModuleInstance, str], Location] = {}
        self._instances: dict[ResourceInstance, Location] = {}
        self._unknown = unknown_accounts or UnknownAccounts()

    def of(self, instance: ResourceInstance) -> Location:
        """A resource instance's place. AWS provider 6 lets a resource set its own `region`."""
        if instance not in self._instances:
            self._instances[instance] = self._of(instance)
        return self._instances[instance]

    def _of(self, instance: ResourceInstance) -> Location:
        location = self.of_block(instance.module, instance.type, instance.block, instance.scope.names)
        own = instance.block.body.attributes.get("region")
        if own is None:
            return location
        value = attempt(own.value, instance.scope)
        if value is None:
            return location
        if isinstance(value, Unknown):
            return Location(
                location.account, unknown(f"the region of {instance.address} cannot be told: {value.reason}")
            )
        if isinstance(value, str) and catalogue.region(plain(value)) is not None:
            return Location(location.account, known(plain(value)))
        return location  # older resources have arguments of this name that mean something else

    def of_block(self, module: ModuleInstance, kind: str, block: Block, names: Mapping[str, Any]) -> Location:
        """The place of the provider that a resource block uses."""
        given = block.body.attributes.get("provider")
        if given is not None:
            return self._referred(module, _reference(given.value, module, names))
        implied = (module, kind.partition("_")[0])
        if implied not in self._implied:
            self._implied[implied] = self._referred(module, Reference(implied[1]))
        return self._implied[implied]

    def _referred(self, module: ModuleInstance, reference: Reference | None) -> Location:
        used = self._follow(module, reference) if reference is not None else "its provider argument names no provider"
        if isinstance(used, str):
            return Location(self._unnamed(), unknown(used))
        cache = (used.module.address, used.reference.name, used.reference.alias, repr(used.reference.key))
        if cache not in self._places:
            self._places[cache] = Location(self._account(used), self._region(used))
            self._declare(used, self._places[cache].region.known_or("") or None)
        return self._places[cache]

    def _declare(self, used: Used, region: str | None) -> None:
        if used.block is not None and region is not None:
            attribute = used.block.body.attributes.get("region")
            line = attribute.line if attribute is not None else used.block.line
            self.declared.setdefault(region, Origin(f"provider.{used.key}", used.block.file, line, absent=True))

    def _follow(self, module: ModuleInstance, reference: Reference) -> Used | str:
        """Go up through the modules to the configuration that a reference means."""
        shown = reference.name + (f".{reference.alias}" if reference.alias else "")
        while True:
            block = module.module.providers.get((reference.name, reference.alias))
            call = module.call
            if block is not None or call is None or module.parent is None:
                if block is None and reference.alias is not None:
                    return f"provider {shown} is not configured"
                return Used(module, reference, block)
            passed = _passed(call, reference, module)
            if passed is None and reference.alias is not None:
                return f"provider {shown} is not passed to {module.address}"
            module, reference = module.parent, passed or reference

    # -- the region ----------------------------------------------------------------------------------------------

    def _region(self, used: Used) -> Value[str | None]:
        attribute = used.block.body.attributes.get("region") if used.block is not None else None
        value = self._attribute(used, attribute.value) if attribute is not None else None
        if value is None:
            if self.default_region is not None:
                return known(self.default_region)
            return unknown(f"provider {used.key} sets no region (AWS_REGION decides; give --default-region)")
        if isinstance(value, Unknown):
            return unknown(f"the region of provider {used.key} cannot be told: {value.reason}")
        if not isinstance(value, str):
            return unknown(f"the region of provider {used.key} is not a text")
        if catalogue.region(plain(value)) is None:
            return unknown(f"{plain(value)!r} is not a region that guardline knows")
        return known(plain(value))

    @staticmethod
    def _scope(used: Used) -> Local | Unknown:
        """Where the provider block stands; with OpenTofu's for_each, for the instance that is used."""
        names: Mapping[str, Any] = {}
        if used.block is not None and "for_each" in used.block.body.attributes:
            found = used.module.repetition(used.block)
            key = used.reference.key
            if found.unknown is not None or key not in found.instances:
                return Unknown(found.unknown or f"provider {used.key} has no instance {key!r}")
            names = found.instances[key]
        return used.module.scope(names)

    def _attribute(self, used: Used, expression: Expression) -> Any:
        scope = self._scope(used)
        return scope if isinstance(scope, Unknown) else attempt(expression, scope)

    def _blocks(self, used: Used, name: str) -> Any:
        """The values of the nested blocks of a name, dynamic ones written out; unknown where their number is."""
        body = used.block.body if used.block is not None else syntax.Body()
        scope = self._scope(used)
        nested = [each for each in body.blocks if each.type == name or _is_dynamic(each, name)]
        return scope if isinstance(scope, Unknown) else content(syntax.Body({}, nested), scope).get(name, [])

    # -- the account ---------------------------------------------------------------------------------------------

    def _account(self, used: Used) -> Account:
        for pattern, account in self.accounts.items():
            if any(fnmatchcase(name, pattern) for name in (used.key, used.reference.alias or used.reference.name)):
                return Account(account, account, "--account")
        pinned = self._pinned(used) if used.block is not None else None
        if pinned is not None:
            return pinned
        if self.fallback is not None:
            return self.fallback
        return self._by_credentials(used.block, used)

    def _by_credentials(self, block: Block | None, used: Used | None = None) -> Account:
        """One unknown account for each distinct set of credentials."""
        body = block.body if block is not None else syntax.Body()
        given: dict[str, Any] = {}
        known = True

        def value_of(expression: Expression) -> Any:
            nonlocal known
            value = self._attribute(used, expression) if used is not None else None
            if isinstance(value, str) or (isinstance(value, list) and all(isinstance(each, str) for each in value)):
                return plain(value) if isinstance(value, str) else [plain(each) for each in value]
            known = known and value is None
            return represent(expression)

        for argument, attribute in body.attributes.items():
            if argument in CREDENTIALS:
                given[argument] = value_of(attribute.value)
        for inner in body.blocks:
            if inner.type in CREDENTIALS:
                one = {name: value_of(each.value) for name, each in inner.body.attributes.items()}
                given.setdefault(inner.type, []).append(one)
            elif used is not None and (name := _dynamic_of(inner)) is not None and self._blocks(used, name) != []:
                written = inner.body.of("content")
                given[name] = [
                    {key: represent(each.value) for key, each in one.body.attributes.items()} for one in written
                ]
                known = False
        return self._unknown.of({name: value for name, value in given.items() if value is not None}, known=known)

    def configured(self, module: ModuleInstance) -> tuple[Location, ...]:
        """Where every AWS provider that a module configures works, used or not."""
        found = (self._referred(module, Reference(*named)) for named in module.module.providers if named[0] == "aws")
        return tuple(dict.fromkeys(found))

    def passed(self, module: ModuleInstance, call: Block) -> tuple[Location, ...]:
        """Where the AWS providers work that a module call hands to its module."""
        given = call.body.attributes.get("providers")
        if given is None or not isinstance(given.value, syntax.Mapping):
            return (self._referred(module, Reference("aws")),)
        named = (_reference(value, module, module.bindings) for _, value in given.value.items)
        return tuple(self._referred(module, each) for each in named if each is not None and each.name == "aws")

    def _unnamed(self) -> Account:
        return self.fallback or self._by_credentials(None)

    def _pinned(self, used: Used) -> Account | None:
        if used.block is None:
            return None
        allowed = used.block.body.attributes.get("allowed_account_ids")
        ids = self._attribute(used, allowed.value) if allowed is not None else None
        roles = self._blocks(used, "assume_role")
        arn = roles[-1].get("role_arn") if isinstance(roles, list) and roles else None
        return account_allowed(plain(ids)) or account_of_role(plain(arn))

    # -- what data sources tell of it ----------------------------------------------------------------------------

    def data(self, instance: ResourceInstance, name: str) -> Any:
        """A data source's attribute that follows from the source alone; None for all others."""
        match instance.type, name:
            case "aws_region", ("name" | "region" | "id"):
                given = instance.block.body.attributes
                if "endpoint" in given:
                    return None
                if "name" in given and name != "name":
                    return instance.attribute("name")
                return self.of(instance).region.known_or(None)
            case "aws_partition", ("partition" | "id" | "dns_suffix" | "reverse_dns_prefix"):
                found = catalogue.region(self.of(instance).region.known_or("") or "")
                return _partition(found.partition, name) if found is not None else None
            case "aws_caller_identity", ("account_id" | "id"):
                return self.of(instance).account.id
            case "aws_iam_policy_document", ("json" | "minified_json"):
                made = document(instance.values(), minified=name == "minified_json")
                if not isinstance(made, Unknown):
                    return made
                # A document that waits for a part of it is still this document, whose other parts can be read.
                own = Identity(instance.address, instance.mode, instance.type, name, ())
                return replace(made, of=(*made.of, own))
            case _:
                return None


def _partition(name: str, attribute: str) -> str:
    suffix = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}.get(name, "amazonaws.com")
    if attribute == "dns_suffix":
        return suffix
    return ".".join(reversed(suffix.split("."))) if attribute == "reverse_dns_prefix" else name


def _dynamic_of(block: Block) -> str | None:
    """The credentials that a dynamic block may bring in; None where it brings in none."""
    return block.labels[0] if block.type == "dynamic" and block.labels[:1] and block.labels[0] in CREDENTIALS else None


def _is_dynamic(block: Block, name: str) -> bool:
    return _dynamic_of(block) == name


def _passed(call: Block, wanted: Reference, module: ModuleInstance) -> Reference | None:
    """What the `providers` argument of a module call passes for a provider of the module."""
    given = call.body.attributes.get("providers")
    if given is None or not isinstance(given.value, syntax.Mapping) or module.parent is None:
        return None
    for key, value in given.value.items:
        name = _reference(key, module.parent, {})
        if name is not None and (name.name, name.alias) == (wanted.name, wanted.alias):
            return _reference(value, module.parent, module.bindings)
    return None


def _reference(expression: Expression, module: ModuleInstance, names: Mapping[str, Any]) -> Reference | None:
    match expression:
        case syntax.Literal(str(text)):  # the old quoted form, and a bare name as an object key
            name, _, alias = text.partition(".")
            return Reference(name, alias or None)
        case syntax.Name(name):
            return Reference(name)
        case syntax.Attr(syntax.Name(name), alias):
            return Reference(name, alias)
        case syntax.Index(syntax.Attr(syntax.Name(name), alias), key):
            value = attempt(key, module.scope(names))
            return Reference(name, alias, plain(value)) if isinstance(value, str) else None
        case _:
            return None
