"""AWS Organizations: service control policies, and the tree that they reach."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from guardline.validator.model.resource import Ref, Thing
from guardline.validator.model.value import Value


class ServiceControlPolicy(Thing, frozen=True):
    """A policy that limits what accounts may do (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html)."""

    text: Value[str]


class PolicyTarget(Thing, frozen=True):
    """A policy attached to the root, a unit or an account."""

    policy: Value[Ref]
    target: Value[Ref]


class Organization(Thing, frozen=True):
    """The organization. `management` is the id of its management account, which no service control policy binds."""

    management: Value[str | None]


class OrganizationNode(Thing, frozen=True):
    """A unit or a member account, and what it stands under."""

    parent: Value[Ref]


class DelegatedAdministrator(Thing, frozen=True):
    """The account that administers GuardDuty for the organization in one region."""

    account: Value[Ref]


class AutoEnable(Thing, frozen=True):
    """How GuardDuty treats the organization's members in one region.

    Attributes:
        detector: the administrator's detector.
        members: ALL, NEW or NONE.
    """

    detector: Value[Ref]
    members: Value[str]


class AutoEnableFeature(Thing, frozen=True):
    """How one protection plan is treated for the organization's members: ALL, NEW or NONE.

    Attributes:
        agents: the same for each agent of Runtime Monitoring that is declared.
    """

    detector: Value[Ref]
    feature: Value[str]
    members: Value[str]
    agents: Mapping[str, Value[str]] = msgspec.field(default_factory=dict)
