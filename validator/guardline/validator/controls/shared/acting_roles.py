"""A target that names a role: EventBridge may reach it as that role, whatever the target's own policy says.

The role's trust has to let EventBridge assume it, and its policies and its permissions boundary have to let it act.
Sources: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from guardline.validator.controls.shared.conditions import Condition, all_hold, asked, broken, unsure
from guardline.validator.controls.shared.conditions import policy_of as parsed
from guardline.validator.controls.shared.identities import document, policies_of, policy_of, why_adrift
from guardline.validator.controls.shared.rule_arns import with_rules
from guardline.validator.model.estate import Estate
from guardline.validator.model.events import EventTarget
from guardline.validator.model.iam import Identity, IdentityPolicy
from guardline.validator.model.value import UnknownValue, Value
from guardline.validator.semantics.iam_documents import Document
from guardline.validator.semantics.iam_evaluation import allows_service, may
from guardline.validator.semantics.place_texts import account_text

SERVICE = "events.amazonaws.com"
_EVERYTHING = re.compile(r"arn:[^:]+:iam::aws:policy/AdministratorAccess")


def or_as_role(
    estate: Estate, target: EventTarget, action: str, resource: str, condition: Condition, source: str
) -> Condition:
    """What a target's own policy comes to, or, where that does not hold, what the role may do that the target names.

    Args:
        estate: what there is.
        target: the target.
        action: what EventBridge does there, e.g. ``sns:Publish``.
        resource: the ARN of what it does it to, with a mark or ``*`` for what is unknown in it.
        condition: what the target's own policy comes to.
        source: the rule's ARN, with a mark or ``*`` for what is unknown in it.
    """
    if condition.holds or target.acting is None:
        return condition
    as_role = acts(estate, target, action, resource, source)
    if as_role.holds is False:
        return broken(f"{condition.reason}, and {as_role.reason}", *condition.origins, *as_role.origins)
    return as_role


def acts(estate: Estate, target: EventTarget, action: str, resource: str, source: str) -> Condition:
    """Whether EventBridge may assume the role that a target names, and may act as it; arguments as of `or_as_role`."""
    name = target.origin.address
    if target.acting is None:
        return broken(f"{name} names no role to act as", target.origin)
    if not target.acting.is_known:
        return unsure(f"as which role {name} acts is not known: {target.acting.reason}", target.origin)
    role = estate.find(Identity, target.acting.get(), target.location.account)
    if role is None:
        return unsure(f"{name} acts as a role that is not in the source, so what it may do is not known", target.origin)
    return all_hold((acts_as(estate, role, SERVICE, action, resource, source), Condition(True, "", (target.origin,))))


def acts_as(estate: Estate, role: Identity, service: str, action: str, resource: str, source: str) -> Condition:
    """Whether a service may assume a role, and may act as it.

    Args:
        estate: what there is.
        role: the role.
        service: e.g. ``events.amazonaws.com``.
        action: what it does.
        resource: the ARN of what it does it to, with a mark or ``*`` for what is unknown in it.
        source: the ARN on whose behalf it acts, such as a rule's.
    """
    trust = asked(lambda: _is_trusting(estate, role, service, source), role.origin)
    within = (_is_allowed, _is_within_boundary)
    return all_hold((trust, *(_of_role(estate, role, action, resource, each) for each in within)))


def _of_role(
    estate: Estate, role: Identity, action: str, resource: str, ask: Callable[[Estate, Identity, str, str], Condition]
) -> Condition:
    """What a role's policies come to: the rules of all regions mostly send by one role to one bus."""
    return estate.recalled((ask, action, resource), (role,), lambda: ask(estate, role, action, resource))


def _is_trusting(estate: Estate, role: Identity, service: str, source: str) -> Condition:
    """Whether the role's trust policy lets a service assume it on behalf of a rule or function."""
    name = role.origin.address
    if role.trust is None:
        return broken(f"{name} is no role that {service} could assume", role.origin)
    document = parsed(with_rules(estate, role.trust.get()), f"the trust policy of {name}")
    account = account_text(role.location.account)
    if allows_service(document, service, "sts:AssumeRole", None, account, source):
        return Condition(True, "", (role.origin,))
    for_what = "for the rule" if service == SERVICE else "for the function"
    return broken(f"the trust policy of {name} does not let {service} assume it {for_what}", role.origin)


def _is_allowed(estate: Estate, role: Identity, action: str, resource: str) -> Condition:
    documents, reason = list[Document](), why_adrift(estate, role.location.account)
    origins = [role.origin]
    for one in policies_of(estate, role):
        try:
            if not isinstance(one, IdentityPolicy):
                why = one.reason if isinstance(one, Value) else None
                raise UnknownValue(why or f"a policy of {role.origin.address} is not in the source")  # noqa: TRY301 - said below
            documents.append(_in_own_account(document(one), role))
            origins.insert(0, one.origin)
        except UnknownValue as unknown_value:
            reason = unknown_value.reason
    answer = may(documents, action, resource)
    if answer:
        return Condition(True, "", (role.origin,))
    if answer is None or reason:
        why = reason or "its policies narrow it"
        return unsure(f"whether {role.origin.address} may {action} cannot be determined: {why}", role.origin)
    return broken(f"{role.origin.address} may not {action} on {resource}", *origins)


def _in_own_account(policy: Document, role: Identity) -> Document:
    """The policy with ``*`` for the role's own account where its id is unknown, as what it is asked about has it."""
    own = account_text(role.location.account)
    if role.location.account.id is not None:
        return policy
    return Document(
        tuple(
            replace(each, resources=tuple(entry.replace(own, "*") for entry in each.resources))
            for each in policy.statements
        )
    )


def _is_within_boundary(estate: Estate, role: Identity, action: str, resource: str) -> Condition:
    """Whether the role's permissions boundary, which grants nothing by itself, lets it act as well."""
    if role.boundary is None:
        return Condition(True)
    name, boundary = role.origin.address, role.boundary
    if not boundary.is_known:
        return unsure(f"the permissions boundary of {name} is not known: {boundary.reason}", role.origin)
    policy = policy_of(estate, boundary.get(), role.location.account)
    if policy is None:
        if _EVERYTHING.fullmatch(boundary.get().id or ""):
            return Condition(True)
        return unsure(f"the permissions boundary of {name} is not in the source", role.origin)
    try:
        answer = may((document(policy),), action, resource)
    except UnknownValue as unknown_value:
        return unsure(unknown_value.reason, policy.origin)
    if answer is None:
        return unsure(
            f"whether the permissions boundary of {name} lets it {action} depends on conditions", policy.origin
        )
    boundaries = (policy.origin, role.origin)
    return (
        Condition(True)
        if answer
        else broken(f"the permissions boundary of {name} does not let it {action}", *boundaries)
    )
