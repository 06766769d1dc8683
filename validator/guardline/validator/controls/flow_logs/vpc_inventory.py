"""Control vpc-inventory."""

from __future__ import annotations

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.cells import region_cells
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.ec2 import VpcInventory
from guardline.validator.model.estate import Estate


def _check(estate: Estate, _scope: Scope, cell: Cell) -> Verdict:
    found = estate.select(VpcInventory, cell.account, cell.region)
    for inventory in found:
        if inventory.every_own.known_or(False):
            return passed(f"all VPCs that the account owns in {cell.region} are listed", inventory.origin)
    for inventory in found:
        inventory.every_own.get()  # unknown: it may be the listing that covers all
    found.assert_complete()
    if found.here:
        origins = (inventory.origin for inventory in found)
        return failed(f"the listing of VPCs in {cell.region} leaves some of the account's own out", *origins)
    return failed(f"nothing lists the VPCs in {cell.region}", missing=VpcInventory)


CONTROL = Control(
    id="vpc-inventory",
    title="All of the account's own VPCs were considered",
    practice=1,
    severity=Severity.INFO,
    why=(
        "A configuration shows the VPCs that it declares, and says nothing of the default VPC or of those made by "
        "hand. Only a listing from the account itself tells that none was missed."
    ),
    passes="The source lists every VPC that the account owns in the region: `aws_vpcs` filtered on `owner-id` alone.",
    fails="Nothing lists the region's VPCs, or the listing is narrowed by tags or other filters.",
    unsure="The filter is known only after apply, a listing's region is unknown, or the source is incomplete.",
    fix='Read `data "aws_vpcs"` with a `filter` on `owner-id` in each region and create the flow logs over its `ids`.',
    limits="The listing is as old as the source: a VPC created afterwards is not in it.",
    cells=region_cells,
    check=_check,
    links=("https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/vpcs",),
)
