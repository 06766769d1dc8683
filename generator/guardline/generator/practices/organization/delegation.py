"""GuardDuty's delegated administrator, named by the management account in every region."""

from __future__ import annotations

from guardline.generator.root import Part, Root, canary_first, canary_renames

CLOUDTRAIL = "cloudtrail.amazonaws.com"


def part(root: Root) -> Part:
    """What naming the administrator adds to the management account's root."""
    organization = root.spec.organization
    if organization is None:
        return Part()
    ordered, hub = canary_first(root), root.spec.security_hub
    trusted = (CLOUDTRAIL,) if root.spec.trail.mode == "create" else ()
    return Part(
        values={
            "admin": organization.admin_account,
            "ordered": ordered,
            "trusted": trusted,
            "security_hub": hub is not None and hub.mode == "create",
        },
        assumed=tuple(
            f"Trusted access is on: `aws organizations enable-aws-service-access --service-principal {service}`."
            for service in trusted
        ),
        renames=canary_renames(root, "delegation"),
    )
