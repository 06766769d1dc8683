"""GuardDuty's protection plans that both AWS provider versions can declare, in the one order used everywhere."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class ProtectionPlan(msgspec.Struct, frozen=True):
    """One optional GuardDuty feature.

    Attributes:
        name: the API's and Terraform's name, e.g. ``S3_DATA_EVENTS``.
        key: the field of the spec, e.g. ``s3_data_events``.
        control: the id of the control that verifies it.
        title: what AWS calls it.
        agents: names of its additional configuration, in the order Terraform declares them. The order matters: AWS
            provider 5 holds them as a list, and leaving one out gives a replacement on every plan.
        agent_keys: the fields of the spec for `agents`, in the same order.
        on_by_default: what CreateDetector does with the feature when it is not named.

    Source: the GuardDuty API reference (DetectorFeature, FeatureAdditionalConfiguration, CreateDetector), read from
    botocore 1.44.8; `terraform validate` with AWS provider 5.100.0.
    """

    name: str
    key: str
    control: str
    title: str
    agents: tuple[str, ...] = ()
    agent_keys: tuple[str, ...] = ()
    on_by_default: bool = True


FEATURES: tuple[ProtectionPlan, ...] = (
    ProtectionPlan("S3_DATA_EVENTS", "s3_data_events", "s3-protection", "S3 Protection"),
    ProtectionPlan("EKS_AUDIT_LOGS", "eks_audit_logs", "eks-audit-logs", "EKS Protection"),
    ProtectionPlan(
        "EBS_MALWARE_PROTECTION", "ebs_malware_protection", "ebs-malware-protection", "Malware Protection for EC2"
    ),
    ProtectionPlan("RDS_LOGIN_EVENTS", "rds_login_events", "rds-login-events", "RDS Protection"),
    ProtectionPlan("LAMBDA_NETWORK_LOGS", "lambda_network_logs", "lambda-network-logs", "Lambda Protection"),
    ProtectionPlan(
        "RUNTIME_MONITORING",
        "runtime_monitoring",
        "runtime-monitoring",
        "Runtime Monitoring",
        agents=("EKS_ADDON_MANAGEMENT", "ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT"),
        agent_keys=("eks_addon", "ecs_fargate_agent", "ec2_agent"),
        on_by_default=False,
    ),
)

ORGANIZATION_AGENTS = ("ECS_FARGATE_AGENT_MANAGEMENT", "EC2_AGENT_MANAGEMENT", "EKS_ADDON_MANAGEMENT")
"""The same agents in the order in which DescribeOrganizationConfiguration returns them, which is another one:
https://github.com/hashicorp/terraform-provider-aws/issues/44822."""

# The predecessor of RUNTIME_MONITORING: still accepted, but naming both is an API error.
LEGACY_RUNTIME = "EKS_RUNTIME_MONITORING"
NOT_DECLARED: Mapping[str, bool] = {"AI_PROTECTION": True, "AI_ANALYST": False, "RDS_DATA_RISK": True}
"""Plans that Guardline does not declare unless it is asked to -> whether a new detector has them on. AWS provider 5.100
knows none of them."""

ON_REQUEST: Mapping[str, str] = {"AI_PROTECTION": "ai_protection", "AI_ANALYST": "ai_analyst"}
"""Those that newer AWS providers can declare -> their fields in the spec."""
OF_A_DETECTOR_ALONE = frozenset({"AI_ANALYST"})
"""Plans that an organization cannot set for its members: botocore's OrgFeature lacks them."""
ON_REQUEST_FROM = "6.56"
"""The AWS provider that can: https://github.com/hashicorp/terraform-provider-aws/issues/49024."""
