"""The accounts and regions that a source works in: those of the providers that its resources use."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from guardline.validator.model.resource import Account, Location

_LOCAL = frozenset({
    "aws_arn", "aws_billing_service_account", "aws_caller_identity", "aws_canonical_user_id", "aws_default_tags",
    "aws_iam_policy_document", "aws_ip_ranges", "aws_partition", "aws_region", "aws_regions", "aws_service",
    "aws_service_principal",
})  # fmt: skip
"""Data sources that look at no region: the provider answers them itself, or they are about the whole account."""


class Uses:
    """Collects where the resources of a source work.

    A provider that only data sources use changes nothing, and makes no account of its own: an account that a source
    merely reads from is another team's. Only where nothing is managed at all do the data sources count.
    """

    def __init__(self) -> None:
        self._managed: dict[Location, None] = {}
        self._read: dict[Location, None] = {}
        self._local: dict[Location, None] = {}

    def add(self, location: Location, mode: str, kind: str) -> None:
        """Note a resource or data source.

        Args:
            location: where it works.
            mode: ``managed`` or ``data``.
            kind: its resource type.
        """
        local = self._local if kind in _LOCAL else self._read
        (self._managed if mode == "managed" else local)[location] = None

    @property
    def locations(self) -> tuple[Location, ...]:
        """Every location in use, those of data sources included."""
        return tuple(dict.fromkeys((*self._managed, *self._read, *self._local)))

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """The accounts, in a stable order."""
        used = self._managed or self._read or self._local
        found = {location.account.key: location.account for location in used}
        return tuple(found[key] for key in sorted(found))

    @cached_property
    def touched(self) -> Mapping[str, frozenset[str]]:
        """The regions that each account works in, by the account's key."""
        return {
            account.key: frozenset(
                region for each in self._regional(account) if (region := each.region.known_or(None)) is not None
            )
            for account in self.accounts
        }

    @cached_property
    def unknown_regions(self) -> Mapping[str, str]:
        """Key of an account -> why the region of some provider of it is unknown; only those with such a provider."""
        reasons = {
            account.key: next(
                (each.region.reason for each in self._regional(account) if not each.region.is_known), None
            )
            for account in self.accounts
        }
        return {key: reason for key, reason in reasons.items() if reason is not None}

    def _regional(self, account: Account) -> tuple[Location, ...]:
        """The locations of an account: those where something is managed or looked at, else whatever there is."""
        own = [each for each in (*self._managed, *self._read) if each.account.key == account.key]
        return tuple(own or (each for each in self._local if each.account.key == account.key))
