"""A plan's JSON to two estates: what will be there after the change, and what was there before it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from guardline.spec import catalogue
from guardline.validator.estate import Account, Estate, Origin, Place
from guardline.validator.sources.adapt import READS, adapt
from guardline.validator.sources.address import Step, parse_modules
from guardline.validator.sources.blocks import Block, Blocks
from guardline.validator.sources.completeness import incompleteness
from guardline.validator.sources.planindex import GONE, Instance, PlanIndex
from guardline.validator.sources.planjson import ConfigResource, Plan, ResourceChange, decode_plan, decode_raw
from guardline.validator.sources.planlinks import BEFORE, AfterLinks
from guardline.validator.sources.providers import Providers
from guardline.validator.sources.references import References, SourceExpressions, Standpoint
from guardline.validator.sources.tree import Tree
from guardline.validator.value import known, unknown

ACTIONS = frozenset({"no-op", "create", "read", "update", "delete", "forget"})
"""The actions whose outcome is known; a later Terraform may add others."""


_GAP = "is not in the plan, which should hold it"


class Positions(SourceExpressions, Protocol):
    """The plan's own HCL: what a plan leaves out, and where things stand."""

    def position(self, module: tuple[str, ...], mode: str, kind: str, name: str) -> tuple[str, int] | None:
        """The file (POSIX) and line of a resource."""
        ...


@dataclass(frozen=True)
class Hints:
    """What the user says beside the plan.

    Attributes:
        accounts: --account patterns over provider keys -> account id.
        default_region: --default-region.
        account: the account to assume where nothing tells, e.g. the spec's.
        partition: the partition to assume where nothing tells.
    """

    accounts: Mapping[str, str] = field(default_factory=dict)
    default_region: str | None = None
    account: Account | None = None
    partition: str = "aws"


@dataclass(frozen=True)
class Reading:
    """A plan, read.

    Attributes:
        after: the estate after the change.
        before: the estate before it; None for a first plan, which knows nothing of it.
        terraform_version: as the plan says.
        incomplete: why absence must not be claimed, or None.
    """

    after: Estate
    before: Estate | None
    terraform_version: str | None
    incomplete: str | None


def load(data: bytes, hints: Hints | None = None, source: Positions | None = None, root: str = "") -> Reading:
    """Read a plan.

    Args:
        data: what ``terraform show -json PLAN`` printed.
        hints: what the user says beside it.
        source: its own HCL, if given.
        root: what tells its addresses from those of other plans that are read with it; "" for one alone.

    Raises:
        PlanError: it cannot be read.
    """
    hints = hints or Hints()
    plan = decode_plan(data)
    reader = _Reader(plan, hints, source, root)
    return Reading(
        after=adapt(reader.after(), hints.partition),
        before=replace(adapt(reader.before(), hints.partition), past=True) if reader.has_past else None,
        terraform_version=plan.terraform_version,
        incomplete=reader.incomplete,
    )


class _Reader:
    """Turns one plan into blocks."""

    def __init__(self, plan: Plan, hints: Hints, source: Positions | None, root: str) -> None:
        self.plan = plan
        self.source = source
        self.index = PlanIndex(plan)
        self.references = References(self.index, source, root)
        self.providers = Providers(self.index, self.references, hints.accounts, hints.default_region, hints.account)
        self.links = AfterLinks(self.index, self.references)
        self.incomplete = incompleteness(self.index)

    # -- the two sides of the change ---------------------------------------------------------------------------

    def after(self) -> Blocks:
        """What will be there."""
        missing: dict[str, str] = {}
        leaving: set[str] = set()
        for change in self._changes():
            actions = set(change.change.actions)
            if not actions or not actions <= ACTIONS:
                missing[change.type] = f"{change.address}: what {_listed(actions)} does is not known to this guardline"
            elif actions not in GONE and not isinstance(decode_raw(change.change.after), dict):
                missing[change.type] = f"{change.address}: the plan does not carry its values"
            elif actions not in GONE and not self._is_configured(change):
                missing[change.type] = f"{change.address} is not in the plan's configuration, or without its provider"
            if "delete" in actions:
                leaving |= self._ids(change)
        return self._blocks(self._after, missing, self.incomplete, frozenset(leaving))

    def _after(self, kind: str) -> Iterator[Block]:
        for change in self.index.changes(kind):
            actions = set(change.change.actions)
            after = decode_raw(change.change.after) if actions and actions <= ACTIONS and actions not in GONE else None
            if isinstance(after, dict):
                unknown_, sensitive = decode_raw(change.change.after_unknown), decode_raw(change.change.after_sensitive)
                tree = Tree(after, unknown_, "is known only after apply", sensitive, gap=_GAP)
                yield self._block(change, tree, new="create" in actions)
        yield from self._data(kind)

    def before(self) -> Blocks:
        """What was there."""
        return self._blocks(self._before, {}, self.incomplete, frozenset())

    def _before(self, kind: str) -> Iterator[Block]:
        for change in self.index.changes(kind):
            before = decode_raw(change.change.before)
            if isinstance(before, dict) and change.mode == "managed":
                tree = Tree(before, False, "", decode_raw(change.change.before_sensitive), gap=_GAP)
                yield self._block(change, tree, new=False, past=True)
        yield from self._data(kind)

    @property
    def has_past(self) -> bool:
        """Whether the plan knows anything of what was there before it."""
        return self.index.prior_count > 0 or any(
            set(change.change.actions) - {"create", "read"} for change in self._changes()
        )

    def _blocks(
        self,
        of: Callable[[str], Iterable[Block]],
        missing: Mapping[str, str],
        incomplete: str | None,
        leaving: frozenset[str],
    ) -> Blocks:
        accounts = {place.account.key: place.account for place in self.places}
        regions = {region for place in self.places if (region := place.region.known_or(None))} | self._touched
        partitions = [found.partition for name in sorted(regions) if (found := catalogue.region(name)) is not None]
        return Blocks(
            of=of,
            accounts=tuple(sorted(accounts.values(), key=lambda account: account.key)),
            incomplete=incomplete,
            missing=missing,
            regions=frozenset(regions),
            partition=partitions[0] if partitions else None,
            leaving=leaving,
        )

    def _changes(self) -> Iterator[ResourceChange]:
        return (change for kind in self.index.types if kind in READS for change in self.index.changes(kind))

    @staticmethod
    def _ids(change: ResourceChange) -> set[str]:
        before = decode_raw(change.change.before)
        identity = before.get("id") if isinstance(before, dict) else None
        return {identity} if isinstance(identity, str) else set()

    def _data(self, kind: str) -> Iterator[Block]:
        """Data sources that were read before the plan. One that is no longer configured says nothing any more."""
        for state in self.index.data.get(kind, ()):
            values = decode_raw(state.values)
            configured = self._configured(self.index.module_address_of(state), "data", kind, state.name)
            if configured is not None and isinstance(values, dict):
                tree = Tree(values, False, "", decode_raw(state.sensitive_values), gap=_GAP)
                yield self._block(state, tree, new=False)

    # -- one block ---------------------------------------------------------------------------------------------

    def _block(self, instance: Instance, tree: Tree, *, new: bool, past: bool = False) -> Block:
        module_address = self.index.module_address_of(instance)
        steps = parse_modules(module_address)
        configured = self._configured(module_address, instance.mode, instance.type, instance.name)
        key = int(instance.index) if isinstance(instance.index, float) else instance.index
        place = (
            self._orphan_place(tree, past=past) if configured is None
            else self._place(configured, steps, key, tree, past=past)
        )  # fmt: skip
        static = tuple(step.name for step in steps)
        where = self.source.position(static, instance.mode, instance.type, instance.name) if self.source else None
        file, line = where or (None, None)
        return Block(
            address=instance.address,
            module_address=module_address,
            mode=instance.mode,
            type=instance.type,
            name=instance.name,
            key=key,
            tree=tree,
            place=place,
            origin=Origin(instance.address, file, line),
            new=new,
            root=self.references.root,
            links=BEFORE if past else self.links,
        )

    def _configured(self, module_address: str, mode: str, kind: str, name: str) -> ConfigResource | None:
        static = tuple(step.name for step in parse_modules(module_address))
        return self.index.resources.get((static, mode, kind, name))

    def _is_configured(self, change: ResourceChange) -> bool:
        configured = self._configured(change.module_address, change.mode, change.type, change.name)
        return configured is not None and configured.provider_config_key is not None

    def _place(self, configured: ConfigResource, steps: tuple[Step, ...], key: Any, tree: Tree, *, past: bool) -> Place:
        """The provider's place, but for the `region` that AWS provider 6 lets a resource set for itself."""
        place = self.providers.place(configured.provider_config_key, steps)
        own = tree.text("region")
        expression = self.index.expressions(configured).get("region")
        if not own.is_known and expression is not None and not past:
            at = Standpoint(steps, key, self.index.repetition(configured), ("region",))
            return Place(place.account, self.references.constant(expression, at).map(_region_or_none))
        text = own.known_or(None)
        if text and catalogue.region(text) is not None:
            return Place(place.account, known(text))
        return place

    def _orphan_place(self, tree: Tree, *, past: bool) -> Place:
        """The place of what the configuration does not hold (any more): a plan names no provider for it, but its own
        ARN tells where it is."""
        parts = (tree.text("arn").known_or("") or "").split(":")
        region = parts[3] if len(parts) > 5 else ""
        accounts = {place.account.key: place.account for place in self.places}
        if len(accounts) == 1:
            account = next(iter(accounts.values()))
        elif len(parts) > 5 and parts[4] in accounts:
            account = accounts[parts[4]]
        else:
            account = self.providers.place(None, ()).account
        if catalogue.region(region) is not None:
            return Place(account, known(region))
        regions = {place.region.known_or("") for place in self.places}
        if past and len(regions) == 1 and "" not in regions:
            return Place(account, known(next(iter(regions))))
        return Place(account, unknown("it is not in the configuration, so nothing tells which provider it uses"))

    # -- what the plan covers ----------------------------------------------------------------------------------

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """The places of every provider configuration that some AWS resource of the plan uses."""
        used: dict[tuple[str | None, tuple[Step, ...]], None] = {}
        for module_address, mode, kind, name in self.index.declared:
            if kind.startswith("aws_"):
                configured = self._configured(module_address, mode, kind, name)
                if configured is not None:
                    used[configured.provider_config_key, parse_modules(module_address)] = None
        if not used:
            used = {(key, ()): None for key, found in self.plan.configuration.provider_config.items()
                    if found.name == "aws" and not found.module_address}  # fmt: skip
        return tuple(dict.fromkeys(self.providers.place(key, steps) for key, steps in used))

    @cached_property
    def _touched(self) -> set[str]:
        """The regions that AWS resources name for themselves (provider 6)."""
        return {name for name in self.index.touched if catalogue.region(name) is not None}


def _listed(actions: set[str]) -> str:
    return "the action " + " + ".join(sorted(actions)) if actions else "a change without an action"


def _region_or_none(name: object) -> str | None:
    return name if isinstance(name, str) and catalogue.region(name) is not None else None
