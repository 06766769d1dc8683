"""The estate: what a source says exists, in AWS's own words and free of any source's shape.

Controls see only these frozen types and cannot tell whether they came from HCL, a plan, a state or the live account.
`Estate.select` is the one way to ask for things by place; it keeps what *is* here apart from what *may be* here.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

import msgspec

from guardline.validator.model.deployments import Deployment
from guardline.validator.model.resource import Account, Origin, Ref, Resource
from guardline.validator.model.value import Leaf, UnknownValue, look_again, looked_at

AnyResource = TypeVar("AnyResource", bound=Resource)
Derived = TypeVar("Derived")


class Selection(msgspec.Struct, Generic[AnyResource], frozen=True):
    """The answer to "which of these are in this place?".

    Attributes:
        here: surely in the place.
        possible: their account or region is unknown, so they may be.
        incomplete: why absence must not be claimed, or None when the source is complete.
        kind: what was asked for.
    """

    here: tuple[AnyResource, ...]
    possible: tuple[AnyResource, ...]
    incomplete: str | None
    kind: type[Resource] | None = None

    def __iter__(self) -> Iterator[AnyResource]:
        return iter(self.here)

    def assert_complete(self) -> None:
        """Call before claiming that something is absent.

        Raises:
            UnknownValue: the source is incomplete, or something of unknown place may be the missing one.
        """
        if self.incomplete is not None:
            raise UnknownValue(self.incomplete, self.kind)
        if self.possible:
            first = self.possible[0]
            why = first.location.region.reason or "its account is unknown"
            more = f" and {len(self.possible) - 1} more" if len(self.possible) > 1 else ""
            raise UnknownValue(f"{first.origin.address}{more} may be here: {why}", self.kind)


class MissingLocations(msgspec.Struct, frozen=True):
    """Where in the source what is missing is missing from: the evidence of an absence.

    Attributes:
        left_out: by type and region, what leaves a resource out there: a `count` of 0, an empty `for_each`, or the
            argument of the module call that decides it.
        lists: by type, the list of regions that the others come from.
        last: by type, the last of those that are written one by one. It says nothing of another region.
        unread: by type (None: any), what hides resources of it: a module that is not at hand, an unknown `for_each`.
        providers: by region, the provider configuration that is for it; None: any.
    """

    left_out: Mapping[tuple[type[Resource], str], Origin] = msgspec.field(default_factory=dict)
    lists: Mapping[type[Resource], Origin] = msgspec.field(default_factory=dict)
    last: Mapping[type[Resource], Origin] = msgspec.field(default_factory=dict)
    unread: Mapping[type[Resource] | None, Origin] = msgspec.field(default_factory=dict)
    providers: Mapping[str | None, Origin] = msgspec.field(default_factory=dict)

    def of(self, kind: type[Resource], region: str | None) -> Origin | None:
        """Where one more resource of a type would be written; None where the source does not show it."""
        found = self.left_out.get((kind, region)) if region is not None else None
        return found or self.lists.get(kind) or (self.last.get(kind) if region is None else self.providers.get(region))


class Part(msgspec.Struct, frozen=True):
    """What is known of the roots that may hold something of one account; as in `Estate`."""

    incomplete: str | None = None
    missing: Mapping[type[Resource], str] = msgspec.field(default_factory=dict)
    missing_locations: MissingLocations = msgspec.field(default_factory=MissingLocations)


class Estate(msgspec.Struct, frozen=True, dict=True):
    """Everything that the sources say, after the change (or before it).

    Attributes:
        partition: ``aws``, ``aws-us-gov``, ``aws-cn``, ...
        resources: every thing, in a stable order.
        accounts: the accounts that things belong to.
        incomplete: why absence must not be claimed anywhere (errored plan, ``-target``, ...), or None.
        missing: parts that could not be read (module or resource address -> reason, with the resource types it may
            hold): absence must not be claimed for those types.
        regions: regions that the source touches, with or without things that controls read.
        touched: key of an account -> the regions of it that the source touches.
        unknown_regions: key of an account -> why the region of some provider of it is unknown.
        configured: the accounts of all the providers that the source configures, used or not.
        declared: the kinds that the source declares, with or without instances.
        by_account: of several roots, key of an account -> what is known of the roots that may hold something of it.
        past: True for what was there before the change. AWS itself has held it to its limits, so that two enabled
            detectors of one region are two records of one.
        missing_locations: where absences are written, if the source tells.
        unusable: why nothing at all may be claimed from it, neither presence nor absence; None where that is not so.
        organization: the id of the organization whose the accounts are, where a spec names it.
        leaving: the ids of what the change deletes.
    """

    partition: str
    resources: tuple[Resource, ...] = ()
    accounts: tuple[Account, ...] = ()
    incomplete: str | None = None
    missing: Mapping[type[Resource], str] = msgspec.field(default_factory=dict)
    regions: frozenset[str] = frozenset()
    touched: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)
    unknown_regions: Mapping[str, str] = msgspec.field(default_factory=dict)
    configured: tuple[Account, ...] = ()
    declared: frozenset[type[Resource]] = frozenset()
    by_account: Mapping[str, Part] = msgspec.field(default_factory=dict)
    past: bool = False
    missing_locations: MissingLocations = msgspec.field(default_factory=MissingLocations)
    unusable: str | None = None
    organization: str | None = None
    leaving: frozenset[str] = frozenset()

    def all(self, kind: type[AnyResource]) -> tuple[AnyResource, ...]:
        """Every thing of one kind, wherever it is."""
        return cast("tuple[AnyResource, ...]", tuple(self._kinds.get(kind, ())))

    def select(self, kind: type[AnyResource], account: Account, region: str | None = None) -> Selection[AnyResource]:
        """Ask for the things of one kind in an account, or in one region of it.

        Args:
            kind: the type asked for.
            account: the account; things of another account never count.
            region: the region's name, or None for the whole account.
        """
        placed = self._placed(kind)
        here = placed.get((account.key, region), ())
        possible = placed.get((account.key, _SOMEWHERE), ()) if region is not None else ()
        incomplete = self.why_incomplete(kind, account) or self.deployed_otherwise(kind, account, region)
        found = Selection(tuple(here), tuple(possible), incomplete, kind)
        return cast("Selection[AnyResource]", found)

    def find(self, kind: type[AnyResource], ref: Ref, account: Account | None = None) -> AnyResource | None:
        """The thing that `ref` names, if the estate holds it.

        Args:
            kind: the type asked for.
            ref: its address or id.
            account: whose it is, where the name is one that several accounts may use, e.g. a role's.
        """
        named = self._named(kind, account.key if account is not None else None)
        found = named.get(ref.address) if ref.address else None
        if found is None and ref.id:
            found = named.get(ref.id)
        return cast("AnyResource | None", found)

    def why_incomplete(self, kind: type[Resource], account: Account | None = None) -> str | None:
        """Why absence of one kind must not be claimed, or None.

        Args:
            kind: the type.
            account: in which account; None: in any.
        """
        everywhere = self.incomplete or self.missing.get(kind)
        if everywhere is not None or not self.by_account:
            return everywhere
        if account is not None:
            of = self.by_account.get(account.key)
            return (of.incomplete or of.missing.get(kind)) if of is not None else None
        if kind not in self._incomplete_somewhere:
            parts = self.by_account.values()
            why = next((why for part in parts if (why := part.incomplete or part.missing.get(kind))), None)
            self._incomplete_somewhere[kind] = why
        return self._incomplete_somewhere[kind]

    def hidden(self, kind: type[Resource], account: Account) -> str | None:
        """Why some resource of a kind that is in the source may not have been read, or None."""
        part = self.by_account.get(account.key)
        return self.missing.get(kind) or (part.missing.get(kind) if part is not None else None)

    def deployed_otherwise(
        self, kind: type[Resource], account: Account, region: str | None, *, settled: bool = False
    ) -> str | None:
        """Why something of a kind may be in a place although no Terraform resource makes it, or None.

        Args:
            kind: the type.
            account, region: the place; region None is any region of the account.
            settled: whether to ask who may change what is there already.
        """
        asked = (kind, account.key, region, settled)
        if asked not in self._deployed:
            unread, found = self.once(_deploying)
            each = next(
                (
                    each
                    for each in found.get(kind, ())
                    if (each.settles or not settled) and (unread or each.reaches(account, region))
                ),
                None,
            )
            self._deployed[asked] = f"{each.origin.address}, {each.by}, may set it up" if each is not None else None
        return self._deployed[asked]

    def locations_of(self, account: Account) -> MissingLocations:
        """Where what an account lacks would be written."""
        part = self.by_account.get(account.key)
        return part.missing_locations if part is not None else self.missing_locations

    def once(self, derive: Callable[[Estate], Derived]) -> Derived:
        """Return `derive(self)`, computed the first time only: how a control keeps an index of its own.

        Args:
            derive: its own key: a module-level function, or what is equal wherever it derives the same.
        """
        if derive not in self._derived:
            self._derived[derive] = derive(self)
        return cast("Derived", self._derived[derive])

    def recalled(self, question: Hashable, about: tuple[Resource, ...], answer: Callable[[], Derived]) -> Derived:
        """Return `answer()`, worked out the first time only: what many cells ask, such as who listens to one topic.

        Args:
            question: what is asked, beside the resources.
            about: the resources that it is asked about.
            answer: answers; what it looks at counts as looked at each time. What it raises is not kept.
        """
        key = (question, *map(id, about))
        entry = self._answers.get(key)
        if entry is None:
            leaves: list[Leaf] = []
            try:
                with looked_at() as leaves:
                    entry = (answer(), tuple(leaves), about)  # holds the resources, so that no other gets their ids
            finally:
                look_again(leaves)
            self._answers[key] = entry
        else:
            look_again(entry[1])
        return cast("Derived", entry[0])

    # Indexes, so that asking every cell stays linear in the size of the estate.

    @cached_property
    def _answers(self) -> dict[tuple[object, ...], tuple[object, Sequence[Leaf], tuple[Resource, ...]]]:
        return {}

    @cached_property
    def _incomplete_somewhere(self) -> dict[type[Resource], str | None]:
        return {}

    @cached_property
    def _derived(self) -> dict[object, object]:
        return {}

    @cached_property
    def _deployed(self) -> dict[tuple[type[Resource], str, str | None, bool], str | None]:
        return {}

    @cached_property
    def _kinds(self) -> dict[type[Resource], list[Resource]]:
        kinds: dict[type[Resource], list[Resource]] = {}
        for resource in self.resources:
            for kind in type(resource).__mro__:
                if issubclass(kind, Resource):
                    kinds.setdefault(kind, []).append(resource)
        return kinds

    @cached_property
    def _indexes(self) -> dict[tuple[object, ...], Mapping[Any, Any]]:
        """Made for a kind when it is first asked for: most kinds of a large estate never are."""
        return {}

    def _placed(self, kind: type[Resource]) -> Mapping[tuple[str, str | None], list[Resource]]:
        """By account and region; region None is the whole account, `_SOMEWHERE` is where no source tells."""
        if (kind, "placed") not in self._indexes:
            places: dict[tuple[str, str | None], list[Resource]] = {}
            for resource in self._kinds.get(kind, ()):
                account, region = resource.location.account.key, resource.location.region.known_or(_SOMEWHERE)
                places.setdefault((account, None), []).append(resource)
                if region is not None:
                    places.setdefault((account, region), []).append(resource)
            self._indexes[kind, "placed"] = places
        return self._indexes[kind, "placed"]

    def _named(self, kind: type[Resource], account: str | None) -> Mapping[str, Resource]:
        """By name, of one account (its key) or of all."""
        if (kind, account) not in self._indexes:
            named: dict[str, Resource] = {}
            for resource in self._kinds.get(kind, ()):
                if account is None or resource.location.account.key == account:
                    for name in resource.names:
                        named.setdefault(name, resource)
            self._indexes[kind, account] = named
        return self._indexes[kind, account]


def _deploying(estate: Estate) -> tuple[str | None, Mapping[type[Resource], list[Deployment]]]:
    """Why some deployment may not have been read, and those that were, by the kinds that they may make."""
    found: dict[type[Resource], list[Deployment]] = {}
    for each in estate.all(Deployment):
        for kind in each.makes:
            found.setdefault(kind, []).append(each)
    return estate.why_incomplete(Deployment), found


_SOMEWHERE = "?"  # no region is called this
