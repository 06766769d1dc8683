"""AWS Organizations: service control policies, and the tree that they reach."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value, known, unknown


class ServiceControlPolicy(Resource, frozen=True):
    """A policy that limits what accounts may do (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html)."""

    text: Value[str]


class PolicyTarget(Resource, frozen=True):
    """A policy attached to the root, a unit or an account.

    Attributes:
        policy: the policy.
        target: what it is attached to.
        among: where the policy is one of several, and it is unknown which, their names.
    """

    policy: Value[Ref]
    target: Value[Ref]
    among: frozenset[str] | None = None


class Organization(Resource, frozen=True):
    """The organization.

    Attributes:
        management: the id of its management account, which no service control policy binds.
        policy_types: the types of policy that take effect in it; only a declared organization states them.
        accounts: the ids of all its accounts; None where they are not listed.
    """

    management: Value[str | None]
    policy_types: Value[tuple[str, ...]] = msgspec.field(
        default_factory=lambda: unknown("the source does not state the policy types that are enabled")
    )
    accounts: Value[frozenset[str] | None] = msgspec.field(default_factory=lambda: known(None))


class OrganizationNode(Resource, frozen=True):
    """A unit or a member account, and what it stands under."""

    parent: Value[Ref]


class DelegatedAdministrator(Resource, frozen=True):
    """The account that administers GuardDuty for the organization in one region."""

    account: Value[Ref]


class AutoEnable(Resource, frozen=True):
    """How GuardDuty treats the organization's members in one region.

    Attributes:
        detector: the administrator's detector.
        members: ALL, NEW or NONE.
        plans: protection plan -> NEW or NONE, as far as the older block `datasources` states them.
    """

    detector: Value[Ref]
    members: Value[str]
    plans: Mapping[str, Value[str]] = msgspec.field(default_factory=dict)


class AutoEnableFeature(Resource, frozen=True):
    """How one protection plan is treated for the organization's members: ALL, NEW or NONE.

    Attributes:
        agents: the same for each agent of Runtime Monitoring that is declared.
    """

    detector: Value[Ref]
    feature: Value[str]
    members: Value[str]
    agents: Mapping[str, Value[str]] = msgspec.field(default_factory=dict)


class Member(Resource, frozen=True):
    """An account that the administrator adds as a member in one region: an organization's is enabled by that.

    Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateMembers.html

    Attributes:
        detector: the administrator's detector.
        member: the account's id.
        invited: whether it must accept an invitation, so that nothing is enabled for it.
    """

    detector: Value[Ref]
    member: Value[str]
    invited: Value[bool]


class MemberFeature(Resource, frozen=True):
    """How the administrator sets one protection plan for one member.

    Source: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateMemberDetectors.html

    Attributes:
        detector: the administrator's detector.
        member: the account's id.
        feature: the protection plan.
        enabled: whether its status is ENABLED.
    """

    detector: Value[Ref]
    member: Value[str]
    feature: Value[str]
    enabled: Value[bool]
