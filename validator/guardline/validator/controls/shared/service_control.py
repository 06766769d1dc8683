"""Which service control policies reach an account, and what they leave open to it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec

from guardline.validator.control import Verdict, not_applicable
from guardline.validator.controls.shared.identities import names_guardduty
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.organizations import Organization, OrganizationNode, PolicyTarget, ServiceControlPolicy
from guardline.validator.model.resource import Account, Origin, Ref
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_documents import Document, parse
from guardline.validator.semantics.iam_evaluation import covers_action, statements_of
from guardline.validator.semantics.wildcards import rests

_LEAVES_OUT = re.compile(r"(For\w+:)?(Arn|String)Not(Like|Equals)(IgnoreCase)?(IfExists)?")
_PLACE = re.compile(r"^arn:[^:]*:iam::[^:]*:")
_OF_AWS = re.compile(r":role/(aws-service-role|aws-reserved)/")

POLICY_TYPE = "SERVICE_CONTROL_POLICY"


class Reaching(msgspec.Struct, frozen=True):
    """The policies of an account.

    Attributes:
        documents: of those that surely reach it, as far as they can be read.
        evidence: the policies and what attaches them.
        unsure: why another may reach it, or deny more.
    """

    documents: tuple[Document, ...]
    evidence: tuple[Origin, ...]
    unsure: str | None


def read(policy: ServiceControlPolicy) -> Document:
    """The policy.

    Raises:
        UnknownValue: its text is unknown, or none that Organizations would take.
    """
    try:
        return parse(policy.text.get())
    except ValueError:
        raise UnknownValue(f"the text of {policy.origin.address} is no policy that Organizations would take") from None


def is_about_guardduty(policy: ServiceControlPolicy) -> bool:
    """Whether a Deny of the policy names GuardDuty; one that cannot be read may."""
    try:
        statements = read(policy).statements
    except UnknownValue:
        return True
    return any(
        not statement.allows and not statement.all_but_actions and any(map(names_guardduty, statement.actions))
        for statement in statements
    )


def is_managing(estate: Estate, account: Account) -> bool | None:
    """Whether the account manages the organization, so that no service control policy binds it; None: not known."""
    answers: list[bool | None] = []
    for organization in estate.all(Organization):
        management = organization.management.known_or(None)
        if organization.managed and organization.location.account.key == account.key:
            return True  # only the management account can declare it
        answers.append(None if management is None or account.id is None else management == account.id)
    return True if True in answers else False if False in answers else None


def unbound(estate: Estate, scope: Scope, account: Account) -> Verdict | None:
    """The verdict of an account that no service control policy binds; None for one that they do, or may."""
    told = scope.administration is not None and scope.administration.management.key == account.key
    if told or is_managing(estate, account):
        return not_applicable("service control policies do not bind the organization's management account")
    return None


def assert_bound(estate: Estate, account: Account) -> None:
    """Call before saying that policies bind an account.

    Raises:
        UnknownValue: it may be the management account, for it declares the policies itself.
    """
    own = any(policy.location.account.key == account.key for policy in estate.all(ServiceControlPolicy))
    if own and is_managing(estate, account) is None:
        raise UnknownValue(
            "the account declares service control policies itself, and may be the management account, which they do "
            "not bind"
        )


def reaching(estate: Estate, account: Account) -> Reaching:
    """The service control policies that reach an account by an attachment to it, to a unit above it, or to the root."""
    documents: list[Document] = []
    evidence: list[Origin] = []
    unsure: str | None = None
    if (off := _policies_off(estate)) is not None:
        return Reaching((), (off.origin,), None)
    for attachment in estate.all(PolicyTarget):
        try:
            reached = _reaches(estate, attachment.target.get(), account)
            for policy in _attached(estate, attachment) if reached else ():
                evidence += [policy.origin, attachment.origin]
                documents.append(read(policy))
        except UnknownValue as unknown_value:
            unsure = f"{attachment.origin.address}: {unknown_value.reason}"
    return Reaching(tuple(documents), tuple(evidence), unsure)


def _attached(estate: Estate, attachment: PolicyTarget) -> Iterator[ServiceControlPolicy]:
    """The service control policies of an attachment. Of several to one target, each is another policy's (a policy is
    attached to a target once): as many as there are policies to choose from are all of them.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_AttachPolicy.html
    (DuplicatePolicyAttachmentException)

    Raises:
        UnknownValue: it is unknown which policy it is.
    """
    if attachment.policy.is_known or attachment.among is None:
        policy = estate.find(ServiceControlPolicy, attachment.policy.get())
        yield from (policy,) if policy is not None else ()
        return
    found = {name: estate.find(ServiceControlPolicy, Ref(id=name)) for name in sorted(attachment.among)}
    policies = {policy.own_name: policy for policy in found.values() if policy is not None}
    others = sum(policy is None for policy in found.values())
    if estate.once(_alike)[_choice(attachment)] < len(policies) + others:
        attachment.policy.get()
    yield from policies.values()


def _alike(estate: Estate) -> Counter[tuple[frozenset[str], frozenset[str] | None]]:
    """How many attachments have one target and the same policies to choose from."""
    return Counter(_choice(one) for one in estate.all(PolicyTarget) if one.target.is_known and not one.policy.is_known)


def _choice(attachment: PolicyTarget) -> tuple[frozenset[str], frozenset[str] | None]:
    return attachment.target.get().names, attachment.among


def _policies_off(estate: Estate) -> Organization | None:
    """The declared organization in which service control policies take no effect, since their type is not enabled.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnablePolicyType.html
    """
    declared = [one for one in estate.all(Organization) if one.managed]
    off = [one for one in declared if POLICY_TYPE not in one.policy_types.known_or((POLICY_TYPE,))]
    return off[0] if off and len(off) == len(declared) else None


def _reaches(estate: Estate, target: Ref, account: Account) -> bool:
    if (target.id or "").startswith("r-") or estate.find(Organization, target) is not None:
        return True
    if (target.id or "").isdigit():
        if account.id is None:
            raise UnknownValue("the account's own id is unknown")
        return target.id == account.id
    at = estate.find(OrganizationNode, Ref(id=account.id)) if account.id is not None else None
    seen: set[str] = set()
    while at is not None and at.own_name not in seen:
        seen.add(at.own_name)
        if at.is_named_by(target):
            return True
        parent = at.parent.get()
        if not parent.names.isdisjoint(target.names):
            return True
        if (parent.id or "").startswith("r-") or estate.find(Organization, parent) is not None:
            return False
        at = estate.find(OrganizationNode, parent)
    raise UnknownValue(f"whether the account stands under {target.id or target.address} is unknown")


def exempt_roles(documents: Iterable[Document], actions: Iterable[str]) -> tuple[str, ...]:
    """The ARNs, perhaps with wildcards, of the roles that a Deny of some of these actions leaves out. Roles that AWS
    keeps for its services and for IAM Identity Center are none: nobody but AWS can change them.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
    """
    found = (value for key, value in _left_out(documents, actions) if key == "aws:principalarn")
    return tuple(dict.fromkeys(value for value in found if _may_be(value, "role") and not _OF_AWS.search(value)))


def exempt_others(documents: Iterable[Document], actions: Iterable[str]) -> str | None:
    """Whom else a Deny of some of these actions leaves out: users, or whoever has a tag; None for nobody."""
    for key, value in _left_out(documents, actions):
        if key.startswith("aws:principaltag/"):
            return f"whoever has the tag {key.partition('/')[2]}"
        if key == "aws:principalarn" and _may_be(value, "user") and not _may_be(value, "role"):
            return f"the user {value}"
    return None


def _may_be(value: str, kind: str) -> bool:
    """Whether a pattern of ARNs means roles, or users, of some account; no path of one has a colon."""
    place = "arn:*:iam::*:"
    return any(":" not in rest for rest in rests(_PLACE.sub(place, value), f"{place}{kind}/"))


def _left_out(documents: Iterable[Document], actions: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The key, in lower case, and each value of the conditions by which a Deny of some of these actions spares some."""
    actions = tuple(actions)
    for statement in statements_of(documents):
        if statement.allows or all(covers_action(statement, action) is False for action in actions):
            continue
        for condition in statement.conditions:
            key = condition.key.lower()
            # A tag that must be absent spares whoever has it.
            absent = condition.operator == "Null" and key.startswith("aws:principaltag/")
            if absent or _LEAVES_OUT.fullmatch(condition.operator):
                yield from ((key, value) for value in condition.values)


def assert_seen(estate: Estate, found: Reaching) -> None:
    """Call before saying that no policy denies something.

    Raises:
        UnknownValue: another policy may reach the account, or the source is incomplete.
    """
    if found.unsure is not None:
        raise UnknownValue(found.unsure)
    for kind in (ServiceControlPolicy, PolicyTarget):
        if (why := estate.why_incomplete(kind)) is not None:
            raise UnknownValue(why)
