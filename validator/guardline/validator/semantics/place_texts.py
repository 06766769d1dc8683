"""The account, region and partition of a resource as a text: the same text for the same place, known or not."""

from __future__ import annotations

from guardline.validator.model.resource import Account
from guardline.validator.model.value import Value
from guardline.validator.semantics.unknown_parts import mark

PARTITION = mark("partition")
"""The partition of the estate, where no region says which."""

ORGANIZATION = f"o-{mark('organization')}"
"""The id of the organization that the estate belongs to."""


def account_text(account: Account) -> str:
    """An account's id, or the mark that stands for one account of unknown id."""
    return account.id or mark(f"account {account.key}")


def region_text(region: Value[str | None]) -> str:
    """A region's name, or the mark that stands for every region that is unknown for the same reason."""
    return region.known_or(None) or mark(f"region {region.reason}")
