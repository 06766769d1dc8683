"""AWS Organizations: service control policies and the tree that they reach; GuardDuty's delegated administrator.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/organizations_policy (and
organizations_policy_attachment, organizations_organization, organizations_organizational_unit, organizations_account,
guardduty_organization_admin_account, guardduty_organization_configuration and its _feature).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from guardline.validator.model.organizations import (
    AutoEnable,
    AutoEnableFeature,
    DelegatedAdministrator,
    Member,
    MemberFeature,
    Organization,
    OrganizationNode,
    PolicyTarget,
    ServiceControlPolicy,
)
from guardline.validator.model.resource import Resource
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.adapt.common import ByType, common, default, regionless
from guardline.validator.sources.adapt.guardduty import DETECTOR
from guardline.validator.sources.blocks import Block, Wanted

_ORGANIZATION, _UNIT, _ACCOUNT = (
    "aws_organizations_organization",
    "aws_organizations_organizational_unit",
    "aws_organizations_account",
)
_ADMIN = "aws_guardduty_organization_admin_account"
_CONFIGURATION = "aws_guardduty_organization_configuration"
_MEMBERS, _MEMBER_FEATURE = "aws_guardduty_member", "aws_guardduty_member_detector_feature"
_FLAGS: Mapping[str, tuple[str | int, ...]] = {
    "S3_DATA_EVENTS": ("s3_logs", 0, "auto_enable"),
    "EKS_AUDIT_LOGS": ("kubernetes", 0, "audit_logs", 0, "enable"),
    "EBS_MALWARE_PROTECTION": (
        "malware_protection", 0, "scan_ec2_instance_with_findings", 0, "ebs_volumes", 0, "auto_enable",
    ),
}  # fmt: skip
"""The protection plans that the older block `datasources` can state, each for new accounts only."""

MAKES: Mapping[str, type[Resource]] = {
    "aws_organizations_policy": ServiceControlPolicy,
    "aws_organizations_policy_attachment": PolicyTarget,
    _ORGANIZATION: Organization,
    _UNIT: OrganizationNode,
    _ACCOUNT: OrganizationNode,
    _ADMIN: DelegatedAdministrator,
    _CONFIGURATION: AutoEnable,
    f"{_CONFIGURATION}_feature": AutoEnableFeature,
    _MEMBERS: Member,
    _MEMBER_FEATURE: MemberFeature,
}

_NODE = Wanted(frozenset({_ORGANIZATION, _UNIT, _ACCOUNT}), attributes=frozenset({"id", "roots"}))
_MEMBER = Wanted(frozenset({_ACCOUNT}), attributes=frozenset({"id"}))
_POLICY = Wanted(frozenset({"aws_organizations_policy"}))


def policies(by_type: ByType) -> Iterator[ServiceControlPolicy]:
    """Service control policies; other types of policy deny no action."""
    for block in by_type.managed("aws_organizations_policy"):
        kind = default(block.tree.text("type"), "SERVICE_CONTROL_POLICY")
        if kind.known_or("SERVICE_CONTROL_POLICY") == "SERVICE_CONTROL_POLICY":
            text = default(block.tree.text("content"), "")
            # Of an unknown type it may be one; then its text says nothing for certain.
            yield ServiceControlPolicy(**regionless(block), text=text if kind.is_known else kind)


def targets(by_type: ByType) -> Iterator[PolicyTarget]:
    """What attaches policies to roots, units and accounts."""
    for block in by_type.managed("aws_organizations_policy_attachment"):
        policy, target = block.link("policy_id", wanted=_POLICY), block.link("target_id", wanted=_NODE)
        shared = regionless(block)
        if target.is_known:
            shared["origin"] = block.origin.following(target.get().chain)
        among = None if policy.is_known else block.among("policy_id", wanted=_POLICY)
        yield PolicyTarget(**shared, policy=policy, target=target, among=among)


def organizations(by_type: ByType) -> Iterator[Organization]:
    """The organization, declared or looked at."""
    for block in by_type.both(_ORGANIZATION):
        management = block.tree.text("master_account_id")
        if block.mode == "managed":
            types = block.tree.texts("enabled_policy_types")
            if not block.new and not block.is_configured("enabled_policy_types") and not types.known_or(()):
                types = unknown("enabled_policy_types is not declared, and an existing organization keeps its own")
            yield Organization(**regionless(block), management=management, accounts=_listed(block), policy_types=types)
        else:
            yield Organization(**regionless(block), management=management, accounts=_listed(block))


def _listed(block: Block) -> Value[frozenset[str] | None]:
    """The accounts that the organization has; it lists its management account among them."""
    each = block.tree.blocks("accounts")
    if not each.is_known:
        return unknown(each.reason or "")
    ids = [one.text("id") for one in each.get()]
    if not all(one.is_known for one in ids):
        return unknown("the id of an account is unknown")
    return known(frozenset(name for one in ids if (name := one.get())) or None)


def nodes(by_type: ByType) -> Iterator[OrganizationNode]:
    """Units and member accounts."""
    for block in by_type.both(_UNIT, _ACCOUNT):
        if block.mode == "managed" or block.type == _UNIT:
            yield OrganizationNode(**regionless(block), parent=block.link("parent_id", wanted=_NODE))


def administrators(by_type: ByType) -> Iterator[DelegatedAdministrator]:
    """GuardDuty's delegated administrators, one a region."""
    for block in by_type.managed(_ADMIN):
        yield DelegatedAdministrator(**common(block), account=block.link("admin_account_id", wanted=_MEMBER))


def auto_enables(by_type: ByType) -> Iterator[AutoEnable]:
    """How members are enabled, one a detector."""
    for block in by_type.managed(_CONFIGURATION):
        yield AutoEnable(
            **common(block),
            detector=block.link("detector_id", wanted=DETECTOR),
            members=_members(block),
            plans=_plans(block),
        )


def _members(block: Block) -> Value[str]:
    """ALL, NEW or NONE; the older flag `auto_enable` means new accounts only.

    Source: https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/guardduty_organization_configuration
    """
    members = block.tree.text("auto_enable_organization_members")
    by_flag = block.is_configured("auto_enable") and not block.is_configured("auto_enable_organization_members")
    if by_flag or (members.is_known and not members.get()):
        return block.tree.flag("auto_enable").map(lambda on: "NEW" if on else "NONE")
    return default(members, "NONE")


def _plans(block: Block) -> dict[str, Value[str]]:
    """What the block `datasources` states, as far as the configuration gives it."""
    found: dict[str, Value[str]] = {}
    for name, path in _FLAGS.items():
        value = block.tree.flag("datasources", 0, *path)
        if block.is_configured("datasources", 0, *path) and (not value.is_known or value.get() is not None):
            found[name] = value.map(lambda on: "NEW" if on else "NONE")
    return found


def auto_enable_features(by_type: ByType) -> Iterator[AutoEnableFeature]:
    """How each protection plan is enabled for members."""
    for block in by_type.managed(f"{_CONFIGURATION}_feature"):
        yield AutoEnableFeature(
            **common(block),
            detector=block.link("detector_id", wanted=DETECTOR),
            feature=default(block.tree.text("name"), ""),
            members=default(block.tree.text("auto_enable"), "NONE"),
            agents=_agents(block),
        )


def _agents(block: Block) -> dict[str, Value[str]]:
    agents = block.tree.blocks("additional_configuration").known_or(())
    return {
        name: default(each.text("auto_enable"), "NONE")
        for each in agents
        if (name := each.text("name").known_or(None)) is not None
    }


def members(by_type: ByType) -> Iterator[Member]:
    """Accounts that the administrator adds as members."""
    for block in by_type.managed(_MEMBERS):
        yield Member(
            **common(block),
            detector=block.link("detector_id", wanted=DETECTOR),
            member=default(block.tree.text("account_id"), ""),
            invited=default(block.tree.flag("invite"), False),
        )


def member_features(by_type: ByType) -> Iterator[MemberFeature]:
    """Protection plans that the administrator sets for one member."""
    for block in by_type.managed(_MEMBER_FEATURE):
        yield MemberFeature(
            **common(block),
            detector=block.link("detector_id", wanted=DETECTOR),
            member=default(block.tree.text("account_id"), ""),
            feature=default(block.tree.text("name"), ""),
            enabled=block.tree.text("status").map(lambda status: status == "ENABLED"),
        )
