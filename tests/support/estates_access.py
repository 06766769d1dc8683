"""Builders of identities, policies and organizations for tests."""

from __future__ import annotations

import json

from guardline.validator.model.iam import Identity, IdentityPolicy, Membership, PolicyAttachment
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
from guardline.validator.model.resource import Account, Location, Origin, Ref
from guardline.validator.model.value import Value, known
from tests.support.estates import OURS, THEIRS, US, location, value

GLOBAL: Value[str | None] = known(None)


def statement(*actions: str, on: str = "*", effect: str = "Allow", **more: object) -> dict[str, object]:
    """A statement over one resource; `more` adds to it or, with None, takes away."""
    made: dict[str, object] = {"Effect": effect, "Action": list(actions), "Resource": on, **more}
    return {name: each for name, each in made.items() if each is not None}


def document(*statements: dict[str, object]) -> str:
    """A policy's text."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def policy(text: object, name: str = "p", *, holder: object = None, account: Account = OURS) -> IdentityPolicy:
    """A managed policy `aws_iam_policy.NAME`, or with a holder (its address) one written into it."""
    address = f"aws_iam_policy.{name}" if holder is None else f"aws_iam_role_policy.{name}"
    written: Value[Ref] | None = None if holder is None else value(_ref(holder))
    return IdentityPolicy(
        Location(account, GLOBAL),
        Origin(address),
        frozenset({address}),
        True,
        known(name),
        value(text),
        written,
    )


TRUST = document(
    {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}}
)
MACHINE = document({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})


def role(
    name: str, *, called: object = None, trust: object = TRUST, account: Account = OURS, boundary: object = None
) -> Identity:
    """A role `aws_iam_role.NAME`; its boundary is a policy's address or ARN, or an unknown."""
    address = f"aws_iam_role.{name}"
    names = frozenset({address})
    given: Value[str] = value(name if called is None else called)
    bounds: Value[Ref] | None = None if boundary is None else value(_ref(boundary))
    return Identity(Location(account, GLOBAL), Origin(address), names, True, "role", given, value(trust), bounds)


def person(name: str, kind: str = "user") -> Identity:
    """A user `aws_iam_user.NAME`, or a group."""
    address = f"aws_iam_{kind}.{name}"
    return Identity(Location(OURS, GLOBAL), Origin(address), frozenset({address, name}), True, kind, known(name))


def member(user: object, group: object, name: str = "m") -> Membership:
    """A user in a group, each by its address, or an unknown."""
    address = f"aws_iam_user_group_membership.{name}"
    return Membership(
        Location(OURS, GLOBAL), Origin(address), frozenset({address}), True, value(_ref(user)), value(_ref(group))
    )


def attached(policy: object, holder: object, name: str = "a") -> PolicyAttachment:
    """A policy (address or ARN, or an unknown) attached to an identity (its address, or an unknown)."""
    address = f"aws_iam_role_policy_attachment.{name}"
    return PolicyAttachment(
        Location(OURS, GLOBAL), Origin(address), frozenset({address}), True, value(_ref(policy)), value(_ref(holder))
    )


def _ref(given: object) -> object:
    if not isinstance(given, str):
        return given
    return Ref(address=given) if given.startswith("aws_") else Ref(id=given)


def scp(text: object, name: str = "s", *, account: Account = THEIRS) -> ServiceControlPolicy:
    """A service control policy of the management account."""
    address = f"aws_organizations_policy.{name}"
    return ServiceControlPolicy(
        Location(account, GLOBAL), Origin(address), frozenset({address, f"p-{name}"}), True, value(text)
    )


def target(policy: object, on: object, name: str = "t") -> PolicyTarget:
    """A service control policy attached."""
    address = f"aws_organizations_policy_attachment.{name}"
    return PolicyTarget(
        Location(THEIRS, GLOBAL), Origin(address), frozenset({address}), True, value(_ref(policy)), value(_ref(on))
    )


def organization(management: object, *, account: Account = THEIRS, managed: bool = True) -> Organization:
    """The organization with its management account."""
    address = "aws_organizations_organization.o"
    return Organization(Location(account, GLOBAL), Origin(address), frozenset({address}), managed, value(management))


def node(name: str, under: object, *, id: str) -> OrganizationNode:  # noqa: A002 - what AWS calls it
    """A unit or a member account."""
    kind = "account" if id.isdigit() else "organizational_unit"
    address = f"aws_organizations_{kind}.{name}"
    return OrganizationNode(
        Location(THEIRS, GLOBAL), Origin(address), frozenset({address, id}), True, value(_ref(under))
    )


def administrator(region: object = US, account: object = OURS.id, by: Account = OURS) -> DelegatedAdministrator:
    """GuardDuty's delegated administrator in a region, as an account (`by`) names it."""
    address = f"aws_guardduty_organization_admin_account.{region}"
    return DelegatedAdministrator(
        location(region, by), Origin(address), frozenset({address}), True, value(_ref(account))
    )


def auto_enable(region: object = US, members: object = "ALL", on: object = None) -> AutoEnable:
    """How members are enabled from the region's detector `d`."""
    address = f"aws_guardduty_organization_configuration.{region}"
    return AutoEnable(
        location(region), Origin(address), frozenset({address}), True, value(_detector(region, on)), value(members)
    )


def added_member(account: object, region: object = US, *, invited: object = False) -> Member:
    """An account that the administrator adds."""
    address = f"aws_guardduty_member.{region}"
    names = frozenset({address})
    return Member(
        location(region), Origin(address), names, True, value(_detector(region, None)), value(account), value(invited)
    )


def member_feature(account: object, feature: object, enabled: object, region: object = US) -> MemberFeature:
    """How the administrator sets a protection plan for one member."""
    address = f"aws_guardduty_member_detector_feature.{region}"
    return MemberFeature(
        location(region), Origin(address), frozenset({address}), True, value(_detector(region, None)), value(account),
        value(feature), value(enabled),
    )  # fmt: skip


def auto_feature(
    feature: object, region: object = US, members: object = "ALL", on: object = None, **agents: object
) -> AutoEnableFeature:
    """How a protection plan, and each of its agents, is enabled for members."""
    address = f"aws_guardduty_organization_configuration_feature.{region}[{feature}]"
    return AutoEnableFeature(
        location(region), Origin(address), frozenset({address}), True, value(_detector(region, on)), value(feature),
        value(members), {name: value(state) for name, state in agents.items()},
    )  # fmt: skip


def _detector(region: object, on: object) -> object:
    if on is not None:
        return _ref(on)
    at = region.replace("-", "_") if isinstance(region, str) else "somewhere"
    return Ref(address=f"aws_guardduty_detector.d_{at}")
