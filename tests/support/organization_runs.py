"""An organization on the local AWS, with real Terraform: its roots in their order, from the spec to nothing left."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from guardline.generator.account_roles import WAVES
from guardline.generator.baseline import Baseline
from guardline.generator.root import Root
from guardline.localaws import LocalAws
from guardline.localaws.calls import Call
from guardline.spec import catalogue
from guardline.validator.demo import override
from guardline.validator.demo.leftovers import leftovers
from guardline.validator.demo.terraform import Terraform
from guardline.validator.report import Report
from guardline.validator.run import Request
from guardline.validator.run import run as judge
from tests.support import page_commands
from tests.support.clients import client
from tests.support.environment_runs import ENVIRONMENTS, PARALLEL, excused

MANAGEMENT = "000011112222"
PAGE = ENVIRONMENTS.parent / "docs" / "from-zero.md"


@dataclass
class Run:
    """What came of it.

    Attributes:
        spec: the spec's path.
        roots: in the order in which they are applied.
        made: root -> how many resources its first plan made.
        again: root -> what its second plan would still do: address -> actions.
        applied: the report on the second plans of all roots.
        plans: root -> the second plan's file.
        before: account -> what was there before the first apply, such as the roles that Terraform assumes.
        planning: account -> what the second plans called there, in the role that only plans.
    """

    spec: Path
    roots: tuple[Root, ...]
    made: dict[str, int] = field(default_factory=dict)
    again: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    plans: dict[str, Path] = field(default_factory=dict)
    before: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    planning: dict[str, set[Call]] = field(default_factory=dict)
    applied: Report | None = None


def found_organization(aws: LocalAws, spec: Path, *, switched_on: bool = True) -> None:
    """Make the spec's organization, and write the ids that AWS gave it into the spec.

    What a person switches on by hand before the first apply is switched on where asked: trusted access of CloudTrail
    and GuardDuty, and service control policies. Else `from_zero` does it, by the commands of the page.
    """
    content = yaml.safe_load(spec.read_text(encoding="utf-8"))
    asked = content["organization"]
    organizations = client(aws, "organizations", content["home_region"], account=MANAGEMENT)
    asked["id"] = organizations.create_organization(FeatureSet="ALL")["Organization"]["Id"]
    for service in ("cloudtrail", "guardduty", "malware-protection.guardduty") if switched_on else ():
        organizations.enable_aws_service_access(ServicePrincipal=f"{service}.amazonaws.com")
    if switched_on:
        (top,) = organizations.list_roots()["Roots"]
        organizations.enable_policy_type(RootId=top["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    asked["management_account"] = MANAGEMENT

    def create(name: str) -> str:
        made = organizations.create_account(AccountName=name, Email=f"{name}@example.com")
        account: str = made["CreateAccountStatus"]["AccountId"]
        return account

    for key in ("admin_account", "log_archive_account"):
        if key in asked:
            asked[key] = create(key.replace("_", "-"))
    for member in asked.get("members", ()):
        member["id"] = create(member["name"])
    if "roles" in asked:
        before, after = asked["roles"]["account"], asked["admin_account"]
        asked["roles"] = json.loads(json.dumps(asked["roles"]).replace(before, after))
    spec.write_text(json.dumps(content, indent=1, default=str), encoding="utf-8")


def from_zero(spec: Path, aws: LocalAws, home: str) -> None:
    """What comes before the first apply, by the commands of the page: trusted access, sign-in, the roles."""
    baseline = Baseline.of(spec)
    baseline.write()
    asked = baseline.spec.organization
    assert asked is not None
    assert asked.roles is not None
    accounts = {"management": asked.management_account, "sign-in": asked.roles.account}
    variables = {"HOME_REGION": home}
    for where, lines in page_commands.blocks(PAGE):
        page_commands.run(lines, baseline.root, aws.environment(home, accounts[where]), variables)


def copy_of(environment: str, folder: Path, regions: Sequence[str], **organization: Any) -> Path:
    """A copy of an organization's environment for the local AWS: alias style, its own modules, these regions only."""
    folder.mkdir(parents=True)
    for written in (*(ENVIRONMENTS / environment).glob("*.txt"), ENVIRONMENTS / environment / "guardline.yaml"):
        shutil.copy(written, folder)
    spec = folder / "guardline.yaml"
    content: dict[str, Any] = yaml.safe_load(spec.read_text(encoding="utf-8"))
    tags = content.get("terraform", {}).get("provider", {}).get("default_tags", {})
    content["terraform"] = {"aws_provider": 5, "provider": {"default_tags": tags}}
    known = catalogue.regions(content.get("partition", "aws"))
    content["regions"] = {
        "opted_in": [r.name for r in known if r.name in regions and not r.default_enabled],
        "not_opted_in": "rest",
        "exclude": [excused(r.name) for r in known if r.default_enabled and r.name not in regions],
    }
    content["organization"] |= organization
    spec.write_text(json.dumps(content, indent=1, default=str), encoding="utf-8")
    return spec


def apply(spec: Path, aws: LocalAws, home: str) -> Run:
    """Generate; plan and apply the roots, wave by wave; plan all of them again, and validate these plans together."""
    baseline = Baseline.of(spec)
    baseline.write()
    order = {duty: place for place, duty in enumerate(WAVES)}
    roots = tuple(sorted(baseline.roots, key=lambda root: order[root.duty]))
    run = Run(spec, roots)
    run.before = _there(roots, aws, [state.name for state in roots[0].states if state.state == "covered"], home)
    aws.calls.clear()  # what was looked at is none of Terraform's calls

    def make(root: Root) -> None:
        terraform, saved = _terraform(spec, root, aws, home)
        terraform.init()
        run.made[str(root.folder)] = terraform.plan(saved, PARALLEL).add
        terraform.apply(saved, PARALLEL)

    def plan_again(root: Root) -> None:
        terraform, saved = _terraform(spec, root, aws, home, plans=True)
        terraform.plan(saved, PARALLEL)
        shown = terraform.show(saved)
        run.plans[str(root.folder)] = saved.with_name("plan.json")
        run.plans[str(root.folder)].write_bytes(shown)
        run.again[str(root.folder)] = _changes(json.loads(shown))

    for wave in _waves(roots):
        _at_once(make, wave)
    made = {account: set(calls) for account, calls in aws.calls.items()}
    aws.calls.clear()
    _at_once(plan_again, roots)
    run.planning = {account: set(calls) for account, calls in aws.calls.items()}
    for account, calls in made.items():
        aws.calls[account] |= calls
    run.applied = judged(run)
    return run


def _waves(roots: Sequence[Root]) -> list[list[Root]]:
    """The roots of each duty, in the order in which they are applied; those of one wave do not wait for each other."""
    return [list(wave) for _, wave in groupby(roots, key=lambda root: root.duty)]


def _at_once(work: Callable[[Root], None], roots: Sequence[Root]) -> None:
    """Most of what a root takes is the provider's waiting."""
    with ThreadPoolExecutor(max_workers=3) as pool:
        for done in [pool.submit(work, root) for root in roots]:
            done.result()


def judged(run: Run, roots: Callable[[Root], bool] = lambda _: True) -> Report:
    """The report on the plans of some roots, together."""
    plans = tuple(str(run.plans[str(root.folder)]) for root in run.roots if roots(root))
    now = datetime.now(UTC)
    return judge(Request(sources=plans, as_of=now.date(), spec=run.spec), now)


def destroy(run: Run, aws: LocalAws, home: str) -> None:
    """Destroy every root, in the order that undoes theirs. Security Hub's members go with their hubs: AWS deletes no
    member of an organization, so that their root is never destroyed."""

    def take_away(root: Root) -> None:
        terraform, saved = _terraform(run.spec, root, aws, home)
        terraform.plan(saved, PARALLEL, "-destroy", "-refresh=false")
        terraform.apply(saved, PARALLEL)

    for wave in reversed(_waves([root for root in run.roots if root.duty != "hub-members"])):
        _at_once(take_away, wave)


def left(run: Run, aws: LocalAws, regions: Sequence[str], home: str) -> Mapping[str, tuple[str, ...]]:
    """Account -> what AWS still has there, and had not before the first apply."""
    found = _there(run.roots, aws, regions, home)
    return {
        account: tuple(each for each in lines if each not in run.before[account]) for account, lines in found.items()
    }


def _there(roots: Sequence[Root], aws: LocalAws, regions: Sequence[str], home: str) -> Mapping[str, tuple[str, ...]]:
    accounts = sorted({root.account_id for root in roots})
    return {account: leftovers(aws.environment(home, account), regions) for account in accounts}


def _terraform(spec: Path, root: Root, aws: LocalAws, home: str, *, plans: bool = False) -> tuple[Terraform, Path]:
    folder = spec.parent / root.folder
    override.write(folder)
    scratch = folder / ".terraform"
    scratch.mkdir(exist_ok=True)
    asked = root.spec.organization
    assert asked is not None
    signs_in_as = root.account_id if root.role is None else asked.roles.account if asked.roles else MANAGEMENT
    variables = dict(aws.environment(home, signs_in_as))
    if plans and asked.plan_role is not None:
        variables["TF_VAR_role"] = asked.plan_role
    return Terraform(folder, scratch, variables), folder / "saved.tfplan"


def _changes(plan: Mapping[str, Any]) -> dict[str, list[str]]:
    changes = {each["address"]: each["change"]["actions"] for each in plan.get("resource_changes", ())}
    return {address: actions for address, actions in changes.items() if actions not in (["no-op"], ["read"])}
