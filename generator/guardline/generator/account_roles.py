"""What each account of an organization is there for: which practices its root gets, and what else differs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from guardline.generator.root import Duty
from guardline.spec.accounts import Covered

# Everywhere an account of its own has something to lose, whoever watches the findings.
_EACH: frozenset[Duty] = frozenset({"account", "management", "security", "member"})
# GuardDuty's administrator alone may hold lists and suppression rules, exports the findings of its members, and sees
# all of them: https://docs.aws.amazon.com/guardduty/latest/ug/administrator_member_relationships.html
_ADMINISTRATOR: frozenset[Duty] = frozenset({"account", "security"})
# The organization's trail belongs to the management account and records every member.
_MANAGEMENT: frozenset[Duty] = frozenset({"account", "management"})

# Who has a detector declared in its root. The administrator enables those of members; the management account is the
# exception that must have one before it is a member:
# https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateMembers.html
DETECTOR: frozenset[Duty] = frozenset({"account", "management", "security"})

PARTS: Mapping[str, frozenset[Duty]] = {
    "access": _EACH,
    "alerts": _EACH,
    "config": _EACH,
    "delegation": frozenset({"management"}),
    "dns_logs": _EACH,
    "export": _ADMINISTRATOR,
    "flow_logs": _EACH,
    "hub_members": frozenset({"hub-members"}),
    "lists": _ADMINISTRATOR,
    "logged_vpcs": _EACH,
    "organization": frozenset({"organization"}),
    "response": _EACH,
    "scp": _MANAGEMENT,
    "security_hub": _EACH,
    "suppression": _ADMINISTRATOR,
    "tamper": _EACH,
    "trail": _MANAGEMENT,
    "trail_bucket": frozenset({"trail-bucket"}),
}
"""Part of a root, by its name in the templates -> the account roles whose roots get it."""

WAVES: tuple[Duty, ...] = (
    "trail-bucket",
    "security",
    "management",
    "organization",
    "member",
    "hub-members",
    "retiring",
)
"""The order in which the roots of an organization are applied.

AWS makes no trail whose bucket is not there, so that a bucket in another account comes first
(https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html). The administrator's detectors come
before its naming: naming an administrator where GuardDuty is off would turn it on behind
Terraform's back. Then the management account names it, then it enables the members. Security Hub's members come last:
making an account a member turns Security Hub and standards on where it is off, and its own root could not any more.
What retires comes last: nothing waits for a bucket that is not empty yet.
https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_CreateMembers.html
"""


MEMBER = PurePosixPath("member")
"""The folder of the root that members share."""
RETIRING = PurePosixPath("retiring")
"""The folder of the root that retiring accounts share."""


def folder(account: Covered) -> PurePosixPath:
    """The folder of an account's root, seen from the spec's."""
    if account.duty == "account":
        return PurePosixPath()
    return PurePosixPath("members", account.name) if account.duty == "member" else PurePosixPath(account.duty)
