"""The spec: what ``guardline.yaml`` may say. A field's rule is here or in `values`, rules across fields in `checks`.

Read a spec with `guardline.spec.load.load`: it alone applies both kinds of rule and knows lines and columns.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from guardline.spec.block import Block
from guardline.spec.fan_out import FanOut
from guardline.spec.practices.access import Access
from guardline.spec.practices.detection import GuardDuty
from guardline.spec.practices.dns_logs import DnsLogs
from guardline.spec.practices.flow_logs import FlowLogs
from guardline.spec.practices.lists import ThreatIps, TrustedIps
from guardline.spec.practices.organization import Organization
from guardline.spec.practices.response import Response
from guardline.spec.practices.security_hub.config import Config
from guardline.spec.practices.security_hub.hub import SecurityHub
from guardline.spec.practices.suppression import Suppression
from guardline.spec.practices.tamper import Tamper
from guardline.spec.practices.trail import Trail
from guardline.spec.terraform import Terraform
from guardline.spec.values import WHOLE, AccountId, Date, Flag, InsidePath, Name, RegionName, RegionOrRest, Text, Whole


class Contacts(Block):
    """Who answers for this baseline."""

    owner: Text = Field(description="The person or team that answers for this baseline, e.g. an e-mail address.")
    review_every_days: Whole = Field(default=90, ge=1, le=366, description="How often the owner reviews it.")


class Exclusion(Block):
    """A region left out, for a reason, by someone, until a date."""

    region: RegionOrRest = Field(
        description="The region; or `rest`: every region that the account has enabled and that no other line names."
    )
    reason: Text = Field(description="Why it is left out, e.g. which policy denies it.")
    approved_by: Text = Field(description="Who accepted the gap.")
    until: Date = Field(description="When it is looked at again.")
    deny_global_region: Flag = Field(
        default=False,
        description="Needed to deny (`tamper.deny_regions`) the region that global services such as IAM work in.",
    )


class Retirement(Block):
    """A region on its way out: its provider stays while its resources leave."""

    region: RegionName = Field(description="The region.")
    mode: Literal["forget", "destroy"] = Field(
        description="forget: Terraform lets go of the resources, AWS keeps them. destroy: they are deleted."
    )
    reason: Text | None = Field(default=None, description="Why it is no longer covered.")
    approved_by: Text | None = Field(
        default=None, description="Who accepted that. Without reason and approver, `guardline validate` fails the loss."
    )


class Regions(Block):
    """Every region of the partition ends in one state: covered, retiring, excluded or not opted in.

    Regions that AWS enables by default are covered unless named under `exclude` or `retiring`.
    """

    opted_in: tuple[RegionName, ...] = Field(
        default=(),
        description="Opt-in regions that the account has enabled: covered. With `exclude: [{region: rest, ...}]`, also "
        "those that AWS enables by default and that are to be covered beside the home region.",
    )
    not_opted_in: Literal["rest"] | None = Field(
        default=None, description="`rest`: the account has not enabled any other opt-in region. Said, not assumed."
    )
    exclude: tuple[Exclusion, ...] = Field(default=(), description="Regions left out on purpose.")
    retiring: tuple[Retirement, ...] = Field(default=(), description="Regions on their way out.")


class Account(Block):
    """The one account that this environment covers."""

    id: AccountId = Field(description="Its 12 digits, in quotes.")


LeavingPractice = Literal[
    "access",
    "config",
    "dns_logs",
    "export",
    "flow_logs",
    "response",
    "security_hub",
    "suppression",
    "tamper",
    "threat_ips",
    "trail",
    "trusted_ips",
]
"""The practices that make something of their own."""


class Leaving(Block):
    """A practice that was created earlier and is switched off."""

    mode: Literal["forget", "destroy"] = Field(
        description="forget: Terraform lets go of what it made, AWS keeps it. destroy: it is deleted."
    )
    reason: Text | None = Field(default=None, description="Why it leaves.")
    approved_by: Text | None = Field(
        default=None, description="Who accepted that. Without reason and approver, `guardline validate` fails the loss."
    )


def _in_full(value: Any) -> Any:
    return {"mode": value} if isinstance(value, str) else value


def _alone(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


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
    account: Account | None = Field(default=None, description="The account to cover; or say `organization`.")
    organization: Organization | None = Field(
        default=None, description="The organization to cover, instead of one `account`."
    )
    inventory: Annotated[
        tuple[InsidePath, ...], BeforeValidator(_alone, json_schema_input_type=InsidePath | tuple[InsidePath, ...])
    ] = Field(
        default=(),
        description="What the account already has, as `guardline init --discover` wrote it: a file beside the spec, or "
        "a list with one for each account of an organization. It is adopted by `import` blocks.",
    )
    leaving: dict[
        LeavingPractice,
        Annotated[Leaving, BeforeValidator(_in_full, json_schema_input_type=Literal["forget", "destroy"] | Leaving)],
    ] = Field(
        default_factory=dict,
        description="Practices that were created earlier and are switched off now. forget: Terraform lets go of what "
        "they made, AWS keeps it. destroy: it is deleted. Left out, Terraform destroys what is no longer written. A "
        "mapping says why, and who approved it.",
    )
    block_public_buckets: Flag = Field(
        default=False,
        description="S3's public access block of the whole account: no bucket of it can be made public, whatever its "
        "own settings say. Look first whether a bucket has to be.",
    )
    fan_out: FanOut | None = Field(
        default=None, description="Files for the engine that runs Terraform; left out, none."
    )
    guardduty: GuardDuty = Field(default_factory=GuardDuty, description="GuardDuty itself.")
    flow_logs: FlowLogs = Field(default_factory=FlowLogs, description="VPC flow logs.")
    dns_logs: DnsLogs | None = Field(default=None, description="Resolver query logs; left out, they are not asked for.")
    trail: Trail = Field(default_factory=Trail, description="The CloudTrail trail.")
    trusted_ips: TrustedIps | None = Field(default=None, description="The trusted IP list; left out, there is none.")
    threat_ips: tuple[ThreatIps, ...] = Field(default=(), description="Threat lists: six at most.")
    suppression: tuple[Suppression, ...] = Field(
        default=(), description="Suppression rules, in the order in which AWS tries them: a hundred at most."
    )
    access: Access | None = Field(default=None, description="Who may use GuardDuty; left out, no identities are made.")
    security_hub: SecurityHub | None = Field(default=None, description="Security Hub; left out, it is not asked for.")
    config: Config | None = Field(default=None, description="AWS Config; left out, it is not asked for.")
    response: Response | None = Field(default=None, description="What a finding sets off; left out, nothing.")
    tamper: Tamper | None = Field(default=None, description="Watching GuardDuty itself; left out, no alarm is raised.")


# Keys of Guardline's design that this version does not build yet: a clearer refusal than "unknown key".
NOT_YET: frozenset[tuple[str, ...]] = frozenset(
    {
        ("roots",),
    }
)
