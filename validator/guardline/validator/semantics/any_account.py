"""What holds of one account's texts holds of another's, if they differ in the account's id alone.

The accounts of an organization have the same rules, and each names its own account. Such a rule is tried once, with
the account of the sample events in the place of its own.
"""

from __future__ import annotations

import re
from functools import lru_cache

from guardline.validator.semantics.event_patterns import Pattern, parse
from guardline.validator.semantics.finding_samples import ACCOUNT

_ID = re.compile(r"\d{12}")
_DIGIT = re.compile(r"\d")
_SERVICE = re.compile(r'"(?:aws\.)?(?:ec2|route53resolver|s3)\b')  # digits that stand for no account, nor a part of one


@lru_cache(maxsize=4096)
def renamed(text: str, account: str) -> str | None:
    """A pattern's text with the sample account in the place of an account; None where it may tell the two apart.

    A digit that is left may be a part of an id in a wildcard or a beginning, which the two may not share.
    """
    if account != ACCOUNT and _DIGIT.search(_SERVICE.sub("", text.replace(account, ""))):
        return None
    return renamed_value(text, account)


def renamed_value(text: str, account: str) -> str | None:
    """A text of an event with the sample account in the place of an account; None where it has both, or no such id."""
    if account == ACCOUNT:
        return text
    return text.replace(account, ACCOUNT) if ACCOUNT not in text and _ID.fullmatch(account) else None


@lru_cache(maxsize=4096)
def renamed_pattern(pattern: Pattern, account: str) -> Pattern | None:
    """The pattern with the sample account in the place of an account; None where it may tell the two apart."""
    text = renamed(pattern.text, account) if pattern.text else None
    return parse(text) if text is not None else None
