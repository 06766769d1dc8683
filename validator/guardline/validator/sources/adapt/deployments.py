"""What CloudFormation, Control Tower and organization policies deploy beside Terraform.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/cloudformation_stack (and
cloudformation_stack_set, cloudformation_stack_set_instance, cloudformation_stack_instances, controltower_landing_zone,
cloudcontrolapi_resource);
https://docs.aws.amazon.com/controltower/latest/userguide/how-control-tower-works.html;
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_management_policies.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from guardline.validator.model.cloudtrail import Trail
from guardline.validator.model.config import DeliveryChannel, Recorder, RecorderStatus
from guardline.validator.model.deployments import Deployment
from guardline.validator.model.dns import QueryLogAssociation
from guardline.validator.model.ec2 import FlowLog
from guardline.validator.model.events import EventRule
from guardline.validator.model.guardduty import Detector, FindingFilter, IpList, PublishingDestination
from guardline.validator.model.resource import Resource
from guardline.validator.model.securityhub import FindingAggregator, Hub
from guardline.validator.model.value import Value, known, unknown
from guardline.validator.sources.adapt.common import ByType, Common, common
from guardline.validator.sources.blocks import Block, Wanted

_STACK, _SET = "aws_cloudformation_stack", "aws_cloudformation_stack_set"
_INSTANCES = (f"{_SET}_instance", "aws_cloudformation_stack_instances")
_CONTROL_TOWER = ("aws_controltower_landing_zone", "aws_controltower_control")
_POLICY, _ATTACHMENT = "aws_organizations_policy", "aws_organizations_policy_attachment"

_CLOUD_CONTROL = "aws_cloudcontrolapi_resource"

_KINDS: Mapping[str, type[Resource]] = {
    "AWS::CloudTrail::Trail": Trail,
    "AWS::Config::ConfigurationRecorder": Recorder,
    "AWS::Config::DeliveryChannel": DeliveryChannel,
    "AWS::EC2::FlowLog": FlowLog,
    "AWS::Events::Rule": EventRule,
    "AWS::GuardDuty::Detector": Detector,
    "AWS::GuardDuty::Filter": FindingFilter,
    "AWS::GuardDuty::IPSet": IpList,
    "AWS::GuardDuty::PublishingDestination": PublishingDestination,
    "AWS::GuardDuty::ThreatIntelSet": IpList,
    "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation": QueryLogAssociation,
    "AWS::SecurityHub::FindingAggregator": FindingAggregator,
    "AWS::SecurityHub::Hub": Hub,
}
"""The resource types of CloudFormation that make what controls look for."""

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")  # before each word of a name but the first

_NATIVE: Mapping[str, type[Resource]] = {
    f"awscc_{service.lower()}_{_WORD.sub('_', name).lower()}": kind
    for (_, service, name), kind in ((each.split("::"), kind) for each, kind in _KINDS.items())
}
"""The same as resources of the provider `awscc`: https://registry.terraform.io/providers/hashicorp/awscc/latest/docs"""

_BODY = "template_body"
_IN_PLACE = (
    (_STACK, "a CloudFormation stack", _BODY),
    (_CLOUD_CONTROL, "AWS Cloud Control", "type_name"),
)
"""What deploys where its provider works: the resource type, what it is for people, and what says what it makes."""

MAKES: Mapping[str, type[Resource]] = dict.fromkeys(
    (_STACK, _SET, *_INSTANCES, *_CONTROL_TOWER, _CLOUD_CONTROL, *_NATIVE), Deployment
)

_TYPE = re.compile(r"AWS::\w+::\w+", re.ASCII)

_ELSEWHERE = re.compile(r"AWS::CloudFormation::Stack(Set)?\b|AWS::Serverless::Application\b|AWS::Include\b|::MODULE\b")
"""What in a template stands for another one, which is not at hand and may make anything.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html;
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html
"""

_LANDING_ZONE: frozenset[type[Resource]] = frozenset({Trail, Recorder, RecorderStatus, DeliveryChannel})
"""What a landing zone sets up in every account that is enrolled."""

_POLICIES: Mapping[str, type[Resource]] = {
    "GUARDDUTY_POLICY": Detector,
    "SECURITYHUB_POLICY": Hub,
    "SECURITYHUB_CSPM_POLICY": Hub,
}
"""The types of organization policy that switch a service on, and what they switch on."""

_ACCOUNT = re.compile(r"\d{12}", re.ASCII)

_WANTED_SET = Wanted(frozenset({_SET}), attributes=frozenset({"id", "arn", "name"}))
_WANTED_POLICY = Wanted(frozenset({_POLICY}))
_NODE = Wanted(frozenset({"aws_organizations_account"}), attributes=frozenset({"id"}))

_ANY: Value[frozenset[str] | None] = known(None)
_NONE: Value[frozenset[str] | None] = known(frozenset())


def deployments(by_type: ByType) -> Iterator[Deployment]:
    """Everything that another engine deploys."""
    for kind, by, attribute in _IN_PLACE:
        for block in by_type.managed(kind):
            own = block.location.account.id
            yield Deployment(
                **common(block),
                by=by,
                makes=_named(block, attribute),
                accounts=_ANY if _spreads(block, attribute) else known(frozenset({own}) if own is not None else None),
                regions=_ANY if _spreads(block, attribute) else _own(block),
            )
    for kind, made in _NATIVE.items():
        for block in by_type.managed(kind):
            # Its provider has no argument that binds it to an account.
            yield Deployment(
                **common(block), by="the provider awscc", makes=frozenset({made}), accounts=_ANY, regions=_own(block)
            )
    sets: dict[str, Block] = {}
    for block in by_type.managed(_SET):
        shared = common(block, "name")
        sets.update(dict.fromkeys(shared["names"], block))
        # By itself a set deploys nothing. Where its instances cannot be read, it may deploy anywhere (Estate).
        yield Deployment(**shared, by="a stack set", makes=_named(block, _BODY), accounts=_NONE, regions=_NONE)
    for block in by_type.managed(*_INSTANCES):
        named = block.link("stack_set_name", wanted=_WANTED_SET)
        names = named.get().names if named.is_known else frozenset[str]()
        template = next((sets[name] for name in sorted(names) if name in sets), None)
        makes = _named(template, _BODY) if template is not None else frozenset(_KINDS.values())
        yield Deployment(
            **common(block), by="a stack set", makes=makes, accounts=_accounts(block), regions=_regions(block)
        )
    for block in by_type.managed(*_CONTROL_TOWER):
        yield Deployment(**common(block), by="AWS Control Tower", makes=_LANDING_ZONE, accounts=_ANY, regions=_ANY)
    yield from _policies(by_type)


def _policies(by_type: ByType) -> Iterator[Deployment]:
    """Organization policies that are attached, and switch a service on."""
    policies: dict[str, Block] = {}
    for block in by_type.managed(_POLICY):
        policies.update(dict.fromkeys(common(block)["names"], block))
    for block in by_type.managed(_ATTACHMENT):
        named = block.link("policy_id", wanted=_WANTED_POLICY)
        names = named.get().names if named.is_known else frozenset[str]()
        policy = next((policies[name] for name in sorted(names) if name in policies), None)
        kind = policy.tree.text("type").known_or("") if policy is not None else ""
        if policy is None or kind is None or kind not in _POLICIES:
            continue
        if "enabled" not in (policy.tree.text("content").known_or("enabled") or "").lower():
            continue  # it switches everything off
        target = block.link("target_id", wanted=_NODE)
        account = next(filter(_ACCOUNT.fullmatch, target.get().names if target.is_known else ()), None)
        shared: Common = common(policy)
        yield Deployment(
            **shared,
            by=f"an organization policy of type {kind}",
            makes=frozenset({_POLICIES[kind]}),
            accounts=known(frozenset({account})) if account is not None else _ANY,
            regions=_ANY,
            settles=True,
        )


def _named(block: Block, attribute: str) -> frozenset[type[Resource]]:
    """The kinds whose types a text names; all of them where it is not at hand, or leads to another template."""
    text = block.tree.text(attribute).known_or(None)
    if not text or _ELSEWHERE.search(text):
        return frozenset(_KINDS.values())
    return frozenset(_KINDS[name] for name in _TYPE.findall(text) if name in _KINDS)


def _spreads(block: Block, attribute: str) -> bool:
    """Whether what is deployed is a stack set, which goes to accounts and regions of its own."""
    return "AWS::CloudFormation::StackSet" in (block.tree.text(attribute).known_or("") or "")


def _own(block: Block) -> Value[frozenset[str] | None]:
    region = block.location.region
    return region.map(lambda name: frozenset({name}) if name else None) if region.is_known else unknown("")


def _accounts(block: Block) -> Value[frozenset[str] | None]:
    """The accounts of instances: those that are named; any, where an organizational unit is."""
    targets = block.tree.blocks("deployment_targets")
    if not targets.is_known or targets.get():
        return _ANY
    many = block.tree.texts("accounts") if block.type == _INSTANCES[1] else known(())
    one = block.tree.text("account_id")
    if not many.is_known or not one.is_known:
        return _ANY
    ids = frozenset({*many.get(), *filter(None, [one.get()])})
    own = block.location.account.id
    return known(ids or (frozenset({own}) if own is not None else None))


def _regions(block: Block) -> Value[frozenset[str] | None]:
    """The regions of instances: those that are named, else the provider's."""
    if block.type == _INSTANCES[1]:
        names = block.tree.texts("regions")
        return names.map(lambda found: frozenset(found) or None) if names.is_known else _ANY
    named = block.tree.text("stack_set_instance_region")
    if not named.is_known:
        return _ANY
    if name := named.get():
        return known(frozenset({name}))
    region = block.tree.text("region")  # of AWS provider 5
    return known(frozenset({name})) if region.is_known and (name := region.get()) else _own(block)
