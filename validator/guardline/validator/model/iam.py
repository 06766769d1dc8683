"""IAM: who there is, and what policies grant them.

One ARN of a policy is often unknown, and the rest of its text is known: a mark stands for what is unknown
(`semantics/unknown_parts.py`).
"""

from __future__ import annotations

from typing import ClassVar

from guardline.validator.model.resource import Ref, Resource
from guardline.validator.model.value import Value


class Identity(Resource, frozen=True):
    """A role, user, group or permission set.

    Attributes:
        kind: ``role``, ``user``, ``group`` or ``permission set``.
        name: its name, or the prefix of it.
        trust: the text of a role's trust policy, with marks for what is unknown in it; None for what is no role.
        boundary: the policy that bounds what the others grant, by address or ARN; None where there is none.
    """

    kind: str
    name: Value[str]
    trust: Value[str] | None = None
    boundary: Value[Ref] | None = None


class IdentityPolicy(Resource, frozen=True):
    """A policy that grants: managed by the customer, or written into an identity.

    Attributes:
        name: its name.
        text: the policy as JSON, with marks for what is unknown in it.
        holder: the identity that it is written into; None for one that is attached.
    """

    is_global: ClassVar[bool] = True
    name: Value[str]
    text: Value[str]
    holder: Value[Ref] | None


class Membership(Resource, frozen=True):
    """A user in a group, whose policies are the user's also."""

    user: Value[Ref]
    group: Value[Ref]


class Assignment(Resource, frozen=True):
    """A permission set, given to a group (or user) in an account.

    Attributes:
        permission_set: the permission set.
        instance: the ARN of the IAM Identity Center.
        principal: the id of the group or user.
        target: the account.
    """

    permission_set: Value[Ref]
    instance: Value[str]
    principal: Value[str]
    target: Value[str]


class PolicyAttachment(Resource, frozen=True):
    """A policy, by ARN or address, attached to an identity."""

    policy: Value[Ref]
    holder: Value[Ref]


class OnlyPolicies(Resource, frozen=True):
    """A list of all the policies of a sort that an identity may hold: each apply takes every other one away.

    Attributes:
        holder: the identity.
        attached: whether it lists attached policies, which an apply also attaches, or those written into the identity.
        policies: what it lists, by address, ARN or name.
    """

    holder: Value[Ref]
    attached: bool
    policies: Value[tuple[Ref, ...]]
