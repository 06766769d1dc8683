"""The spec: what ``guardline.yaml`` may say. A field's rule is here or in `values`, rules across fields in `checks`.

Read a spec with `guardline.spec.load.load`: it alone applies both kinds of rule and knows lines and columns.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from guardline.spec.features import FEATURES
from guardline.spec.values import (
    WHOLE,
    AccountId,
    Arn,
    BucketName,
    Date,
    ExternalId,
    Flag,
    InsidePath,
    Name,
    RegionName,
    RelativePath,
    RoleArn,
    SessionName,
    StateKey,
    TagKey,
    TagValue,
    Text,
    TrailArn,
    VersionConstraint,
    Whole,
)


class Block(BaseModel):
    """One mapping of the spec: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Contacts(Block):
    """Who answers for this baseline."""

    owner: Text = Field(description="The person or team that answers for this baseline, e.g. an e-mail address.")
    review_every_days: Whole = Field(default=90, ge=1, le=366, description="How often the owner reviews it.")


class S3Backend(Block):
    """Terraform's S3 backend: https://developer.hashicorp.com/terraform/language/backend/s3."""

    bucket: BucketName = Field(description="The bucket that holds the state. It must exist.")
    key: StateKey = Field(description="The state's path in the bucket.")
    region: RegionName = Field(description="The bucket's region.")
    encrypt: Flag = Field(default=True, description="Encrypt the state at rest.")
    kms_key_id: Text | None = Field(
        default=None, description="A KMS key for it; without one, the bucket's own encryption."
    )
    use_lockfile: Flag | None = Field(
        default=None, description="Lock with a file beside the state (Terraform 1.10 or newer)."
    )
    dynamodb_table: Text | None = Field(
        default=None, description="Lock with this DynamoDB table (before Terraform 1.10)."
    )
    profile: Text | None = Field(
        default=None, description="A profile of the AWS configuration to reach the bucket with."
    )


class Backend(Block):
    """Where the state lives."""

    s3: S3Backend = Field(description="The S3 backend.")


def _none(value: Any) -> Any:
    return None if value == "none" else value


class AssumeRole(Block):
    """The role that the AWS provider assumes."""

    role_arn: RoleArn = Field(description="The role.")
    external_id: ExternalId | None = Field(
        default=None, description="The external id that the role's trust policy asks for."
    )
    session_name: SessionName | None = Field(
        default=None, description="The session's name, as CloudTrail will show it."
    )


class Provider(Block):
    """How the AWS provider signs in, and what it puts on everything."""

    profile: Text | None = Field(default=None, description="A profile of the AWS configuration.")
    assume_role: AssumeRole | None = Field(default=None, description="The role to assume.")
    allowed_account_ids: tuple[AccountId, ...] = Field(
        default=(), description="The only accounts Terraform may touch; left out, the account of `account.id`."
    )
    default_tags: dict[TagKey, TagValue] = Field(
        default_factory=dict, max_length=50, description="Tags on every resource that takes tags. Text stays literal."
    )


class Terraform(Block):
    """The Terraform to write."""

    aws_provider: Annotated[Literal[5, 6], WHOLE] = Field(
        default=6,
        description="Major version of the AWS provider. 6: one provider, `region` on every resource. "
        "5: one aliased provider for each region.",
    )
    required_version: VersionConstraint = Field(default=">= 1.6", description="Terraform versions that may run it.")
    backend: Annotated[
        Backend | None, BeforeValidator(_none, json_schema_input_type=Literal["none"] | Backend | None)
    ] = Field(default=None, description="The backend to write, or `none`: you keep your own backend.tf.")
    provider: Provider = Field(default_factory=Provider, description="How the AWS provider signs in.")
    modules: RelativePath | None = Field(
        default=None,
        description="A folder of modules shared with other environments; left out, `modules/` under the root.",
    )


class Exclusion(Block):
    """A region left out, for a reason, by someone, until a date."""

    region: RegionName = Field(description="The region.")
    reason: Text = Field(description="Why it is left out, e.g. which policy denies it.")
    approved_by: Text = Field(description="Who accepted the gap.")
    until: Date = Field(description="When it is looked at again.")


class Retirement(Block):
    """A region on its way out: its provider stays while its resources leave."""

    region: RegionName = Field(description="The region.")
    mode: Literal["forget", "destroy"] = Field(
        description="forget: Terraform lets go of the resources, AWS keeps them. destroy: they are deleted."
    )


class Regions(Block):
    """Every region of the partition ends in one state: covered, retiring, excluded or not opted in.

    Regions that AWS enables by default are covered unless named under `exclude` or `retiring`.
    """

    opted_in: tuple[RegionName, ...] = Field(
        default=(), description="Opt-in regions that the account has enabled: covered."
    )
    not_opted_in: Literal["rest"] | None = Field(
        default=None, description="`rest`: the account has not enabled any other opt-in region. Said, not assumed."
    )
    exclude: tuple[Exclusion, ...] = Field(default=(), description="Regions left out on purpose.")
    retiring: tuple[Retirement, ...] = Field(default=(), description="Regions on their way out.")


class Account(Block):
    """The one account that this environment covers."""

    id: AccountId = Field(description="Its 12 digits, in quotes.")


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


Mode = Literal["create", "reference", "off"]
_MODE = "create: Guardline writes it. reference: another team owns it (arn, owner). off: not asked for (reason)."


def _mode_rules(schema: dict[str, Any]) -> None:
    """Say in JSON Schema what `checks` says of modes, so that editors do too."""
    schema["allOf"] = [
        {"if": {"properties": {"mode": {"const": mode}}, "required": ["mode"]}, "then": {"required": list(needs)}}
        for mode, needs in (("reference", ("arn", "owner")), ("off", ("reason",)))
    ]


class FlowLogs(Block):
    """VPC flow logs for every VPC the account owns: your own record; GuardDuty reads its own copy."""

    model_config = ConfigDict(json_schema_extra=_mode_rules)

    mode: Mode = Field(default="create", description=_MODE)
    destination: Literal["s3"] = Field(default="s3", description="Where they go.")
    traffic: Literal["ALL", "ACCEPT", "REJECT"] = Field(default="ALL", description="The traffic recorded.")
    scope: Literal["vpc", "subnets"] = Field(
        default="vpc", description="vpc: a log on each VPC. subnets: referenced logs on all subnets count as well."
    )
    retention_days: Whole = Field(default=365, ge=1, le=36500, description="Days until the logs are deleted.")
    bucket: BucketName | None = Field(
        default=None, description="Name of the bucket to create; left out, one is made up."
    )
    arn: Arn | None = Field(default=None, description="With mode reference: where the existing logs go.")
    owner: Text | None = Field(default=None, description="With mode reference: who owns them.")
    reason: Text | None = Field(default=None, description="With mode off: why.")


class Trail(Block):
    """The CloudTrail trail: all regions, validated, encrypted, with every S3 object event. Your own record, too."""

    model_config = ConfigDict(json_schema_extra=_mode_rules)

    mode: Mode = Field(default="create", description=_MODE)
    bucket: BucketName | None = Field(
        default=None, description="Name of the bucket to create; left out, one is made up."
    )
    arn: TrailArn | None = Field(default=None, description="With mode reference: the existing trail.")
    owner: Text | None = Field(default=None, description="With mode reference: who owns it.")
    reason: Text | None = Field(default=None, description="With mode off: why.")


class TrustedIps(Block):
    """The trusted IP list of every detector: GuardDuty makes no findings for these addresses."""

    file: InsidePath = Field(description="A text file beside the spec: one public IPv4 address or CIDR a line.")
    bucket: BucketName | None = Field(
        default=None, description="Name of the bucket to create; left out, one is made up."
    )


class Spec(Block):
    """What ``guardline.yaml`` says. See the module's text: read it with `guardline.spec.load.load`."""

    version: Annotated[Literal[1], WHOLE] = Field(description="The spec's version.")
    name: Name = Field(description="The environment's name; it is part of resource names.")
    partition: Literal["aws", "aws-us-gov", "aws-cn", "aws-eusc"] = Field(
        default="aws", description="The AWS partition."
    )
    home_region: RegionName = Field(
        description="Where the trail, the buckets and the keys live: a region that AWS enables by default."
    )
    contacts: Contacts | None = Field(default=None, description="Who answers for it.")
    terraform: Terraform = Field(default_factory=Terraform, description="The Terraform to write.")
    regions: Regions = Field(default_factory=Regions, description="Which regions are covered, and why not the others.")
    account: Account = Field(description="The account to cover.")
    guardduty: GuardDuty = Field(default_factory=GuardDuty, description="GuardDuty itself.")
    flow_logs: FlowLogs = Field(default_factory=FlowLogs, description="VPC flow logs.")
    trail: Trail = Field(default_factory=Trail, description="The CloudTrail trail.")
    trusted_ips: TrustedIps | None = Field(default=None, description="The trusted IP list; left out, there is none.")

    @property
    def allowed_account_ids(self) -> tuple[str, ...]:
        """The accounts the provider may touch: as the spec says, else its one account."""
        return self.terraform.provider.allowed_account_ids or (self.account.id,)


# Keys of Guardline's design that this version does not build yet: a clearer refusal than "unknown key".
NOT_YET: frozenset[tuple[str, ...]] = frozenset(
    {
        ("access",),
        ("config",),
        ("dns_logs",),
        ("guardduty", "export"),
        ("organization",),
        ("response",),
        ("roots",),
        ("security_hub",),
        ("suppression",),
        ("tamper",),
        ("threat_ips",),
    }
)
