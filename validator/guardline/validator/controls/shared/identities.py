"""Who holds which policies: what the two access controls share."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from guardline.validator.model.estate import Estate
from guardline.validator.model.guardduty import Detector
from guardline.validator.model.iam import Identity, IdentityPolicy, Membership, OnlyPolicies, PolicyAttachment
from guardline.validator.model.resource import Account, Ref
from guardline.validator.model.value import UnknownValue, Value, unknown
from guardline.validator.semantics.iam_documents import Document, Statement, parse
from guardline.validator.semantics.iam_evaluation import granted
from guardline.validator.semantics.unknown_parts import SOMETHING, has_marks, widened
from guardline.validator.semantics.wildcards import overlaps

SERVICE = "guardduty"
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ADMINISTRATORS = frozenset({"admin", "admins", "administrator", "administrators", "administration"})


def is_administrators(name: str) -> bool:
    """Whether a name says that it is an administrator's: one of its words is, e.g. ``GuardDutyAdmin``."""
    return any(word.lower() in _ADMINISTRATORS for word in _WORDS.findall(name))


def document(policy: IdentityPolicy) -> Document:
    """The whole policy. Resources and conditions in it may be unknown (`unknown_parts`).

    Raises:
        UnknownValue: its text is unknown, or none that can be read.
    """
    text = policy.text.get()
    try:
        return parse(text)
    except ValueError:  # its words may quote a text that must not be shown
        where = policy.origin.address
        why = f"a part of {where} is known only after apply" if has_marks(text) else None
        raise UnknownValue(why or f"the text of {where} is no policy that IAM would take") from None


def known_actions(policy: IdentityPolicy) -> Document:
    """The whole policy, whose actions in GuardDuty are known.

    Raises:
        UnknownValue: its text, its actions or what they are granted on is unknown, or it is none that can be read.
    """
    found = document(policy)
    if any(statement.allows and _may_be_guardduty(statement) for statement in found.statements):
        raise UnknownValue(f"some actions of {policy.origin.address} are known only after apply")
    if any(
        one.allows and SOMETHING in one.resources and any(map(names_guardduty, one.actions)) for one in found.statements
    ):
        raise UnknownValue(f"on which resources {policy.origin.address} grants GuardDuty is known only after apply")
    return found


def _may_be_guardduty(statement: Statement) -> bool:
    """Whether its unknown actions may be GuardDuty's."""
    marked = [entry for entry in statement.actions if has_marks(entry)]
    return any(statement.all_but_actions or overlaps(widened(entry).lower(), f"{SERVICE}:*") for entry in marked)


def stated(policy: IdentityPolicy) -> Document | None:
    """As much of the policy as is known for certain; None where nothing is."""
    if not policy.text.is_known:
        return None
    try:
        found = document(policy)
    except UnknownValue:
        return None
    return Document(tuple(one for one in found.statements if not (one.allows and any(map(has_marks, one.actions)))))


def is_about_guardduty(policy: IdentityPolicy) -> bool:
    """Whether an Allow of the policy names GuardDuty, rather than every service."""
    known = stated(policy)
    return known is not None and any(
        statement.allows and not statement.all_but_actions and any(map(names_guardduty, statement.actions))
        for statement in known.statements
    )


def names_guardduty(entry: str) -> bool:
    """Whether an ``Action`` entry names GuardDuty, rather than every service."""
    service = entry.lower().partition(":")[0]
    return bool(service.strip("*")) and ":" in entry and overlaps(service, SERVICE)


def is_concerned(estate: Estate, account: Account) -> bool:
    """Whether the account has to do with GuardDuty here, so that a policy that cannot be read matters."""
    if any(detector.managed for detector in estate.select(Detector, account).here):
        return True
    return any(map(is_about_guardduty, estate.select(IdentityPolicy, account).here))


def may_grant(policy: IdentityPolicy) -> bool:
    """Whether the policy grants, or may grant, anything in GuardDuty."""
    known = stated(policy)
    if known is None or granted((known,), SERVICE):
        return True
    return any(one.allows and _may_be_guardduty(one) for one in document(policy).statements)


def holders(estate: Estate) -> Mapping[str, tuple[Value[Ref], ...]]:
    """The address of each policy -> what holds it, over the whole estate. Use with `Estate.once`."""
    found: dict[str, list[Value[Ref]]] = defaultdict(list)
    for policy in estate.all(IdentityPolicy):
        if policy.holder is not None:
            found[policy.own_name].append(policy.holder)
    for attachment in estate.all(PolicyAttachment):
        account, known = attachment.location.account, attachment.policy.is_known
        policy_here = policy_of(estate, attachment.policy.get(), account) if known else None
        if policy_here is not None:
            found[policy_here.own_name].append(attachment.holder)
    for only in estate.all(OnlyPolicies):
        for ref in only.policies.known_or(()) if only.attached else ():
            policy_here = policy_of(estate, ref, only.location.account)
            if policy_here is not None:
                found[policy_here.own_name].append(only.holder)
    return {address: tuple(several) for address, several in found.items()}


def why_adrift(estate: Estate, account: Account) -> str | None:
    """Why an identity may hold more than is seen: a policy of unknown holder, or what could not be read; else None."""
    for attachment in estate.select(PolicyAttachment, account).here:
        if not attachment.holder.is_known:
            return f"{attachment.origin.address}: {attachment.holder.reason}"
    for membership in estate.select(Membership, account).here:
        if not membership.user.is_known:
            return f"{membership.origin.address}: {membership.user.reason}"
    for policy in estate.select(IdentityPolicy, account).here:
        if policy.holder is not None and not policy.holder.is_known and may_grant(policy):
            return f"{policy.origin.address}: {policy.holder.reason}"
    return estate.why_incomplete(PolicyAttachment) or estate.why_incomplete(IdentityPolicy)


def policies_of(estate: Estate, identity: Identity) -> Iterator[IdentityPolicy | Ref | Value[Ref]]:
    """The policies of an identity: as declared, as a reference to one that is not here, or as an unknown. Those of the
    groups that a user is in are the user's."""
    yield from _own_policies(estate, identity)
    for group in estate.once(_groups).get(identity.own_name, ()):
        found = estate.find(Identity, group.get(), identity.location.account) if group.is_known else None
        if found is not None:
            yield from _own_policies(estate, found)
        else:
            yield group if not group.is_known else group.get()


def policy_of(estate: Estate, ref: Ref, account: Account) -> IdentityPolicy | None:
    """The policy that a reference names: by its address or ARN, or by the name in an ARN that AWS will give it."""
    found = estate.find(IdentityPolicy, ref)
    name = (ref.id or "").partition(f":iam::{account.id}:policy/")[2] if account.id is not None else ""
    if found is not None or not name:
        return found
    named = [policy for policy in estate.select(IdentityPolicy, account).here if policy.holder is None]
    return next((policy for policy in named if policy.name.known_or(None) == name), None)


def _groups(estate: Estate) -> Mapping[str, list[Value[Ref]]]:
    """The groups of each user."""
    by_user: dict[str, list[Value[Ref]]] = defaultdict(list)
    for membership in estate.all(Membership):
        user, account = membership.user, membership.location.account
        found = estate.find(Identity, user.get(), account) if user.is_known else None
        if found is not None:
            by_user[found.own_name].append(membership.group)
    return by_user


def _own_policies(estate: Estate, identity: Identity) -> Iterator[IdentityPolicy | Ref | Value[Ref]]:
    account = identity.location.account
    lists = estate.once(_lists)
    only = [*lists.get(identity.own_name, ()), *lists.get(f"{account.key}: ", ())]
    attached, written = [one for one in only if one.attached], [one for one in only if not one.attached]
    seen: set[str] = set()
    for attachment in estate.once(_attachments).get(identity.own_name, ()):
        if not attachment.policy.is_known:
            yield attachment.policy
            continue
        ref = attachment.policy.get()
        found = policy_of(estate, ref, account)
        names = ref.names | (found.names if found is not None else frozenset())
        seen |= names
        yield _kept(found if found is not None else ref, attached, names, attachment.origin.address)
    for policy in estate.once(_written).get(identity.own_name, ()):
        names = policy.names | {policy.name.known_or("")}
        yield _kept(policy, written, names, policy.origin.address)
    for one in attached:  # an apply also attaches what it lists
        if not one.policies.is_known:
            yield unknown(one.policies.reason or "")
        for ref in one.policies.known_or(()):
            found = policy_of(estate, ref, account)
            if seen.isdisjoint(ref.names | (found.names if found is not None else frozenset())):
                yield found if found is not None else ref


def _kept(
    policy: IdentityPolicy | Ref, only: Sequence[OnlyPolicies], names: frozenset[str], address: str
) -> IdentityPolicy | Ref | Value[Ref]:
    """The policy; an unknown where a list of all policies leaves it out, or may: an apply then takes it away.

    Args:
        policy: the policy.
        only: the lists of the identity that holds it.
        names: all its names.
        address: what gives it to the identity.
    """
    for one in only:
        if not one.policies.is_known or all(names.isdisjoint(each.names) for each in one.policies.get()):
            why = "it does not list it" if one.policies.is_known else one.policies.reason
            return unknown(f"{one.origin.address} may take away {address}: {why}")
    return policy


def _lists(estate: Estate) -> Mapping[str, list[OnlyPolicies]]:
    """The lists of all policies, by the identity; those of an unknown one by the account's key."""
    by_holder: dict[str, list[OnlyPolicies]] = defaultdict(list)
    for only in estate.all(OnlyPolicies):
        holder, account = only.holder, only.location.account
        found = estate.find(Identity, holder.get(), account) if holder.is_known else None
        if found is not None:
            by_holder[found.own_name].append(only)
        elif not holder.is_known:
            by_holder[f"{account.key}: "].append(only)
    return by_holder


def _attachments(estate: Estate) -> Mapping[str, list[PolicyAttachment]]:
    by_holder: dict[str, list[PolicyAttachment]] = defaultdict(list)
    for attachment in estate.all(PolicyAttachment):
        holder, account = attachment.holder, attachment.location.account
        found = estate.find(Identity, holder.get(), account) if holder.is_known else None
        if found is not None:
            by_holder[found.own_name].append(attachment)
    return by_holder


def _written(estate: Estate) -> Mapping[str, list[IdentityPolicy]]:
    by_holder: dict[str, list[IdentityPolicy]] = defaultdict(list)
    for policy in estate.all(IdentityPolicy):
        holder, account = policy.holder, policy.location.account
        found = estate.find(Identity, holder.get(), account) if holder is not None and holder.is_known else None
        if found is not None:
            by_holder[found.own_name].append(policy)
    return by_holder
