"""Security Hub's members: the accounts whose findings its administrator sees, made members by that account."""

from __future__ import annotations

from guardline.generator import account_roles
from guardline.generator.root import Part, Root, label
from guardline.spec.accounts import Covered, accounts, target_of
from guardline.spec.model import Spec


def wanted(spec: Spec) -> bool:
    """Whether there are members: an organization whose accounts get hubs."""
    hub = spec.security_hub
    return spec.organization is not None and hub is not None and hub.mode == "create"


def _is_off(spec: Spec, account: Covered, region: str) -> bool:
    target = target_of(spec, account)
    return target is not None and region in target.regions.not_opted_in


def part(root: Root) -> Part:
    """What making the organization's accounts members of Security Hub adds to their root.

    Raises:
        ListError: the file of members cannot be read.
    """
    others = [each for each in accounts(root.spec, root.spec_path) if each.duty in ("management", "member")]
    return Part(
        values={
            "accounts": sorted(each.id for each in others),
            "off": {
                region.name: off
                for region in root.regions
                if (off := sorted(each.id for each in others if _is_off(root.spec, each, region.name)))
            },
            "roots": [f"{root.way_up}{account_roles.folder(each)}" for each in others],
            "retiring": sorted(label(entry.region) for entry in root.spec.regions.retiring),
        },
        assumed=(
            "The roots of all accounts are applied: each has its hubs.",
            (
                "AWS deletes no member that belongs to the organization, so none is destroyed here. When an account "
                "leaves the spec, the plan says that it cannot be destroyed: take it out of the state "
                "(`terraform state rm 'aws_securityhub_member.REGION[\"ACCOUNT\"]'`). Its membership ends when its own "
                "root is destroyed. Never destroy this root: drop its state once the others are gone."
            ),
        ),
    )
