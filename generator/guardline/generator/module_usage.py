"""What roots use of the modules. Modules that one spec has for itself hold no more than that.

Terraform loads every module that is called, once for each region and whether or not there is anything in it: of a plan
in all regions that was a third of the time. Modules that several specs share hold everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from guardline.generator.hcl import hcl
from guardline.spec.model import Spec

CALLS: Mapping[str, str] = {
    "features": "guardduty",
    "flow_logs": "flow_logs",
    "dns_logs": "dns_logs",
    "other_resolvers": "other_resolvers",
    "trusted_ip_list": "trusted_ip_list",
    "threat_ip_lists": "threat_ip_lists",
    "findings_bucket_arn": "publishing_destination",
    "security_hub": "security_hub",
    "config": "config",
    "alert_topic": "alert_topic",
    "alerts": "event_rules",
    "response": "response",
}
"""The arguments of the `region` module that make it call a module, and the call's name."""

EVERYTHING = frozenset({*CALLS, "alerts_bus", "logged_vpcs", "flow_logs.log_group", "dns_logs.log_group"})
"""All that the templates of the modules ask about."""

Files = Mapping[PurePosixPath, str]


def uses(spec: Spec, region_arguments: Iterable[str]) -> frozenset[str]:
    """What a root uses, of `EVERYTHING`.

    Args:
        spec: the spec.
        region_arguments: what the root passes to the `region` module.
    """
    logs = {"flow_logs": spec.flow_logs, "dns_logs": spec.dns_logs}
    groups = {f"{name}.log_group" for name, asked in logs.items() if asked and asked.destination == "cloudwatch-logs"}
    return EVERYTHING & {*region_arguments, *groups}


class Calls:
    """The modules that one folder calls: its templates ask here for what their ``source`` arguments say.

    Args:
        modules: the modules' folder, seen from that one.

    Attributes:
        names: the modules that were asked for.
    """

    def __init__(self, modules: str) -> None:
        self._modules = modules
        self.names: set[str] = set()

    def __call__(self, name: str) -> str:
        """The argument ``source`` of a call."""
        self.names.add(name)
        return hcl(f"{self._modules}/{name}")
