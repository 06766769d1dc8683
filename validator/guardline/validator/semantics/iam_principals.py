"""Principals of a policy: an account as a whole, by its id or the ARN of its root, in every partition.

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
