"""What all things of the estate share: where they are, where they are declared, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import ClassVar

import msgspec
from msgspec.structs import replace

from guardline.validator.model.value import Value, known


class Origin(msgspec.Struct, frozen=True):
    """Where a thing is declared or seen: what evidence is made of.

    Attributes:
        address: the full Terraform address with its instance key, or the ARN of a live thing.
        file: POSIX path relative to the git root, where known.
        line: 1-based line in `file`.
        chain: the references that were followed, outermost first, e.g. ``("aws_flow_log.f.vpc_id", "var.vpc")``.
        calls: file and line of the module calls that lead to it, the innermost first.
        absent: it is no thing but where one is missing: the list, the call or the line that would make it.
    """

    address: str
    file: str | None = None
    line: int | None = None
    chain: tuple[str, ...] = ()
    calls: tuple[tuple[str, int], ...] = ()
    absent: bool = False

    def __reduce__(self) -> tuple[object, ...]:
        """What another process read is shared here too: the accounts of an organization have the same addresses."""
        rest = (self.file, self.line, self.chain, self.calls, self.absent)
        return (origin_at, (self.address,)) if rest == _NOTHING_MORE else (Origin, (self.address, *rest))

    def following(self, chain: Iterable[str]) -> Origin:
        """Return this origin with the references that led to the verdict."""
        return replace(self, chain=tuple(chain))


_NOTHING_MORE = (None, None, (), (), False)


@lru_cache(maxsize=65536)
def origin_at(address: str) -> Origin:
    """The origin of which no more than the address is known; one for all roots that have the address."""
    return Origin(address)


class Account(msgspec.Struct, frozen=True):
    """An AWS account, or the place-holder for one whose id no source tells.

    Attributes:
        id: the 12-digit account id, or None.
        key: the id where known; else one per distinct set of credentials.
        known_from: what told the id, e.g. ``allowed_account_ids``, ``assume_role``, ``caller identity``, ``spec``.
        by_credentials: the id is unknown, and the credentials are known (a profile), so that it is one account
            wherever they appear. Without, it may be another account in each root.
    """

    id: str | None
    key: str
    known_from: str | None = None
    by_credentials: bool = False


NOBODY = Account(None, "-")
"""The account to ask about where no source and no spec names any."""


class Location(msgspec.Struct, frozen=True):
    """The account and region that a thing belongs to. Global things (IAM) have no region: known(None).

    Attributes:
        through: the provider configuration, where the account is only what a plan shows of it: a plan leaves out a
            dynamic block, so one that assumes a role in it looks like one that assumes none. No part of the identity.
    """

    account: Account
    region: Value[str | None]
    through: str | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Location) and (self.account, self.region) == (other.account, other.region)

    def __hash__(self) -> int:
        return hash((self.account, self.region))


class Ref(msgspec.Struct, frozen=True):
    """Names one thing elsewhere: by Terraform address, by id or ARN, or both.

    An address and an id of one thing are one subject; `names` is how two refs are compared.
    """

    address: str | None = None
    id: str | None = None
    chain: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All the names this ref is known by."""
        return frozenset(name for name in (self.address, self.id) if name)


class Resource(msgspec.Struct, frozen=True):
    """What all resources of the estate share.

    Attributes:
        location: account and region.
        origin: where it is declared.
        names: every name it answers to (address, id, ARN), see `Ref.names`.
        managed: False for what a source only looks at (a data source): it exists, and nobody here changes it.
        is_global: resources of the kind belong to an account as a whole, and to no region.
    """

    is_global: ClassVar[bool] = False
    location: Location
    origin: Origin
    names: frozenset[str]
    managed: bool

    @property
    def own_name(self) -> str:
        """Its address; where several roots are read, with its root before it, so that no other thing has it."""
        ends = f": {self.origin.address}"
        return next((name for name in sorted(self.names) if name.endswith(ends)), self.origin.address)

    def is_named_by(self, ref: Ref) -> bool:
        """Whether `ref` names this thing."""
        return not self.names.isdisjoint(ref.names)


def shares_a_place(one: Resource, other: Resource) -> bool | None:
    """Whether both stand in one account and region (an id of one region means nothing in another); None where that is
    not known. Two unknowns for one reason, say of one provider, are one place."""
    ours, theirs = one.location, other.location
    mine, other_id = ours.account.id, theirs.account.id
    if mine != other_id and mine is not None and other_id is not None:
        return False
    both_known = ours.region.is_known and theirs.region.is_known
    if ours.region == theirs.region:
        return True
    return False if both_known else None


def may_be_beside(one: Resource, other: Resource) -> bool:
    """Whether a name that one gives may be the other's: names are of one account and region, and accounts that nobody
    names are as many as there are credentials."""
    return one.location.account.key == other.location.account.key and shares_a_place(one, other) is not False


NOWHERE: Value[str | None] = known(None)
"""The region of a global thing."""
