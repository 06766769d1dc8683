"""Whom a role's trust policy lets in: anyone, whole other accounts, or those that it names.

A trust in an account as a whole (its root) leaves to that account who may assume the role. In the role's own account
that is the everyday form; in another one, anybody whom its administrators choose may come.
Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from guardline.validator.semantics.iam_documents import Document, Statement
from guardline.validator.semantics.iam_principals import account_as_a_whole
from guardline.validator.semantics.unknown_parts import begins_as_one, has_marks, shown, widened
from guardline.validator.semantics.wildcards import covers, overlaps

ASSUMING = ("sts:assumerole", "sts:assumerolewithsaml", "sts:assumerolewithwebidentity")
# Conditions that hold to an organization, an account or an identity, whatever their values are.
_NAMING = frozenset({"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn"})
_NAMING_OPERATORS = frozenset({"StringEquals", "StringLike", "ArnEquals", "ArnLike", "StringEqualsIgnoreCase"})


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


def _is_assuming(statement: Statement) -> bool:
    named = any(covers(widened(entry).lower(), action) for entry in statement.actions for action in ASSUMING)
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
        if key not in _NAMING or condition.operator.rpartition(":")[2] not in _NAMING_OPERATORS:
            continue
        if key == "aws:principalaccount":
            if set(condition.values) <= set(own):
                return True
        elif not any(value.strip("*") == "" or value.startswith("arn:aws:iam::*:") for value in condition.values):
            return True
    return False
