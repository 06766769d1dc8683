"""Cuts the instance off that a finding is about, takes snapshots of its volumes, and marks it.

A security group without rules ends new connections only: those that are open and tracked live on
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html). So the subnet's network
ACL denies the suspected address as well, where the finding names one and the ACL has room before its first rule that
allows; else the sentence for people says that open connections may live on.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Any

from ..clients import Clients
from ..finding import Finding
from . import instances
from .action import LeftToPeopleError, Seen, Target

GROUP = "guardline-isolation"
MARK = "guardline:isolated"
_LIVE_ON = "connections that were open may live on: stop the instance to end them"


class IsolateInstance:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html."""

    name = "isolate-instance"
    verb = "isolate"

    def targets(self, finding: Finding) -> tuple[Target, ...]:
        """See `Action`."""
        return instances.targets(finding)

    def look(self, clients: Clients, target: Target, finding: Finding) -> Seen:
        """See `Action`."""
        instance = instances.describe(clients, target)
        interfaces = {
            each["NetworkInterfaceId"]: [group["GroupId"] for group in each["Groups"]]
            for each in instance.get("NetworkInterfaces", [])
        }
        if not interfaces:
            raise LeftToPeopleError(f"{target} has no network interface")
        isolation = _group(clients, instance["VpcId"])
        before: dict[str, Any] = {
            "vpc": instance["VpcId"],
            "interfaces": interfaces,
            "finding": finding.id,
            "acl": _deny(clients, str(instance.get("SubnetId") or ""), finding.remote_address),
        }
        already = isolation is not None and all(groups == [isolation["GroupId"]] for groups in interfaces.values())
        return Seen(instances.tags(instance), before, f"{target} is isolated already" if already else None)

    def act(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:
        """See `Action`."""
        ec2 = clients.client("ec2")
        group = _isolation_group(clients, before["vpc"])
        for interface in before["interfaces"]:
            ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=[group])
        acl = before["acl"]
        if acl is not None:
            _add_rules(ec2, acl)
        ec2.create_tags(Resources=[target.name], Tags=[{"Key": MARK, "Value": before["finding"]}])
        snapshots = _snapshots(ec2, target, before["finding"])
        ended = f"{acl['cidr']} is denied in {acl['id']}" if acl is not None else _LIVE_ON
        return (
            f"{target} was isolated by the security group {group}; {ended}; snapshots: {', '.join(snapshots) or 'none'}"
        )

    def undo(self, clients: Clients, target: Target, before: Mapping[str, Any]) -> str:
        """See `Action`."""
        ec2 = clients.client("ec2")
        for interface, groups in before["interfaces"].items():
            ec2.modify_network_interface_attribute(NetworkInterfaceId=interface, Groups=groups)
        if before["acl"] is not None:
            _remove_rules(ec2, before["acl"])
        ec2.delete_tags(Resources=[target.name], Tags=[{"Key": MARK}])
        return f"{target} has its security groups again; the snapshots stay"


def _group(clients: Clients, vpc: str) -> dict[str, Any] | None:
    """The VPC's isolation group.

    Raises:
        LeftToPeopleError: somebody gave it rules, so that it isolates nothing.
    """
    found = clients.client("ec2").describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": [GROUP]}]
    )["SecurityGroups"]
    if not found:
        return None
    group = dict(found[0])
    own = any(tag["Key"] == MARK for tag in group.get("Tags", []))
    if group.get("IpPermissions") or (group.get("IpPermissionsEgress") and not own):
        raise LeftToPeopleError(f"the security group {GROUP} of {vpc} has rules, so it isolates nothing")
    return group


def _isolation_group(clients: Clients, vpc: str) -> str:
    """The VPC's isolation group, made where there is none. AWS gives a new one a rule that lets everything out."""
    ec2 = clients.client("ec2")
    group = _group(clients, vpc)
    if group is None:
        made = ec2.create_security_group(
            GroupName=GROUP,
            Description="Instances that Guardline isolated: no rules",
            VpcId=vpc,
            TagSpecifications=[
                {"ResourceType": "security-group", "Tags": [{"Key": MARK, "Value": "group without rules"}]}
            ],
        )
        group = ec2.describe_security_groups(GroupIds=[made["GroupId"]])["SecurityGroups"][0]
    if group.get("IpPermissionsEgress"):
        ec2.revoke_security_group_egress(GroupId=group["GroupId"], IpPermissions=group["IpPermissionsEgress"])
    return str(group["GroupId"])


def _deny(clients: Clients, subnet: str, address: str | None) -> dict[str, Any] | None:
    """The rules that would deny an address in a subnet, or None where there is none, or no room for them."""
    if address is None or not subnet or not IPv4Address(address).is_global:
        return None
    found = clients.client("ec2").describe_network_acls(
        Filters=[{"Name": "association.subnet-id", "Values": [subnet]}]
    )["NetworkAcls"]
    if not found:
        return None
    rules: dict[str, int] = {}
    for way, egress in (("in", False), ("out", True)):
        taken = [each for each in found[0]["Entries"] if each["Egress"] is egress]
        first = min((each["RuleNumber"] for each in taken if each["RuleAction"] == "allow"), default=32767)
        numbers = {each["RuleNumber"] for each in taken}
        free = next((number for number in range(1, first) if number not in numbers), None)
        if free is None:
            return None
        rules[way] = free
    return {"id": found[0]["NetworkAclId"], "cidr": f"{address}/32", "rules": rules}


def _entries(ec2: Any, acl: str) -> dict[tuple[bool, int], dict[str, Any]]:
    found = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"]
    return {(each["Egress"], each["RuleNumber"]): each for one in found for each in one["Entries"]}


def _is_ours(entry: Mapping[str, Any] | None, acl: Mapping[str, Any]) -> bool:
    return entry is not None and entry.get("CidrBlock") == acl["cidr"] and entry["RuleAction"] == "deny"


def _add_rules(ec2: Any, acl: Mapping[str, Any]) -> None:
    known = _entries(ec2, acl["id"])
    for way, number in acl["rules"].items():
        egress = way == "out"
        if not _is_ours(known.get((egress, number)), acl):
            ec2.create_network_acl_entry(
                NetworkAclId=acl["id"],
                RuleNumber=number,
                Egress=egress,
                Protocol="-1",
                RuleAction="deny",
                CidrBlock=acl["cidr"],
            )


def _remove_rules(ec2: Any, acl: Mapping[str, Any]) -> None:
    known = _entries(ec2, acl["id"])
    for way, number in acl["rules"].items():
        egress = way == "out"
        if _is_ours(known.get((egress, number)), acl):
            ec2.delete_network_acl_entry(NetworkAclId=acl["id"], RuleNumber=number, Egress=egress)


def _snapshots(ec2: Any, target: Target, finding: str) -> list[str]:
    """Snapshots of all volumes, unless an earlier run took them."""
    mark = {"Key": MARK, "Value": finding}
    known = ec2.describe_snapshots(
        OwnerIds=["self"],
        Filters=[
            {"Name": f"tag:{MARK}", "Values": [finding]},
            {"Name": "tag:guardline:instance", "Values": [target.name]},
        ],
    )["Snapshots"]
    if not known:
        known = ec2.create_snapshots(
            InstanceSpecification={"InstanceId": target.name},
            Description=f"Of {target.name}, isolated for finding {finding}",
            TagSpecifications=[
                {
                    "ResourceType": "snapshot",
                    "Tags": [mark, {"Key": "guardline:instance", "Value": target.name}],
                }
            ],
        )["Snapshots"]
    return sorted(each["SnapshotId"] for each in known)
