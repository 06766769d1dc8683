"""The spec's `terraform` block: provider, backend and where modules lie."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from guardline.spec.block import Block
from guardline.spec.values import (
    WHOLE,
    AccountId,
    BucketName,
    ExternalId,
    Flag,
    RegionName,
    RelativePath,
    RoleArn,
    SessionName,
    StateKey,
    TagKey,
    TagValue,
    Text,
    VersionConstraint,
)


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
    region_style: Literal["alias", "argument"] | None = Field(
        default=None,
        description="How a region is reached; left out, as the provider's version suggests. `alias` with provider 6 is "
        "a step on the way from 5: see docs/provider-6.md.",
    )
    moved_from_alias: Flag = Field(
        default=False,
        description="Write `moved` blocks for a state that was applied in alias style, so that nothing is made anew.",
    )
    required_version: VersionConstraint = Field(default=">= 1.6", description="Terraform versions that may run it.")
    backend: Annotated[
        Backend | None, BeforeValidator(_none, json_schema_input_type=Literal["none"] | Backend | None)
    ] = Field(default=None, description="The backend to write, or `none`: you keep your own backend.tf.")
    provider: Provider = Field(default_factory=Provider, description="How the AWS provider signs in.")
    modules: RelativePath | None = Field(
        default=None,
        description="A folder of modules shared with other environments, which holds all of them; left out, those that "
        "are used are in `modules/` under the root.",
    )

    @property
    def style(self) -> Literal["alias", "argument"]:
        """How a region is reached: by a provider alias for each, or by an argument of every resource."""
        return self.region_style or ("argument" if self.aws_provider == 6 else "alias")
