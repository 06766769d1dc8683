"""Control access-separated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec
from msgspec.structs import replace

from guardline.validator.control import Cell, Control, Severity, Verdict, failed, passed
from guardline.validator.controls.access.asked_people import other_than_asked
from guardline.validator.controls.shared.identities import (
    SERVICE,
    is_about_guardduty,
    known_actions,
    policies_of,
    policy_of,
    stated,
    why_adrift,
)
from guardline.validator.controls.shared.mappings import mapped
from guardline.validator.controls.shared.when_applicable import is_asked
from guardline.validator.expectations.asked import People
from guardline.validator.expectations.scope import Scope
from guardline.validator.model.estate import Estate
from guardline.validator.model.iam import Identity, IdentityPolicy
from guardline.validator.model.resource import Account, Ref
from guardline.validator.model.value import UnknownValue
from guardline.validator.semantics.event_samples import GUARDDUTY_CALLS
from guardline.validator.semantics.iam_actions import changes, expand
from guardline.validator.semantics.iam_documents import Document, parse
from guardline.validator.semantics.iam_evaluation import granted
from guardline.validator.semantics.iam_trust import lets_in
from guardline.validator.semantics.place_texts import account_text

Part = Literal["reader", "responder", "administrator"]
PARTS: tuple[Part, ...] = ("reader", "responder", "administrator")
# What stops the detection or takes it out of the administrator's hands is for administrators.
ADMINISTERING = frozenset(
    f"{call.service}:{call.name}"
    for call in GUARDDUTY_CALLS
    if call.harm in ("stops detection", "breaks administration")
)
_OF_AWS = re.compile(r"arn:[^:]+:iam::aws:policy/(?:.*/)?([^/]+)")
# Policies that AWS manages, by name: what they grant in GuardDuty.
_MANAGED = {
    "AmazonGuardDutyReadOnlyAccess": "guardduty:Get*",
    "SecurityAudit": "guardduty:Get*",
    "ReadOnlyAccess": "guardduty:Get*",
    "AmazonGuardDutyFullAccess": "guardduty:*",
    "AmazonGuardDutyFullAccess_v2": "guardduty:*",
    "AdministratorAccess": "guardduty:*",
    "PowerUserAccess": "guardduty:*",
}


class Placed(msgspec.Struct, frozen=True):
    """An identity and the part it plays.

    Attributes:
        unsure: why the part may be a greater one, or None.
        bounded: why the part may be a lesser one, or None.
        open_to: whom its trust policy surely lets in that it does not name, or None.
        maybe_open_to: whom it may let in for all that is known, or None.
    """

    identity: Identity
    part: Part | None
    unsure: str | None
    bounded: str | None = None
    open_to: str | None = None
    maybe_open_to: str | None = None

    @property
    def is_sure(self) -> bool:
        """An administrator stays one whatever else is granted; another part may be greater."""
        own = self.open_to is None and self.maybe_open_to is None
        return own and self.bounded is None and (self.part == "administrator" or self.unsure is None)


def _people(estate: Estate, account: Account) -> tuple[Identity, ...]:
    """The identities that people may use: all but the roles that only AWS services may assume."""
    return tuple(one for one in estate.select(Identity, account).here if one.managed and not _is_machine(one))


def _is_machine(identity: Identity) -> bool:
    text = identity.trust.known_or(None) if identity.trust is not None else None
    if text is None:
        return False
    try:
        trusting = [statement for statement in parse(text).statements if statement.allows]
    except ValueError:
        return False
    kinds = {kind for statement in trusting for kind, _ in statement.principals or ()}
    return kinds == {"Service"}


def _opened(scope: Scope, identity: Identity) -> tuple[str | None, str | None]:
    """Whom a role's trust policy lets in that it does not name: surely, and for all that is known."""
    if identity.trust is None:
        return None, None
    if not identity.trust.is_known:
        return None, f"somebody unknown: {identity.trust.reason}"
    try:
        document = parse(identity.trust.get())
    except ValueError:  # its words may quote a text that must not be shown
        return None, "somebody unknown: its trust policy is none that IAM would take"
    accounts = (identity.location.account, *scope.accounts)
    return lets_in(document, frozenset(account_text(account) for account in accounts))


def _place(estate: Estate, scope: Scope, identity: Identity) -> Placed:
    actions, unsure = set[str](), None
    documents = list[Document]()
    for one in policies_of(estate, identity):
        if isinstance(one, IdentityPolicy):
            known = stated(one)
            documents.extend((known,) if known is not None else ())
            try:
                known_actions(one)
            except UnknownValue as unknown_value:
                unsure = unknown_value.reason
        elif isinstance(one, Ref):
            entry = _granted_by_aws(one)
            actions |= expand(entry) if entry else set()
            unsure = unsure if entry else f"{identity.origin.address} has a policy that is not here: {_said(one)}"
        else:
            unsure = one.reason
    actions |= {grant.action for grant in granted(documents, SERVICE)}
    bounds, bounded = _bounds(estate, identity)
    actions = actions if bounds is None else actions & bounds
    changing = {action for action in actions if changes(action)}
    part: Part | None = None
    if actions:
        part = "administrator" if changing & ADMINISTERING else "responder" if changing else "reader"
    return Placed(identity, part, unsure, bounded, *_opened(scope, identity))


def _bounds(estate: Estate, identity: Identity) -> tuple[frozenset[str] | None, str | None]:
    """What a permissions boundary leaves of GuardDuty, None for everything; and why that is unknown, or None."""
    if identity.boundary is None:
        return None, None
    if not identity.boundary.is_known:
        return None, identity.boundary.reason
    ref = identity.boundary.get()
    policy = policy_of(estate, ref, identity.location.account)
    if policy is None:
        entry = _granted_by_aws(ref)
        return (expand(entry), None) if entry else (None, f"its permissions boundary is not here: {_said(ref)}")
    try:
        return frozenset(grant.action for grant in granted((known_actions(policy),), SERVICE)), None
    except UnknownValue as unknown_value:
        return None, unknown_value.reason


def _granted_by_aws(ref: Ref) -> str | None:
    """What a policy that AWS manages grants in GuardDuty; None for a customer's, whatever its name, and for one that is
    not known here. Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html"""
    found = _OF_AWS.fullmatch(ref.id or "")
    return _MANAGED.get(found[1]) if found is not None else None


def _said(ref: Ref) -> str:
    return ref.id or ref.address or "?"


def _cells(estate: Estate, scope: Scope) -> Iterator[Cell]:
    for account in scope.accounts:
        if is_asked(scope, CONTROL.id) or any(_may_change(estate, one) for one in _people(estate, account)):
            yield Cell(account)


def _may_change(estate: Estate, identity: Identity) -> bool:
    """Whether somebody may change GuardDuty by a policy that names it: then there are parts to keep apart."""
    named = [
        one for one in policies_of(estate, identity) if isinstance(one, IdentityPolicy) and is_about_guardduty(one)
    ]
    known = [document for one in named if (document := stated(one)) is not None]
    return any(changes(grant.action) for grant in granted(known, SERVICE))


def _check(estate: Estate, scope: Scope, cell: Cell) -> Verdict:
    unseen = why_adrift(estate, cell.account)
    placed = [_place(estate, scope, identity) for identity in _people(estate, cell.account)]
    placed = [replace(one, unsure=one.unsure or unseen) for one in placed]
    found = {part: [one for one in placed if one.part == part] for part in PARTS}
    sure = {part: [one for one in ones if one.is_sure] for part, ones in found.items()}
    lacking = [part for part in PARTS if not sure[part]]
    opened = [one for one in placed if one.part is not None and one.open_to is not None]
    if opened:
        _opened(scope, opened[0].identity)  # looked at last: evidence points to the trust policy
        who = "; ".join(f"{one.identity.origin.address} may be assumed by {one.open_to}" for one in opened)
        return failed(f"who may use GuardDuty is not limited: {who}", *(one.identity.origin for one in opened))
    people = scope.asked.people if scope.asked is not None else None
    for part in PARTS:
        mine = [one.identity for one in found[part]]
        if people is not None and mine and (verdict := _other_people(estate, people, part, mine)) is not None:
            return verdict
    evidence = tuple(one.identity.origin for part in PARTS for one in found[part])
    if not lacking:
        names = ", ".join(f"{sure[part][0].identity.origin.address} is a {part}" for part in PARTS)
        more = "; each with a second factor" if people is not None and people.mfa else ""
        return passed(f"{names}{more}".replace("a administrator", "an administrator"), *evidence)
    for one in placed:
        if not one.is_sure:
            why = one.bounded or one.unsure or f"its trust policy may let in {one.maybe_open_to}"
            raise UnknownValue(f"{one.identity.origin.address} may be the {lacking[0]}: {why}")
    for kind in (Identity, IdentityPolicy):
        estate.select(kind, cell.account).assert_complete()
    shown = " and no ".join(lacking)
    return failed(f"among those who may use GuardDuty there is no {shown} of its own", *evidence, missing=Identity)


def _other_people(estate: Estate, asked: People, part: Part, identities: list[Identity]) -> Verdict | None:
    """The verdict where no role of a part is for those alone whom the spec names; None where one is."""
    faults: list[tuple[str, Identity]] = []
    for identity in identities:
        fault = other_than_asked(estate, asked, part, identity)
        if fault is None:
            return None
        faults.append((fault, identity))
    fault, identity = faults[0]
    return failed(
        f"{identity.origin.address}, a {part}, {fault}".replace("a administrator", "an administrator"), identity.origin
    )


CONTROL = Control(
    id="access-separated",
    title="Readers, responders and administrators are apart",
    practice=4,
    severity=Severity.HIGH,
    why=(
        "Those who read findings all day need no power to silence them, and those who triage need none to switch "
        "detection off. Where one identity does all, one stolen session is enough to blind the account."
    ),
    passes=(
        "The account has an identity for people that may read GuardDuty and changes nothing in it (reader), one that "
        "changes some of it but can neither stop the detection nor break its administration (responder), and one that "
        "can (administrator). The policies of a user's groups are the user's, and a permissions boundary takes away. "
        "Asked where the source lets some role, user, group or permission set change GuardDuty "
        "by a policy that names it. Under a spec with roles, one role of each part is for those alone whom the spec "
        "names, with its second factor and permissions boundary."
    ),
    fails=(
        "One of the three parts has no identity of its own in the source; or a role of one of the parts may be assumed "
        "by anyone (`*` without a condition) or by a whole account that is not among those asked about; or, "
        "under a spec, by others than it names, or without what it asks for."
    ),
    unsure=(
        "The text of a policy, or who holds it, is known only after apply, or an identity has a policy that is not in "
        "the source (a permissions boundary also), so that it may be of another part; a trust policy may let in anyone "
        "for all that is known of it; or the source is incomplete."
    ),
    fix=(
        "Declare three `aws_iam_role` with a policy each: `guardduty:Get*` and `guardduty:List*` for readers; those "
        "and `guardduty:ArchiveFindings`, `guardduty:UnarchiveFindings` and `guardduty:UpdateFindingsFeedback` for "
        "responders; `guardduty:*` for administrators."
    ),
    limits=(
        "A role that only AWS services may assume is not a person's. Of the policies that AWS manages, the best known "
        "are read by name. Of a trust policy, only trust in no one in particular is judged. Service control policies "
        "are not, nor is what a reader may change outside GuardDuty."
    ),
    cells=_cells,
    check=_check,
    mappings=mapped("access-separated"),
    links=(
        "https://docs.aws.amazon.com/guardduty/latest/ug/security_iam_service-with-iam.html",
        "https://docs.aws.amazon.com/guardduty/latest/ug/security-iam-awsmanpol.html",
    ),
)
