"""A root: the one folder that Terraform is run in, for one account; and what a practice adds to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from guardline.generator.hcl import hcl
from guardline.spec.model import Spec
from guardline.spec.regions import Assigned

DNS_SUFFIXES = {"aws-cn": "amazonaws.com.cn", "aws-eusc": "amazonaws.eu"}
"""The partitions whose endpoints are not under amazonaws.com."""

Duty = Literal["account", "management", "security", "organization", "member", "retiring", "hub-members", "trail-bucket"]
"""What a root is for.

account: the one account of a spec without organization. management: the organization's management account. security:
the account that is GuardDuty's delegated administrator. organization: what that account sets for all members, applied
once it has been named administrator. member: any other account. retiring: one that was a member, whose resources leave.
hub-members: the accounts that Security Hub's administrator, the same account, sees, applied once they have hubs of
their own. trail-bucket: where the organization's trail is kept, in the log archive's account, applied before the trail.
"""


_HERE = PurePosixPath()


@dataclass(frozen=True)
class Region:
    """A covered region.

    Attributes:
        name: e.g. ``eu-west-1``.
        label: its name as a Terraform identifier, e.g. ``eu_west_1``.
        home: whether it is the home region.
        unavailable: protection plans that it is known not to offer.
        opt_in: whether AWS leaves it disabled until the account opts in.
    """

    name: str
    label: str
    home: bool
    unavailable: tuple[str, ...]
    opt_in: bool


@dataclass(frozen=True)
class Root:
    """What is known before any practice has spoken.

    Attributes:
        spec: the spec.
        spec_path: its file; lists and the inventory are read beside it.
        modules: the modules' folder as ``source`` arguments name it, e.g. ``./modules``.
        account_id: the 12 digits of the account that this root is for.
        states: every region of the partition with its state.
        regions: the covered ones, in the catalogue's order.
        duty: what the account is there for.
        folder: the root's folder, seen from the spec's; ``.`` without an organization.
        title: what people call the account.
        shared: whether it is one folder for several accounts: the account is a variable there.
    """

    spec: Spec
    spec_path: Path
    modules: str
    account_id: str
    states: tuple[Assigned, ...]
    regions: tuple[Region, ...]
    duty: Duty = "account"
    folder: PurePosixPath = _HERE
    title: str = ""
    shared: bool = False

    @property
    def regional(self) -> bool:
        """Whether it has something of its account in every region; the others hold one thing that has to wait."""
        return self.duty not in ("organization", "hub-members", "retiring", "trail-bucket")

    @property
    def argument(self) -> bool:
        """Whether regions are an argument of resources rather than provider aliases."""
        return self.spec.terraform.style == "argument"

    @property
    def dns_suffix(self) -> str:
        """The domain of the partition's endpoints."""
        return DNS_SUFFIXES.get(self.spec.partition, "amazonaws.com")

    @property
    def allowed_account_ids(self) -> tuple[str, ...]:
        """The accounts the provider may touch: as the spec says, else this root's own."""
        return tuple(sorted(set(self.spec.terraform.provider.allowed_account_ids))) or (self.account_id,)

    @property
    def role(self) -> Mapping[str, Any] | None:
        """What the provider assumes: the spec's role, or the organization's role of this account."""
        assumed = self.spec.terraform.provider.assume_role
        if assumed is not None:
            return {name: value for name, value in assumed.model_dump().items() if value is not None}
        organization = self.spec.organization
        if organization is None or organization.deploy_role is None:
            return None
        return {"role_arn": f"arn:{self.spec.partition}:iam::{self.account_id}:role/{organization.deploy_role}"}

    @property
    def assume_role(self) -> Mapping[str, str]:
        """Argument of the provider's `assume_role` -> expression: the last part of the role's ARN is a variable where
        plans assume another role."""
        organization = self.spec.organization
        if organization is None or organization.plan_role is None:
            return {name: hcl(value) for name, value in (self.role or {}).items()}
        roles = hcl(f"arn:{self.spec.partition}:iam::{self.account_id}:role/")
        return {"role_arn": f'{roles[:-1]}${{var.role}}"'}

    @property
    def state_key(self) -> str | None:
        """Where its state lies in the backend's bucket; None where the user keeps the backend.

        Under an organization each root has a state of its own, named by its folder. A member's is named by the
        account's id where the spec says its layout: another name moves nothing then.
        """
        backend, organization = self.spec.terraform.backend, self.spec.organization
        if backend is None:
            return None
        by_id = self.duty in ("member", "retiring") and organization is not None and organization.layout is not None
        return "/".join((backend.s3.key, *((self.account_id,) if by_id else self.folder.parts)))

    @property
    def use_lockfile(self) -> bool | None:
        """Whether a file beside the state locks it; where one root has many states, unless the spec says otherwise."""
        backend, organization = self.spec.terraform.backend, self.spec.organization
        if backend is None or backend.s3.use_lockfile is not None or backend.s3.dynamodb_table is not None:
            return backend.s3.use_lockfile if backend is not None else None
        return True if organization is not None and organization.layout == "shared" else None

    @property
    def name(self) -> str:
        """What tells it from the other roots: its folder, with the account's name where several share one."""
        return f"{self.folder}/{self.title}" if self.shared else self.folder.as_posix()

    @property
    def way_up(self) -> str:
        """From the root's folder to the spec's, as a prefix of a path: empty where they are one."""
        return "../" * len(self.folder.parts)

    def in_region(self, region: str, path: str) -> str:
        """The address of something inside a region's module, e.g. ``module.flow_logs[0].aws_flow_log.this``."""
        return f'module.region["{region}"].{path}' if self.argument else f"module.{label(region)}.{path}"

    def import_id(self, found: str, region: str) -> str:
        """What the provider imports something by: its id, and its region where one provider serves all of them."""
        return f"{found}@{region}" if self.argument else found

    def bucket_name(self, given: str | None, purpose: str) -> str:
        """The name of a bucket: as given, else made of the environment, the purpose and the account, which is unique.

        The environment's name is cut where S3's 63 characters would not hold it all.
        """
        tail = f"-{purpose}-{self.account_id}"
        return given or f"{self.spec.name.lower()[: 63 - len(tail)].strip('-')}{tail}"

    def bucket_arn(self, name: str) -> str:
        """The ARN of a bucket of this name."""
        return f"arn:{self.spec.partition}:s3:::{name}"


@dataclass(frozen=True)
class Import:
    """An `import` block.

    Attributes:
        to: the address of the resource in the root.
        id: what the provider finds it by.
    """

    to: str
    id: str


@dataclass(frozen=True)
class Billed:
    """Something that AWS bills because of what a practice creates. No prices: they change, and differ by region.

    Attributes:
        service: as AWS's price list calls it, e.g. ``Amazon S3``.
        what: what of it is used, e.g. ``flow logs kept``.
        unit: what is metered, e.g. ``GB-month stored``.
        link: the AWS page with the prices.
        regions: the regions where it arises; None is every covered region.
    """

    service: str
    what: str
    unit: str
    link: str
    regions: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Part:
    """What a practice adds to a root.

    Attributes:
        values: what its template (``templates/root/NAME.tf.j2``) needs; None writes nothing.
        region: argument of the `region` module -> expression, e.g. ``{"flow_logs": "local.flow_logs"}``; ``REGION`` in
            it stands for the region's name, e.g. ``local.rules[REGION]``.
        outputs: output of the root -> (description, expression).
        assumed: lines of Markdown for the README's list of what is assumed, escaped already.
        absent: what must not be in the account yet, e.g. ``the role prod-guardduty-reader``; what is imported is not.
        billed: what AWS bills because of it, for `generate --estimate`.
        imports: what exists already and is adopted.
        moves: address in alias style -> address in argument style, of modules that each region has beside `region`.
        renames: address that an earlier version wrote -> address now.
    """

    values: Mapping[str, Any] | None = None
    region: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    assumed: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    billed: tuple[Billed, ...] = ()
    imports: tuple[Import, ...] = ()
    moves: tuple[tuple[str, str], ...] = ()
    renames: tuple[tuple[str, str], ...] = ()


def canary_first(root: Root) -> tuple[Region, ...]:
    """The covered regions, the organization's canary before the others."""
    organization = root.spec.organization
    canary = organization.canary_region if organization is not None else None
    first = canary or root.spec.home_region
    return tuple(sorted(root.regions, key=lambda region: region.name != first))


def canary_renames(root: Root, name: str) -> tuple[tuple[str, str], ...]:
    """From ``module.NAME_canary`` and ``module.NAME["REGION"]``, as earlier versions wrote the argument style, to
    ``module.NAME_REGION``. An address that says which region is the canary would move when another one is."""
    if not root.argument:
        return ()
    canary, *others = canary_first(root)
    leaving = tuple(entry.region for entry in root.spec.regions.retiring if entry.mode == "forget")
    moved = [(f'module.{name}["{region}"]', f"module.{name}_{label(region)}") for region in leaving]
    moved += [(f'module.{name}["{region.name}"]', f"module.{name}_{region.label}") for region in others]
    return ((f"module.{name}_canary", f"module.{name}_{canary.label}"), *moved)


def label(region: str) -> str:
    """A region's name as a Terraform identifier."""
    return region.replace("-", "_")


def given_buckets(spec: Spec) -> tuple[str, ...]:
    """The buckets that a spec names, sorted: each practice has at most one, under `bucket`."""

    def of(blocks: Mapping[str, Any]) -> Iterator[str]:
        for key, value in blocks.items():
            if isinstance(value, dict):
                yield from of(value)
            elif key == "bucket" and isinstance(value, str):
                yield value

    return tuple(sorted(set(of(spec.model_dump(exclude={"terraform"})))))
