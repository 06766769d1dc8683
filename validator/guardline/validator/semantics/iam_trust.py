"""Whom a role's trust policy lets in: anyone, whole other accounts, or those that it names.

A trust in an account as a whole (its root) leaves to that account who may assume the role. In the role's own account
that is the everyday form; in another one, anybody whom its administrators choose may come. A provider of web identities
such as GitHub's signs in all of its customers: only a condition on the subject says whose.
Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from guardline.validator.semantics.iam_documents import Condition, Document, Statement
from guardline.validator.semantics.iam_principals import account_as_a_whole, names_somebody
from guardline.validator.semantics.unknown_parts import SOMETHING, begins_as_one, has_marks, shown, widened
from guardline.validator.semantics.wildcards import covers, overlaps

_BY_WEB = "sts:assumerolewithwebidentity"
ASSUMING = ("sts:assumerole", "sts:assumerolewithsaml", _BY_WEB)
# Conditions that hold to an organization, an account or an identity, whatever their values are.
_NAMING = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn"})
_NAMING_OPERATORS = frozenset({"StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringEqualsIgnoreCase"})

_WILD = re.compile(r"[*?]")


def lets_in(document: Document, own: Collection[str]) -> tuple[str | None, str | None]:
    """Whom the trust policy lets in that it does not name.

    Args:
        document: the trust policy.
        own: the accounts that are no strangers, as `place_texts.account_text` writes them: the role's own, and those
            that are asked about beside it.

    Returns:
        Who surely comes in, and who may come in for all that is known; None for nobody.
    """
    sure, perhaps = None, None
    denied = any(not statement.allows and _is_assuming(statement) for statement in document.statements)
    for statement in document.statements:
        if not statement.allows or not _is_assuming(statement):
            continue
        for who, surely in _strangers(statement, own):
            if not surely or denied or statement.conditions:
                perhaps = perhaps or (None if _names_callers(statement, own) else who)
            else:
                sure = sure or who
    return sure, perhaps


def _is_assuming(statement: Statement, *actions: str) -> bool:
    several = actions or ASSUMING
    named = any(covers(widened(entry).lower(), action) for entry in statement.actions for action in several)
    return named != statement.all_but_actions


def _strangers(statement: Statement, own: Collection[str]) -> Iterator[tuple[str, bool]]:
    """Those of a statement that are no one in particular, and whether they surely are."""
    if statement.all_but_principals:
        yield "anyone but those it names", True
        return
    for kind, several in statement.principals or ():
        for who in several:
            if kind == "Federated" and not statement.conditions and not who.startswith("arn:") and not has_marks(who):
                yield f"anyone whom {who} signs in", True
            elif kind == "Federated" and _is_web(statement, who) and not any(map(_names_subject, statement.conditions)):
                yield f"anyone whom {shown(who)} signs in", False
            elif kind in ("*", "AWS"):
                yield from _stranger(who, own)


def _stranger(who: str, own: Collection[str]) -> Iterator[tuple[str, bool]]:
    if who == "*":
        yield "anyone", True
        return
    account = account_as_a_whole(who)
    if account is None or account in own or begins_as_one(who):
        return  # an identity of its own, or no stranger
    if not has_marks(account):
        yield f"the whole account {account}", account.isdigit() and not any(map(has_marks, own))
    elif overlaps(widened(who), "*"):
        yield f"{shown(who)}, which may be anyone", False


def _names_callers(statement: Statement, own: Collection[str]) -> bool:
    """Whether its conditions hold to an organization, to accounts that are no strangers, or to identities."""
    for condition in statement.conditions:
        key = condition.key.lower()
        quantifier, _, operator = condition.operator.rpartition(":")
        # "For all values" holds where there is none, so for everybody outside of any organization.
        if key not in _NAMING or operator not in _NAMING_OPERATORS or quantifier == "ForAllValues":
            continue
        if key == "aws:principalaccount":
            if set(condition.values) <= set(own):
                return True
        elif all(names_somebody(value) and not _may_be_all(condition, value) for value in condition.values):
            return True
    return False


def _may_be_all(condition: Condition, value: str) -> bool:
    """Whether a value of which nothing is known may be a wildcard."""
    return value == SOMETHING and "Like" in condition.operator


def _is_web(statement: Statement, who: str) -> bool:
    """Whether a federated principal is a provider of web identities (OpenID Connect), by its ARN or for all that is
    known of it."""
    if has_marks(who):
        return _is_assuming(statement, _BY_WEB) and "saml" not in shown(who)
    return ":oidc-provider/" in who


def _names_subject(condition: Condition) -> bool:
    """Whether a condition says whom the provider must have signed in: the values are whole, or begin with an owner."""
    quantifier, _, operator = condition.operator.rpartition(":")
    if not condition.key.lower().endswith(":sub") or operator not in _NAMING_OPERATORS or quantifier == "ForAllValues":
        return False
    return all(not _may_be_all(condition, value) and _begins_with_owner(value) for value in condition.values)


def _begins_with_owner(subject: str) -> bool:
    """Whether a subject such as ``repo:octo-org/octo-repo:*`` names its owner before its first wildcard."""
    known, *rest = _WILD.split(subject, maxsplit=1)
    return not rest or any(sign in known.partition(":")[2] for sign in "/:")
