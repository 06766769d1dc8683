"""What each practice adds to a root. Every decision is taken here; the templates only write it down."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from guardline.generator.practices import access, dns_logs, lists, suppression
from guardline.generator.practices.detection import export
from guardline.generator.practices.flow_logs import logged_vpcs, logs
from guardline.generator.practices.organization import delegation, members
from guardline.generator.practices.response import alerts, function
from guardline.generator.practices.security_hub import config, hub
from guardline.generator.practices.security_hub import members as hub_members
from guardline.generator.practices.tamper import queries, service_control_policies
from guardline.generator.practices.trail import bucket, trail
from guardline.generator.root import Part, Root

PARTS: Mapping[str, Callable[[Root], Part]] = {
    "delegation": delegation.part,
    "organization": members.part,
    "trail": trail.part,
    "trail_bucket": bucket.part,
    "flow_logs": logs.part,
    "dns_logs": dns_logs.part,
    "logged_vpcs": logged_vpcs.part,
    "lists": lists.part,
    "export": export.part,
    "suppression": suppression.part,
    "access": access.part,
    "security_hub": hub.part,
    "hub_members": hub_members.part,
    "config": config.part,
    "response": function.part,
    "tamper": queries.part,
    "alerts": alerts.part,
    "scp": service_control_policies.part,
}
"""The parts of a root, in the order in which its README speaks of them, by the names that the templates use."""
