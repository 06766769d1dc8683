"""Whose account a provider configuration works in, as far as its own arguments tell: one reading for HCL and plans.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs#provider-configuration
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from guardline.validator.model.resource import Account

CREDENTIALS = (
    "profile",
    "access_key",
    "assume_role",
    "assume_role_with_web_identity",
    "shared_credentials_files",
    "shared_config_files",
    "token",
    "allowed_account_ids",
)
"""The arguments and blocks that tell one set of credentials from another."""

PINNED = frozenset({"--account", "allowed_account_ids", "assume_role"})
"""What told an account that a provider configuration itself is bound to (`Account.known_from`)."""

_ROLE_ARN = re.compile(r"arn:[a-z0-9-]+:iam::(\d{12}):role/.+", re.ASCII)
_ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)


def is_account(value: object) -> bool:
    """Whether a value is an account's id."""
    return isinstance(value, str) and _ACCOUNT_ID.fullmatch(value) is not None


def account_allowed(ids: object) -> Account | None:
    """The one account of `allowed_account_ids`; None where it names several, or none that is known."""
    if not isinstance(ids, list) or len(ids) != 1 or not is_account(ids[0]):
        return None
    account = str.__str__(ids[0])
    return Account(account, account, "allowed_account_ids")


def account_of_role(arn: object) -> Account | None:
    """The account of the role that a provider assumes last; None where its ARN is unknown.

    Several roles are assumed in the order in which they are written, each with the credentials of the one before.
    Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs#assuming-an-iam-role
    """
    match = _ROLE_ARN.fullmatch(arn) if isinstance(arn, str) else None
    return Account(match[1], match[1], "assume_role") if match is not None else None


class UnknownAccounts:
    """One unknown account for each distinct set of credentials, in whatever root of a run."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}

    @property
    def any(self) -> bool:
        """Whether some account has no id."""
        return bool(self._accounts)

    def forget(self) -> None:
        """Begin anew."""
        self._accounts.clear()

    def of(self, credentials: Mapping[str, Any], *, known: bool) -> Account:
        """The account that some credentials lead to.

        Args:
            credentials: the arguments of a provider configuration that decide whose account it works in.
            known: whether their values are known: two roots with the same profile work in one account, while the
                default credentials, or a variable without a value, may be another account in each root.
        """
        text = json.dumps(credentials, sort_keys=True, default=str)
        if text not in self._accounts:
            number = len(self._accounts)
            key = "-" if number == 0 else f"-{number + 1}"
            self._accounts[text] = Account(None, key, None, by_credentials=known and bool(credentials))
        return self._accounts[text]
