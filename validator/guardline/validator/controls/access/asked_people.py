"""Whether an identity is for those alone whom the spec names: the roles' trust, or the groups of Identity Center."""

from __future__ import annotations

import re

from guardline.validator.controls.shared.as_asked import Tests
from guardline.validator.expectations.asked import Center, People
from guardline.validator.model.estate import Estate
from guardline.validator.model.iam import Assignment, Identity
from guardline.validator.semantics.iam_documents import Condition, parse

_ACCOUNT = re.compile(r"\d{12}")


def other_than_asked(estate: Estate, asked: People, part: str, identity: Identity) -> str | None:
    """How an identity is for others than the spec names; None where it is for those alone.

    Args:
        estate: what there is.
        asked: what the spec asks.
        part: ``reader``, ``responder`` or ``administrator``.
        identity: the identity that plays this part.

    Raises:
        UnknownValue: it cannot be determined.
    """
    if asked.center is not None:
        return _other_groups(estate, asked.center, asked.parts[part], identity)
    if identity.trust is None:
        return "is no role, and the spec asks for roles"
    statements = [one for one in parse(identity.trust.get()).statements if one.allows]
    who = {name for one in statements for _, names in one.principals or () for name in names}
    named = {_as_arn(name, asked.parts[part]) for name in who}
    if extra := sorted(named - asked.parts[part]):
        return f"may be assumed by {', '.join(extra)}, whom the spec does not name"
    if missing := sorted(asked.parts[part] - named):
        return f"may not be assumed by {', '.join(missing)}, whom the spec names"
    if asked.mfa and not all(any(map(_is_mfa, one.conditions)) for one in statements):
        return "may be assumed without a second factor, which the spec asks for"
    if identity.boundary is None:
        return "has no permissions boundary"
    boundary = identity.boundary.get() if asked.boundary is not None else None
    if boundary is not None and boundary.id != asked.boundary:
        found = boundary.id or boundary.address
        return f"has the permissions boundary {found}, and the spec names {asked.boundary}"
    return None


def _as_arn(name: str, asked: frozenset[str]) -> str:
    """An account's number as the ARN of the whole account, as the spec writes it."""
    if not _ACCOUNT.fullmatch(name):
        return name
    return next((arn for arn in asked if arn.endswith(f"::{name}:root")), name)


def _is_mfa(condition: Condition) -> bool:
    """Whether a condition asks for a second factor; one with ``IfExists`` lets those in who gave none."""
    is_key = condition.key.lower() == "aws:multifactorauthpresent"
    return is_key and condition.operator == "Bool" and condition.values == ("true",)


def _other_groups(estate: Estate, asked: Center, groups: frozenset[str], identity: Identity) -> str | None:
    if identity.trust is not None:
        return "is a role, and the spec asks for permission sets of Identity Center"
    assigned = [one for one in estate.all(Assignment) if identity.is_named_by(one.permission_set.get())]
    accounts = asked.accounts or frozenset({identity.location.account.id or ""})
    wanted = {(group, account) for group in groups for account in accounts}
    found = {(one.principal.get(), one.target.get()) for one in assigned}
    if extra := sorted(found - wanted):
        return f"is given to {extra[0][0]} in account {extra[0][1]}, which the spec does not say"
    if missing := sorted(wanted - found):
        return f"is not given to {missing[0][0]} in account {missing[0][1]}, as the spec says"
    tests = Tests()
    for one in assigned:
        tests.equal(one.instance, asked.instance, "is of the Identity Center", one.origin)
        region = one.location.region.map(lambda name: name or "")
        tests.equal(region, asked.region, "is given in", one.origin)
    return tests.faults[0].reason if tests.faults else None
