"""Whether resources that one account may have once are in one account at all."""

from __future__ import annotations

from collections.abc import Iterable

from guardline.validator.model.resource import Resource


def may_be_other_account(resources: Iterable[Resource]) -> str | None:
    """Why resources that look like one account's may be of several; None where they surely are of one.

    A plan leaves out the dynamic blocks of a provider configuration, and with them the role that it may assume. Two
    configurations that a plan does not tell apart may therefore work in two accounts.
    """
    through = {resource.location.through for resource in resources}
    if len(through) < 2:
        return None
    named = sorted(each for each in through if each is not None)
    return (
        f"but what {' and '.join(named)} makes may be in another account: a plan leaves out a dynamic assume_role; "
        "give its source with --source-dir"
    )
