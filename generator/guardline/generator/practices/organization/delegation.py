"""GuardDuty's delegated administrator, named by the management account in every region."""

from __future__ import annotations

from guardline.generator.root import Part, Root, canary_first, canary_renames

CLOUDTRAIL = "cloudtrail.amazonaws.com"
GUARDDUTY = "guardduty.amazonaws.com"
MALWARE = "malware-protection.guardduty.amazonaws.com"
"""What scans volumes of members needs trusted access of its own:
https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_organizations.html."""


def part(root: Root) -> Part:
    """What naming the administrator adds to the management account's root."""
    organization = root.spec.organization
    if organization is None:
        return Part()
    ordered, hub = canary_first(root), root.spec.security_hub
    wanted = {
        CLOUDTRAIL: root.spec.trail.mode == "create",
        GUARDDUTY: True,
        MALWARE: root.spec.guardduty.features.ebs_malware_protection,
    }
    trusted = tuple(service for service, needed in wanted.items() if needed)
    tamper = root.spec.tamper
    return Part(
        values={
            "admin": organization.admin_account,
            "ordered": ordered,
            "trusted": trusted,
            "policies": tamper is not None and tamper.mode == "create" and (tamper.scp or tamper.deny_regions),
            "security_hub": hub is not None and hub.mode == "create",
        },
        assumed=tuple(
            f"Trusted access is on: `aws organizations enable-aws-service-access --service-principal {service}`."
            for service in trusted
        ),
        renames=canary_renames(root, "delegation"),
    )
