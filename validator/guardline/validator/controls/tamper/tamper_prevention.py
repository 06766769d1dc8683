"""Control tamper-prevention."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guardline.spec.guarded_calls import GLOBAL_REGIONS, GUARDED
from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed, undetermined
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.service_control import (
    Reaching,
    assert_bound,
    assert_seen,
    exempt_others,
    exempt_roles,
    is_about_guardduty,
    reaching,
    unbound,
)
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.organizations import PolicyTarget, ServiceControlPolicy
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.iam_denials import not_denied
from guardline.validator.semantics.wildcards import rests

SHOWN = 3
# The least that a policy against tampering denies; other calls, as on filters, may be left to administrators.
CORE = (
    "guardduty:DeleteDetector",
    "guardduty:UpdateDetector",
    "guardduty:StopMonitoringMembers",
    "guardduty:UpdateMemberDetectors",
    "guardduty:DisassociateFromAdministratorAccount",
    "guardduty:DisassociateFromMasterAccount",
    "guardduty:DisassociateMembers",
    "guardduty:DeleteMembers",
)

# Whoever may do these to an exempt role, or make one of its name, is exempt as well.
GUARDS = tuple(action for calls in GUARDED if calls.kind == "role" for action in calls.iam())
_ACCOUNT = re.compile(r"::[^:]*:")


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    about = any(map(is_about_guardduty, estate.all(ServiceControlPolicy)))
    if about or is_asked(scope, "tamper-prevention"):
        yield from (Cell(account) for account in scope.accounts)


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    if (verdict := unbound(estate, scope, cell.account)) is not None:
        return verdict
    if not estate.all(ServiceControlPolicy):
        raise UnknownValue("no service control policy is seen here, and the organization may have one")
    assert_bound(estate, cell.account)
    found = reaching(estate, cell.account)
    for region in scope.expected_in(cell.account):
        try:
            left = not_denied(found.documents, CORE, cell.account.id, region)
        except UnknownValue:
            assert_seen(estate, found)
            raise
        if left:
            assert_seen(estate, found)
            if not found.documents:
                return failed(
                    "no service control policy here reaches the account", *found.evidence, missing=ServiceControlPolicy
                )
            more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
            return failed(
                f"{', '.join(left[:SHOWN])}{more} stay open in {region}", *found.evidence, missing=ServiceControlPolicy
            )
    if (open_roles := _unguarded(estate, cell, found)) is not None:
        return failed(open_roles, *found.evidence)
    if (other := _otherwise(estate, scope, found)) is not None:
        return failed(other, *found.evidence)
    if (others := exempt_others(found.documents, CORE)) is not None:
        return undetermined(f"{others} is exempt, and whether others could become so is not judged", *found.evidence)
    return passed("service control policies deny what stops the detection or breaks away from it", *found.evidence)


def _otherwise(estate: Estate, scope: Scope, found: Reaching) -> str | None:
    """How the policies spare or reach others than the spec says; None where they do not."""
    asked = scope.asked
    if asked is None or not is_asked(scope, "tamper-prevention"):
        return None
    roles = exempt_roles(found.documents, CORE)
    if asked.exempt_roles is not None:
        if extra := [role for role in roles if role not in asked.exempt_roles]:
            return f"the role {extra[0]} is exempt, and the spec does not name it"
        if missing := [role for role in asked.exempt_roles if role not in roles]:
            return f"the role {missing[0]} is not exempt, and the spec names it"
    if asked.targets:
        there = {ref.id for one in estate.all(PolicyTarget) if (ref := one.target.known_or(None)) is not None}
        if lost := [target for target in asked.targets if target not in there]:
            return f"no policy is attached to {lost[0]}, and the spec names it"
    return None


def _unguarded(estate: Estate, cell: Cell, found: Reaching) -> str | None:
    """Which exempt role others could change or make, and so be exempt themselves; None where there is none.

    Raises:
        UnknownValue: another policy may deny it.
    """
    region = GLOBAL_REGIONS[estate.partition]
    for role in exempt_roles(found.documents, CORE):
        for own in _own(role, estate.partition, cell.account.id or "*"):
            try:
                left = not_denied(found.documents, GUARDS, cell.account.id, region, own)
            except UnknownValue:
                assert_seen(estate, found)
                raise
            if left:
                assert_seen(estate, found)
                return f"the role {role} is exempt, and {', '.join(left[:SHOWN])} on it stay open to others"
    return None


def _own(role: str, partition: str, account: str) -> tuple[str, ...]:
    """The account's roles that an exemption means, as patterns of their ARNs."""
    text = _ACCOUNT.sub(f"::{account}:", role, count=1)
    if ":role/" in text:
        return (text,)
    first = f"arn:{partition}:iam::{account}:role/"
    return tuple(f"{first}{rest}" for rest in rests(text, first) if ":" not in rest)


CONTROL = Control(
    id="tamper-prevention",
    title="Nobody in the account can switch detection off",
    practice=6,
    severity=Severity.MEDIUM,
    why=(
        "An alarm says that somebody switched the detection off; a service control policy keeps it on, whatever an "
        "intruder may do in the account, even as its administrator."
    ),
    passes=(
        "Service control policies that reach the account (attached to it, to a unit above it, or to the root) deny, "
        f"to an ordinary role, user and the root user, in every expected region: {', '.join(f'`{a}`' for a in CORE)}. "
        "Several policies add up. Exempting a named role, such as the one that deploys, is fine where the policies "
        f"deny everybody else {', '.join(f'`{a}`' for a in GUARDS)} on that role."
    ),
    fails=(
        "Such policies are in the source, and none that reaches the account denies all of these. An exemption of every "
        "role, or a Deny of another region's resources only, denies nothing. Or others may change an exempt role. Or, "
        "under a spec, other roles are exempt than it names, or a policy is not attached where it says."
    ),
    unsure=(
        "No service control policy is in the source; the text of one, or what it is attached to, is known only after "
        "apply; where the account stands in the organization is not known; the policy denies under a condition that "
        "the text does not settle, or on some of the account's resources only; it exempts users, or "
        "whoever has a tag; or the account declares the policies itself and may be the management account."
    ),
    fix=(
        "In the management account declare an `aws_organizations_policy` that denies these actions unless "
        "`aws:PrincipalArn` is the deploying role's, and likewise the changes of that role, and an "
        "`aws_organizations_policy_attachment` to the root."
    ),
    limits=(
        "The management account, which these policies do not bind, is not applicable. What an exempt role may do is "
        "for its own policies."
    ),
    cells=_cells,
    check=_check,
    mappings=mapped("tamper-prevention"),
    links=(
        "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html",
        "https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/organizations_policy_attachment",
    ),
)
