"""What other engines than Terraform deploy: a source that holds one of them is not all there is."""

from __future__ import annotations

from guardline.validator.model.resource import Account, Resource
from guardline.validator.model.value import Value


class Deployment(Resource, frozen=True):
    """A CloudFormation stack, a stack set's instances, a Control Tower landing zone, or an organization policy.

    Attributes:
        by: what deploys, for people.
        makes: the kinds of resource that it may make.
        accounts: the ids of the accounts that it reaches; None: any.
        regions: the names of the regions that it reaches; None: any.
        settles: whether it also changes what is there already, as an organization policy does.
    """

    by: str
    makes: frozenset[type[Resource]]
    accounts: Value[frozenset[str] | None]
    regions: Value[frozenset[str] | None]
    settles: bool = False

    def reaches(self, account: Account, region: str | None) -> bool:
        """Whether it may deploy into an account and region (None: any region of it)."""
        ids, names = self.accounts.known_or(None), self.regions.known_or(None)
        if ids is not None and account.id not in ids and (account.id is not None or not ids):
            return False
        return names is None or (bool(names) if region is None else region in names)
