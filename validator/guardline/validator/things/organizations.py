"""AWS Organizations: service control policies, and the tree that they reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from guardline.validator.estate import Ref, Thing
from guardline.validator.value import Value


@dataclass(frozen=True, slots=True)
class ServiceControlPolicy(Thing):
    """A policy that limits what accounts may do (https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html)."""

    text: Value[str]


@dataclass(frozen=True, slots=True)
class PolicyTarget(Thing):
    """A policy attached to the root, a unit or an account."""

    policy: Value[Ref]
    target: Value[Ref]


@dataclass(frozen=True, slots=True)
class Organization(Thing):
    """The organization. `management` is the id of its management account, which no service control policy binds."""

    management: Value[str | None]


@dataclass(frozen=True, slots=True)
class OrganizationNode(Thing):
    """A unit or a member account, and what it stands under."""

    parent: Value[Ref]


@dataclass(frozen=True, slots=True)
class DelegatedAdministrator(Thing):
    """The account that administers GuardDuty for the organization in one region."""

    account: Value[Ref]


@dataclass(frozen=True, slots=True)
class AutoEnable(Thing):
    """How GuardDuty treats the organization's members in one region.

    Attributes:
        detector: the administrator's detector.
        members: ALL, NEW or NONE.
    """

    detector: Value[Ref]
    members: Value[str]


@dataclass(frozen=True, slots=True)
class AutoEnableFeature(Thing):
    """How one protection plan is treated for the organization's members: ALL, NEW or NONE.

    Attributes:
        agents: the same for each agent of Runtime Monitoring that is declared.
    """

    detector: Value[Ref]
    feature: Value[str]
    members: Value[str]
    agents: Mapping[str, Value[str]] = field(default_factory=dict)
