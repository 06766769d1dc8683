"""Control access-least-privilege."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.shared.identities import (
    SERVICE,
    holders,
    is_about_guardduty,
    is_administrators,
    is_concerned,
    known_actions,
    may_grant,
    stated,
)
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.iam import Identity, IdentityPolicy, PolicyAttachment
from guardline.validator.model.resource import Ref
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_evaluation import WideGrant, wide_grants


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    for account in scope.accounts:
        concerned = is_concerned(estate, account)
        # A role may have several policies written into it: its address is one subject.
        asked = {
            policy.own_name: policy
            for policy in estate.select(IdentityPolicy, account).here
            if is_about_guardduty(policy) or (concerned and may_grant(policy))
        }
        yield from (Cell(account, subject=policy.origin.address, resource=policy) for policy in asked.values())


def _by_name(estate: Estate) -> Mapping[tuple[str, str], list[IdentityPolicy]]:
    found: dict[tuple[str, str], list[IdentityPolicy]] = defaultdict(list)
    for policy in estate.all(IdentityPolicy):
        found[policy.location.account.key, policy.own_name].append(policy)
    return found


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    here = estate.once(_by_name)[cell.account.key, cell.resource.own_name] if cell.resource is not None else []
    evidence = tuple(policy.origin for policy in here[:1])
    wide = [grant for policy in here for grant in _changing(policy)]
    surely = [grant for grant in wide if not grant.conditional]
    if surely:
        if all(_is_for_administrators(estate, scope, policy) for policy in here):
            return passed("grants all of GuardDuty, to administrators only", *evidence)
        return failed(f"grants {_said(surely)} on every resource, and not to administrators only", *evidence)
    for policy in here:
        known_actions(policy)
    if wide:
        raise UnknownValue(f"it grants {_said(wide)} on every resource under a condition")
    return passed("no wildcard grants a change of GuardDuty on every resource", *evidence)


def _changing(policy: IdentityPolicy) -> Iterable[WideGrant]:
    known = stated(policy)
    return (grant for grant in wide_grants((known,), SERVICE) if grant.changing) if known is not None else ()


def _said(grants: Iterable[WideGrant]) -> str:
    return " and ".join(dict.fromkeys(grant.entry for grant in grants))


def _is_for_administrators(estate: Estate, scope: Scope, policy: IdentityPolicy) -> bool:
    """Whether only administrators hold the policy.

    Raises:
        UnknownValue: it is unknown who holds it.
    """
    held_by = estate.once(holders).get(policy.own_name, ())
    named = [_is_administrator(estate, scope, holder.get()) for holder in held_by if holder.is_known]
    if not all(named):
        return False
    for holder in held_by:
        holder.get()
    if not held_by and is_administrators(policy.name.known_or("")):
        raise UnknownValue("it is called an administrator's policy, and nothing here shows who holds it")
    for attachment in estate.once(_adrift) if policy.holder is None else ():
        attachment.policy.get()
    if held_by and policy.holder is None and (why := estate.why_incomplete(PolicyAttachment)) is not None:
        raise UnknownValue(why)
    return bool(held_by)


def _adrift(estate: Estate) -> tuple[PolicyAttachment, ...]:
    """Attachments of an unknown policy: any policy may be theirs."""
    return tuple(attachment for attachment in estate.all(PolicyAttachment) if not attachment.policy.is_known)


def _is_administrator(estate: Estate, scope: Scope, holder: Ref) -> bool:
    chosen = scope.asked.administrators if scope.asked is not None else frozenset[str]()
    found = estate.find(Identity, holder)
    if found is None and holder.id is None:
        raise UnknownValue(f"{holder.address}, which holds the policy, is not in the source")
    called = found.name.get() if found is not None else (holder.id or "").rpartition("/")[2]
    names = holder.names if found is None else found.names
    return called in chosen or not names.isdisjoint(chosen) if chosen else is_administrators(called)


CONTROL = Control(
    id="access-least-privilege",
    title="No policy grants all of GuardDuty, but the administrators'",
    practice=5,
    severity=Severity.HIGH,
    why=(
        "Whoever may change GuardDuty at will can switch it off, hide findings behind a filter, or trust an address. "
        "A wildcard grants that unread, and also what AWS adds later."
    ),
    passes=(
        "Each policy that names GuardDuty, or grants anything in it, has no `Action` with a wildcard and no "
        "`NotAction` that comes to a change of GuardDuty on every resource, once wildcards are expanded and what is "
        "denied is taken away; or only administrators hold it. Wildcards that come to reading, such as "
        "`guardduty:Get*`, are fine."
    ),
    fails=(
        "A wildcard or `NotAction` grants a change on every resource (`*`, or every detector of an account or region) "
        "without a condition, and somebody other than administrators holds the policy, or nobody does yet."
    ),
    unsure=(
        "The text, or a part of it that decides, is known only after apply; the grant stands under a condition; it is "
        "unknown who holds the policy; or IAM would refuse the text."
    ),
    fix=(
        "Name the actions that the role needs, e.g. `guardduty:GetFindings` and `guardduty:ListFindings`, and the "
        "detectors. Build the text with `data.aws_iam_policy_document`, whose statements a plan shows even where one "
        "ARN is not known yet."
    ),
    limits=(
        "Administrators are those that the spec names, else the identities whose name has the word admin or "
        "administrator in it. A list of single actions is not judged, however long. Policies that AWS manages, and "
        "permissions boundaries, are not read. A policy whose text is unknown is asked about only where the account "
        "has to do with GuardDuty here."
    ),
    cells=_cells,
    check=_check,
    subjects=(IdentityPolicy,),
    mappings=mapped("access-least-privilege"),
    links=(
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonguardduty.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document",
    ),
)
