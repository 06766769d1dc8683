"""Principals of a policy, in every partition: an account as a whole, by its id or the ARN of its root, and the accounts
and organizations that conditions name.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import re

_ROOT = re.compile(r"arn:[^:]+:iam::([^:/]+):root|([^:/]+)")


def account_as_a_whole(principal: str) -> str | None:
    """The account that a principal means as a whole; None where it is one identity of an account.

    Args:
        principal: an entry of ``Principal.AWS``; the account in it may be a mark (`unknown_parts`).
    """
    found = _ROOT.fullmatch(principal)
    return found[1] or found[2] if found is not None else None


def names_somebody(value: str) -> bool:
    """Whether a condition's value holds to one account or organization.

    Of an ARN it is the account's part that counts, of an organization's path the organization's id.

    Args:
        value: e.g. ``arn:aws:iam::111122223333:role/*`` or ``o-a1b2c3d4e5/r-ab12/*``; marks name somebody.
    """
    who = [*value.split(":"), "", "", "", ""][4] if value.startswith("arn:") else value.partition("/")[0]
    return bool(who) and not any(wild in who for wild in "*?")
