"""Service control policies: attached by an organization's management account, for others an output to hand on."""

from __future__ import annotations

from guardline.generator.practices.tamper.exempt_roles import exempt_roles
from guardline.generator.root import Part, Root, given_buckets


def part(root: Root) -> Part:
    """What the policies add to the root."""
    asked = root.spec.tamper
    if asked is None or asked.mode != "create":
        return Part()
    policies = [name for name, wanted in (("regions", asked.deny_regions), ("tamper", asked.scp)) if wanted]
    if not policies:
        return Part()
    attach = root.duty == "management"
    handed = "The service control policies are an output: whoever manages the organization attaches them."
    return Part(
        values={
            "policies": policies,
            "exempt": list(exempt_roles(root)),
            "makers": _makers(root),
            # What is retiring still has resources to take down.
            "regions": sorted(state.name for state in root.states if state.state in ("covered", "retiring")),
            "buckets": [name for name in given_buckets(root.spec) if not name.startswith(f"{root.spec.name}-")],
            "attach": attach,
            "targets": sorted(set(asked.targets)),
        },
        outputs={
            "service_control_policies": (
                "The service control policies as JSON, by name.",
                "module.service_control_policies.documents",
            )
        },
        absent=tuple(f"the service control policy {root.spec.name}-{name}" for name in policies) if attach else (),
        assumed=("Service control policies are enabled in the organization.",) if attach else (handed,),
    )


def _makers(root: Root) -> list[str]:
    """The roles in which a StackSet makes the deploying roles in members' accounts.

    Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/CloudFormationStackSetsOrgAdminServiceRolePolicy.html
    """
    organization = root.spec.organization
    if organization is None or organization.roles is None:
        return []
    return [f"arn:{root.spec.partition}:iam::*:role/stacksets-exec-*"]
