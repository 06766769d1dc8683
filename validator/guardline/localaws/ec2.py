"""What moto's EC2 lacks for the baseline: how flow logs' files are written, a region's DHCP options, network ACLs."""

from __future__ import annotations

import inspect
from functools import wraps
from typing import Any

AMAZON = ["AmazonProvidedDNS"]


def correct() -> None:
    """Keep a flow log's destination options, give every VPC the region's default DHCP options, delete ACL rules safely.

    moto 5.2.5 forgets how the files of a flow log are written, so that Terraform would make it anew in every run. It
    calls the DHCP options of a VPC ``default``, which in AWS means that there are none at all; there, a VPC begins with
    the region's own set, which names the Amazon resolver:
    https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html. Where two rules of one network ACL are
    deleted at once, it loses its way in the list of them. The 1,300 images that it makes in each region are left
    out: they take most of a region's first second, and an instance runs from any image.
    """
    from moto import settings
    from moto.ec2.models.flow_logs import FlowLogs as FlowLog
    from moto.ec2.models.network_acls import NetworkAclBackend
    from moto.ec2.models.vpcs import VPC
    from moto.ec2.responses.flow_logs import FlowLogs as Responses

    create = inspect.unwrap(Responses.create_flow_logs)  # moto's own, even where this was called before

    @wraps(create)
    def create_flow_logs(self: Any) -> Any:
        result = create(self)
        options = self._get_param("DestinationOptions")
        if options:
            for flow_log in result.result["FlowLogIds"]:
                self.ec2_backend.flow_logs[flow_log].destination_options = _options(options)
        return result

    responses: Any = Responses  # methods are replaced, which no checker allows on the class itself
    responses.create_flow_logs = create_flow_logs
    flow_log_class: Any = FlowLog
    flow_log_class.destination_options = None
    acls: Any = NetworkAclBackend
    acls.delete_network_acl_entry = _delete_network_acl_entry
    settings.ec2_load_default_amis = lambda: False
    vpc_class: Any = VPC
    vpc_class.dhcp_options_id = property(_dhcp_options_id)


def _options(given: dict[str, Any]) -> dict[str, Any]:
    """The options as DescribeFlowLogs answers them: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/
    API_DestinationOptionsResponse.html."""
    return {
        "FileFormat": given.get("FileFormat", "plain-text"),
        "HiveCompatiblePartitions": str(given.get("HiveCompatiblePartitions", "false")).lower() == "true",
        "PerHourPartition": str(given.get("PerHourPartition", "false")).lower() == "true",
    }


def _dhcp_options_id(vpc: Any) -> str:
    if vpc.dhcp_options:
        return str(vpc.dhcp_options.id)
    sets = vpc.ec2_backend.dhcp_options_sets
    default = next((one for one in sets.values() if getattr(one, "of_the_region", False)), None)
    if default is None:
        default = vpc.ec2_backend.create_dhcp_options(AMAZON)
        default.of_the_region = True
    return str(default.id)


def _delete_network_acl_entry(backend: Any, network_acl_id: str, rule_number: Any, egress: Any) -> Any:
    from moto.ec2.exceptions import EC2ClientError

    entries = backend.get_network_acl(network_acl_id).network_acl_entries
    for entry in tuple(entries):
        if (entry.egress, entry.rule_number) == (egress, rule_number):
            entries.remove(entry)
            return entry
    raise EC2ClientError(
        "InvalidNetworkAclEntry.NotFound", f"{network_acl_id} has no rule {rule_number} of that direction"
    )
