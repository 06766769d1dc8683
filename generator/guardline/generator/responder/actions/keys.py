"""Whose access key a finding is about."""

from __future__ import annotations

from dataclasses import dataclass

from ..finding import Finding
from .action import LeftToPeopleError


@dataclass(frozen=True)
class Key:
    """An access key as GuardDuty describes it.

    Attributes:
        id: e.g. ``AKIA...``; of a session ``ASIA...``.
        user_type: ``IAMUser``, ``AssumedRole``, ``Root`` ...
        user: the user's or the role's name.
    """

    id: str
    user_type: str
    user: str


def of(finding: Finding) -> Key:
    """The key that a finding is about.

    Raises:
        LeftToPeopleError: it names none.
    """
    details = (finding.detail.get("resource") or {}).get("accessKeyDetails") or {}
    key = Key(*(str(details.get(name) or "") for name in ("accessKeyId", "userType", "userName")))
    if not key.user or not key.user_type:
        raise LeftToPeopleError("the finding names no identity")
    return key
