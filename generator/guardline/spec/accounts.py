"""The accounts that a spec covers, and the duty of each."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from guardline.spec import lists
from guardline.spec.practices.organization import LOG_ARCHIVE

if TYPE_CHECKING:
    from guardline.spec.model import Spec
    from guardline.spec.practices.organization import Target

Duty = Literal["account", "management", "security", "member"]


@dataclass(frozen=True)
class Covered:
    """A covered account.

    Attributes:
        id: its 12 digits.
        duty: ``account`` for the one account of a spec without organization; ``management``; ``security`` for
            GuardDuty's delegated administrator; ``member`` for all others.
        name: what people call it: of members, also their root's folder.
    """

    id: str
    duty: Duty
    name: str


def accounts(spec: Spec, path: Path) -> tuple[Covered, ...]:
    """Every covered account once: management and security first, members by name.

    Args:
        spec: the spec.
        path: its file; a file of members is read beside it.

    Raises:
        ListError: the file of members cannot be read, or is something else.
    """
    if spec.account is not None:
        return (Covered(spec.account.id, "account", spec.account.id),)
    organization = spec.organization
    if organization is None:
        raise ValueError("a spec covers an account or an organization")  # `load` says so with its line
    found = [
        Covered(organization.management_account, "management", "management"),
        Covered(organization.admin_account, "security", "security"),
    ]
    members = {member.id: member.name or member.id for member in organization.members}
    if organization.members_file is not None:
        members = listed(lists.read(path.parent, organization.members_file))
    if organization.log_archive_account is not None:
        members[organization.log_archive_account] = LOG_ARCHIVE
    known = {account.id for account in (*found, *retiring(spec))}
    others = sorted((name, account) for account, name in members.items() if account not in known)
    return (*found, *(Covered(account, "member", name) for name, account in others))


def retiring(spec: Spec) -> tuple[Covered, ...]:
    """The accounts on their way out, whether they keep a root or not: by name."""
    asked = spec.organization.retiring if spec.organization is not None else ()
    return tuple(sorted((Covered(each.id, "member", each.name or each.id) for each in asked), key=lambda one: one.name))


def target_of(spec: Spec, account: Covered) -> Target | None:
    """The target that holds for an account; None for one that is as the spec says for all."""
    targets = spec.organization.targets if spec.organization is not None and account.duty == "member" else ()
    for target in targets:
        if account.id not in target.exclude and account.id in (target.accounts or (account.id,)):
            return target
    return None


def closed(spec: Spec, path: Path) -> dict[str, str]:
    """The accounts that the file of members lists and that are not active: id -> what AWS says of them.

    Raises:
        ListError: as for `accounts`.
    """
    organization = spec.organization
    if organization is None or organization.members_file is None:
        return {}
    states = _states(lists.read(path.parent, organization.members_file))
    return {account: state for account, state in states.items() if state != "ACTIVE"}


def listed(text: str) -> dict[str, str]:
    """The active accounts of what ``aws organizations list-accounts`` prints: id -> folder, which is the id.

    A name in AWS Organizations is neither unique nor lasting, so that none of them becomes a folder.

    Raises:
        ListError: it is something else.
    """
    return {account: account for account, state in _states(text).items() if state == "ACTIVE"}


def _states(text: str) -> dict[str, str]:
    """Each account with its state. ``State`` says it; older output has ``Status`` alone, which AWS no longer sends.

    Source: https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
    """
    try:
        data: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise lists.ListError("is no JSON; make it with `aws organizations list-accounts > FILE`") from None
    entries = data.get("Accounts") if isinstance(data, dict) else None
    if not isinstance(entries, list):
        raise lists.ListError("has no list `Accounts`; make it with `aws organizations list-accounts > FILE`")
    found: dict[str, str] = {}
    for number, entry in enumerate(entries, 1):
        account = entry.get("Id") if isinstance(entry, dict) else None
        if not isinstance(account, str) or not re.fullmatch(r"[0-9]{12}", account):
            raise lists.ListError(f"entry {number} of `Accounts` has no `Id` of 12 digits")
        found[account] = str(entry.get("State", entry.get("Status", "ACTIVE")))
    return found
