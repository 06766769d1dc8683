"""The VPCs of the expected regions: the subjects of every control that is asked of each VPC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from guardline.validator.control import Cell
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.ec2 import Vpc, VpcInventory
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account, Origin
from guardline.validator.model.value import UnknownValue, Value, known, unknown


def vpc_cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    """One cell per VPC, declared or listed, of each account's expected regions.

    A VPC of unknown region gets a cell without a region. Where VPCs may exist that nothing names, one more cell
    without a subject stands for them (`unseen` says why), so that they do not count as covered.
    """
    for account in scope.accounts:
        for region in scope.expected_in(account):
            for vpc in vpcs(estate, account, region):
                yield _cell(account, region, vpc)
            if unseen(estate, scope, Cell(account, region)) is not None:
                yield Cell(account, region)
        for vpc in _united(vpc for vpc in estate.select(Vpc, account) if not vpc.location.region.is_known):
            yield _cell(account, None, vpc)


def vpcs(estate: Estate, account: Account, region: str) -> tuple[Vpc, ...]:
    """Every VPC of the region that the source declares, looks at or lists, each once."""
    listed = (
        _listed(inventory, vpc_id)
        for inventory in estate.select(VpcInventory, account, region)
        for vpc_id in inventory.ids.known_or(())
    )
    return _united((*estate.select(Vpc, account, region), *listed))


def unseen(estate: Estate, scope: Scope, cell: Cell) -> str | None:
    """Why the region may hold VPCs that nothing names, or None.

    Without a spec nobody claims that every VPC is known; then only a listing whose ids are unknown counts.
    """
    inventories = estate.select(VpcInventory, cell.account, cell.region).here
    pending = next((inventory.ids.reason for inventory in inventories if not inventory.ids.is_known), None)
    if pending is not None:
        return f"the VPCs listed in {cell.region} are unknown: {pending}"
    if scope.asked is None or any(inventory.every_own.known_or(False) for inventory in inventories):
        return None
    return f"nothing shows every VPC that the account owns in {cell.region}"


def other_owner(vpc: Vpc, cell: Cell) -> str | None:
    """The account that owns the VPC, where that is surely another one than the cell's."""
    owner, account = vpc.owner.known_or(None), cell.account.id
    return owner if account is not None and owner != account else None


def assert_own(vpc: Vpc, cell: Cell, without: str) -> None:
    """Call before claiming that the account left something out for a VPC that it only reads.

    Args:
        vpc: the VPC.
        cell: whose it is asked of.
        without: what is not seen, for the reason.

    Raises:
        UnknownValue: the VPC may be another account's, which then looks after it.
    """
    if vpc.managed:
        return
    if not vpc.owner.is_known:
        raise UnknownValue(f"{without}, and it may be another account's: {vpc.owner.reason}")
    if vpc.owner.get() is not None and cell.account.id is None:
        raise UnknownValue(
            f"{without}; account {vpc.owner.get()} owns it, and whether that is this account is unknown (name it with "
            "--account)"
        )


def listings(estate: Estate, cell: Cell) -> tuple[Origin, ...]:
    """Where the region's VPCs are listed, if their ids are unknown."""
    inventories = estate.select(VpcInventory, cell.account, cell.region).here
    return tuple(inventory.origin for inventory in inventories if not inventory.ids.is_known)


def narrowed(estate: Estate, cell: Cell, address: str) -> Origin | None:
    """The listing beside a resource, in the same module, that leaves out VPCs of the account; None where none does."""
    module = address.rpartition(".aws_")[0]
    for one in estate.select(VpcInventory, cell.account, cell.region).here:
        same = one.origin.address.rpartition(".data.aws_")[0] == module
        if same and one.every_own.known_or(True) is False:
            return one.origin
    return None


def _listed(inventory: VpcInventory, vpc_id: str) -> Vpc:
    owner: Value[str | None] = known(None)
    if not inventory.every_own.known_or(False):
        owner = unknown(f"{inventory.origin.address} may list VPCs shared by other accounts")
    return Vpc(inventory.location, inventory.origin, frozenset({vpc_id}), False, known(vpc_id), owner)


def _united(found: Iterable[Vpc]) -> tuple[Vpc, ...]:
    """One entry per VPC: an address and an id of one VPC are one subject, and the declaration speaks for it."""
    kept: list[Vpc] = []
    named: dict[str, int] = {}
    for vpc in sorted(found, key=lambda vpc: not vpc.managed):
        at = next((named[name] for name in sorted(vpc.names) if name in named), None)
        if at is None:
            at = len(kept)
            kept.append(vpc)
        else:
            kept[at] = _merged(kept[at], vpc)
        named.update((name, at) for name in vpc.names)
    return tuple(kept)


def _merged(vpc: Vpc, again: Vpc) -> Vpc:
    return replace(
        vpc,
        names=vpc.names | again.names,
        id=vpc.id if vpc.id.is_known else again.id,
        owner=vpc.owner if vpc.owner.is_known else again.owner,
    )


def _cell(account: Account, region: str | None, vpc: Vpc) -> Cell:
    address, vpc_id = vpc.origin.address, vpc.id.known_or(None)
    # Of a listed VPC the address is the listing's; of a live one it is an ARN. Both go by their id.
    declared = not address.startswith("arn:") and any(name.endswith(address) for name in vpc.names)
    return Cell(
        account, region, subject=address if declared or vpc_id is None else vpc_id, subject_id=vpc_id, resource=vpc
    )
