"""What each practice adds to a root: one file each. Every decision is taken here; the templates only write it down."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from guardline.generator.practices import (
    access,
    alerts,
    config,
    delegation,
    dns_logs,
    export,
    flow_logs,
    lists,
    logged_vpcs,
    organization,
    response,
    scp,
    security_hub,
    suppression,
    tamper,
    trail,
)
from guardline.generator.root import Part, Root

# In the order in which the root's README speaks of them. The name is the one the templates know the practice by.
PRACTICES: Mapping[str, Callable[[Root], Part]] = {
    "delegation": delegation.part,
    "organization": organization.part,
    "trail": trail.part,
    "flow_logs": flow_logs.part,
    "dns_logs": dns_logs.part,
    "logged_vpcs": logged_vpcs.part,
    "lists": lists.part,
    "export": export.part,
    "suppression": suppression.part,
    "access": access.part,
    "security_hub": security_hub.part,
    "config": config.part,
    "response": response.part,
    "tamper": tamper.part,
    "alerts": alerts.part,
    "scp": scp.part,
}
