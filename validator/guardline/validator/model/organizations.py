"""AWS Organizations: service control policies, and the tree that they reach."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value


class ServiceControlPolicy(Resource, frozen=True):
    """A policy that limits what accounts may do (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html)."""

    text: Value[str]


class PolicyTarget(Resource, frozen=True):
    """A policy attached to the root, a unit or an account."""

    policy: Value[Ref]
    target: Value[Ref]


class Organization(Resource, frozen=True):
    """The organization. `management` is the id of its management account, which no service control policy binds."""

    management: Value[str | None]


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
    """

    detector: Value[Ref]
    members: Value[str]


class AutoEnableFeature(Resource, frozen=True):
    """How one protection plan is treated for the organization's members: ALL, NEW or NONE.

    Attributes:
        agents: the same for each agent of Runtime Monitoring that is declared.
    """

    detector: Value[Ref]
    feature: Value[str]
    members: Value[str]
    agents: Mapping[str, Value[str]] = msgspec.field(default_factory=dict)
