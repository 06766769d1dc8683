"""The spec's `guardduty` block."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from guardline.spec.block import Block
from guardline.spec.features import FEATURES
from guardline.spec.raw import Raw
from guardline.spec.regionchecks import Finding
from guardline.spec.values import Flag


class RuntimeMonitoring(Block):
    """Runtime Monitoring and who installs its agents."""

    enabled: Flag = Field(default=True, description="The plan itself; off, the agents are off as well.")
    eks_addon: Flag = Field(default=True, description="GuardDuty manages the agent of EKS clusters.")
    ecs_fargate_agent: Flag = Field(default=True, description="GuardDuty manages the agent of ECS tasks on Fargate.")
    ec2_agent: Flag = Field(default=True, description="GuardDuty manages the agent of EC2 instances.")


def _runtime(value: Any) -> Any:
    """Read `true` and `false` as everything on and everything off, and an off plan's unnamed agents as off."""
    agents = FEATURES[-1].agent_keys
    if isinstance(value, bool):
        return {"enabled": value} | dict.fromkeys(agents, value)
    if isinstance(value, dict) and value.get("enabled") is False:
        return dict.fromkeys(agents, False) | value
    return value


class Features(Block):
    """GuardDuty's protection plans. Each is declared, on or off, in every region that offers it."""

    s3_data_events: Flag = Field(default=True, description="S3 Protection.")
    eks_audit_logs: Flag = Field(default=True, description="EKS Protection.")
    ebs_malware_protection: Flag = Field(default=True, description="Malware Protection for EC2.")
    rds_login_events: Flag = Field(default=True, description="RDS Protection.")
    lambda_network_logs: Flag = Field(default=True, description="Lambda Protection.")
    runtime_monitoring: Annotated[
        RuntimeMonitoring, BeforeValidator(_runtime, json_schema_input_type=bool | RuntimeMonitoring)
    ] = Field(
        default_factory=RuntimeMonitoring, description="Runtime Monitoring: true, false, or its agents one by one."
    )

    def states(self) -> dict[str, bool]:
        """Feature name (``S3_DATA_EVENTS``, ...) -> wanted on, in the canonical order."""
        return {plan.name: _on(getattr(self, plan.key)) for plan in FEATURES}

    def agents(self) -> dict[str, bool]:
        """Runtime Monitoring's agent (``EKS_ADDON_MANAGEMENT``, ...) -> wanted on, in the canonical order."""
        plan = FEATURES[-1]
        return {
            name: getattr(self.runtime_monitoring, key) for name, key in zip(plan.agents, plan.agent_keys, strict=True)
        }


def _on(state: bool | RuntimeMonitoring) -> bool:
    return state.enabled if isinstance(state, RuntimeMonitoring) else state


class GuardDuty(Block):
    """The detector of every covered region."""

    finding_publishing_frequency: Literal["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"] = Field(
        default="FIFTEEN_MINUTES", description="How often updates to known findings are published."
    )
    features: Features = Field(default_factory=Features, description="The protection plans.")


def check(raw: Raw) -> Iterator[Finding]:
    """The rules across its fields."""
    path = ("guardduty", "features", "runtime_monitoring")
    if raw.at(*path, "enabled") is False:
        for agent in ("eks_addon", "ecs_fargate_agent", "ec2_agent"):
            if raw.at(*path, agent) is True:
                yield (*path, agent), "an agent cannot be managed while runtime_monitoring is not enabled"
