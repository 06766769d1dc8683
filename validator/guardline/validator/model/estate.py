"""The estate: what a source says exists, in AWS's own words and free of any source's shape.

Controls see only these frozen types and cannot tell whether they came from HCL, a plan, a state or the live account.
`Estate.select` is the one way to ask for things by place; it keeps what *is* here apart from what *may be* here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, Generic, TypeVar, cast

import msgspec

from guardline.validator.model.resource import Account, Origin, Ref, Thing
from guardline.validator.model.value import Untold

AnyThing = TypeVar("AnyThing", bound=Thing)
Derived = TypeVar("Derived")


class Selection(msgspec.Struct, Generic[AnyThing], frozen=True):
    """The answer to "which of these are in this place?".

    Attributes:
        here: surely in the place.
        perhaps: their account or region is unknown, so they may be.
        incomplete: why absence must not be claimed, or None when the source is complete.
        kind: what was asked for.
    """

    here: tuple[AnyThing, ...]
    perhaps: tuple[AnyThing, ...]
    incomplete: str | None
    kind: type[Thing] | None = None

    def __iter__(self) -> Iterator[AnyThing]:
        return iter(self.here)

    def assert_complete(self) -> None:
        """Call before claiming that something is absent.

        Raises:
            Untold: the source is incomplete, or something of unknown place may be the missing one.
        """
        if self.incomplete is not None:
            raise Untold(self.incomplete, self.kind)
        if self.perhaps:
            first = self.perhaps[0]
            why = first.place.region.reason or "its account is unknown"
            more = f" and {len(self.perhaps) - 1} more" if len(self.perhaps) > 1 else ""
            raise Untold(f"{first.origin.address}{more} may be here: {why}", self.kind)


class Gaps(msgspec.Struct, frozen=True):
    """Where in the source what is missing is missing from: the evidence of an absence.

    Attributes:
        further: tells where one more thing of a kind would be written: the list of regions that the others come from,
            or the last of those written one by one; None where there is none to go by.
        unread: by kind (None: whatever it is), what hides things of it: a module that is not at hand, a `for_each`
            that cannot be told.
        providers: by region, the provider configuration that is for it; None: any.
    """

    further: Callable[[type[Thing]], Origin | None] = lambda _kind: None
    unread: Mapping[type[Thing] | None, Origin] = msgspec.field(default_factory=dict)
    providers: Mapping[str | None, Origin] = msgspec.field(default_factory=dict)


class Estate(msgspec.Struct, frozen=True, dict=True):
    """Everything that the sources say, after the change (or before it).

    Attributes:
        partition: ``aws``, ``aws-us-gov``, ``aws-cn``, ...
        things: every thing, in a stable order.
        accounts: the accounts that things belong to.
        incomplete: why absence must not be claimed anywhere (errored plan, ``-target``, ...), or None.
        missing: parts that could not be read (module or resource address -> reason, with the resource types it may
            hold): absence must not be claimed for those types.
        regions: regions that the source touches, with or without things that controls read.
        past: True for what was there before the change. AWS itself has held it to its limits, so that two enabled
            detectors of one region are two records of one.
        gaps: where absences are written, if the source tells.
        void: why nothing at all may be claimed from it, neither presence nor absence; None where that is not so.
    """

    partition: str
    things: tuple[Thing, ...] = ()
    accounts: tuple[Account, ...] = ()
    incomplete: str | None = None
    missing: Mapping[type[Thing], str] = msgspec.field(default_factory=dict)
    regions: frozenset[str] = frozenset()
    past: bool = False
    gaps: Gaps = msgspec.field(default_factory=Gaps)
    void: str | None = None

    def all(self, kind: type[AnyThing]) -> tuple[AnyThing, ...]:
        """Every thing of one kind, wherever it is."""
        return cast("tuple[AnyThing, ...]", tuple(self._kinds.get(kind, ())))

    def select(self, kind: type[AnyThing], account: Account, region: str | None = None) -> Selection[AnyThing]:
        """Ask for the things of one kind in an account, or in one region of it.

        Args:
            kind: the type asked for.
            account: the account; things of another account never count.
            region: the region's name, or None for the whole account.
        """
        placed = self._placed(kind)
        here = placed.get((account.key, region), ())
        perhaps = placed.get((account.key, _SOMEWHERE), ()) if region is not None else ()
        found = Selection(tuple(here), tuple(perhaps), self.why_incomplete(kind), kind)
        return cast("Selection[AnyThing]", found)

    def find(self, kind: type[AnyThing], ref: Ref, account: Account | None = None) -> AnyThing | None:
        """The thing that `ref` names, if the estate holds it.

        Args:
            kind: the type asked for.
            ref: its address or id.
            account: whose it is, where the name is one that several accounts may use, e.g. a role's.
        """
        named = self._named(kind, account.key if account is not None else None)
        found = (named.get(name) for name in (ref.address, ref.id) if name)
        return cast("AnyThing | None", next((thing for thing in found if thing is not None), None))

    def why_incomplete(self, kind: type[Thing]) -> str | None:
        """Why absence of one kind must not be claimed, or None."""
        return self.incomplete or self.missing.get(kind)

    def once(self, derive: Callable[[Estate], Derived]) -> Derived:
        """Return `derive(self)`, computed the first time only: how a control keeps an index of its own.

        Args:
            derive: a module-level function; it is its own key.
        """
        if derive not in self._derived:
            self._derived[derive] = derive(self)
        return cast("Derived", self._derived[derive])

    # Indexes, so that asking every cell stays linear in the size of the estate.

    @cached_property
    def _derived(self) -> dict[object, object]:
        return {}

    @cached_property
    def _kinds(self) -> dict[type[Thing], list[Thing]]:
        kinds: dict[type[Thing], list[Thing]] = {}
        for thing in self.things:
            for kind in type(thing).__mro__:
                if issubclass(kind, Thing):
                    kinds.setdefault(kind, []).append(thing)
        return kinds

    @cached_property
    def _indexes(self) -> dict[tuple[object, ...], Mapping[Any, Any]]:
        """Made for a kind when it is first asked for: most kinds of a large estate never are."""
        return {}

    def _placed(self, kind: type[Thing]) -> Mapping[tuple[str, str | None], list[Thing]]:
        """By account and region; region None is the whole account, `_SOMEWHERE` is where no source tells."""
        if (kind, "placed") not in self._indexes:
            places: dict[tuple[str, str | None], list[Thing]] = {}
            for thing in self._kinds.get(kind, ()):
                account, region = thing.place.account.key, thing.place.region.known_or(_SOMEWHERE)
                places.setdefault((account, None), []).append(thing)
                if region is not None:
                    places.setdefault((account, region), []).append(thing)
            self._indexes[kind, "placed"] = places
        return self._indexes[kind, "placed"]

    def _named(self, kind: type[Thing], account: str | None) -> Mapping[str, Thing]:
        """By name, of one account (its key) or of all."""
        if (kind, account) not in self._indexes:
            named: dict[str, Thing] = {}
            for thing in self._kinds.get(kind, ()):
                if account is None or thing.place.account.key == account:
                    for name in thing.names:
                        named.setdefault(name, thing)
            self._indexes[kind, account] = named
        return self._indexes[kind, account]


_SOMEWHERE = "?"  # no region is called this
