"""What GuardDuty's delegated administrator sets for every member, in every region."""

from __future__ import annotations

from guardline.generator.root import Part, Root, canary_first, canary_renames


def part(root: Root) -> Part:
    """What the organization's settings add to their root."""
    if root.spec.organization is None:
        return Part()
    ordered, hub = canary_first(root), root.spec.security_hub
    return Part(
        values={
            "ordered": ordered,
            "security_hub": hub is not None and hub.mode == "create",
        },
        renames=canary_renames(root, "members"),
        assumed=(
            (
                "The roots `security` and `management` are applied: the detectors are there, and this account is the "
                "delegated administrator."
            ),
            (
                "Members are enabled within a day, also those that join later. The management account is the "
                "exception: its detectors are in its own root."
            ),
            "Destroying this root, or the delegation, leaves members and their detectors as they are.",
        ),
    )
