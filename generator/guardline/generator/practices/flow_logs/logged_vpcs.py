"""VPCs whose logs an inventory lists: Terraform makes no second one."""

from __future__ import annotations

from guardline.generator.existing import regional
from guardline.generator.root import Part, Root


def part(root: Root) -> Part:
    """What the inventory adds to the root: by region, the VPCs that are logged already.

    Raises:
        InventoryError: an inventory cannot be read.
    """
    logs, queries = root.spec.flow_logs, root.spec.dns_logs
    flows_made = logs.mode == "create"
    queries_made = queries is not None and queries.mode == "create"
    logged = {}
    for region, there in regional(root).items():
        recorded = {"ALL", logs.traffic}
        logged[region] = {
            "flows": [vpc.id for vpc in there.vpcs if any(log.traffic in recorded for log in vpc.flow_logs)],
            "queries": [vpc.id for vpc in there.vpcs if vpc.query_logs],
        }
        if not flows_made:
            logged[region]["flows"] = []
        if not queries_made:
            logged[region]["queries"] = []
    if not any(vpcs for kinds in logged.values() for vpcs in kinds.values()):
        return Part()
    count = len({vpc for kinds in logged.values() for vpcs in kinds.values() for vpc in vpcs})
    return Part(
        values={"regions": logged},
        region={"logged_vpcs": "local.logged_vpcs[REGION]"},
        assumed=(f"{count} VPCs keep the logs that the inventory lists; they get no second ones.",),
    )
