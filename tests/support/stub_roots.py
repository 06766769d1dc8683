"""Generated roots with the stub provider: written in either style, run with real Terraform, judged by guardline."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from guardline.generator.account_roles import WAVES
from guardline.generator.baseline import Baseline
from guardline.localaws import LocalAws
from guardline.spec import catalogue
from guardline.validator.run import Request, run
from tests.support.clients import client
from tests.support.environment_runs import excused
from tests.support.stubprovider.server import Attached
from tests.support.terraform_runs import terraform

ENVIRONMENTS = sorted(path.parent for path in (Path(__file__).parents[2] / "environments").glob("*/guardline.yaml"))
NOW = datetime(2026, 11, 25, tzinfo=UTC)
# Beside the home region: one that must be opted in, and one more. Other partitions have two regions, and all are taken.
THREE = frozenset({"ap-east-1", "us-west-2"})
HOME: frozenset[str] = frozenset()
TRUSTED = ("cloudtrail", "config", "guardduty", "malware-protection.guardduty", "securityhub")

Cell = tuple[str, str | None, str | None, str | None]


def written(
    environment: Path, folder: Path, provider: int, regions: Collection[str] | None = None, **terraform_settings: object
) -> Baseline:
    """Write the roots of an environment's spec, in the style of a provider version, with their modules.

    Args:
        environment: the folder of the spec and the files it names.
        folder: where to write; a root that is there is brought up to date.
        provider: the major version: 6 is the argument style, 5 the alias style.
        regions: the regions to cover instead of the spec's, where the partition is `aws`. The home region and
            others that the spec names elsewhere are covered in any case.
        terraform_settings: more for the spec's `terraform`.

    Returns:
        What was written; the spec is `folder / "guardline.yaml"`.
    """
    shutil.copytree(environment, folder, ignore=_generated(environment), dirs_exist_ok=True)
    path = folder / "guardline.yaml"
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))
    spec["terraform"] = {**spec.get("terraform", {}), "aws_provider": provider, **terraform_settings}
    # The folder stands alone, and the state lies in it.
    for elsewhere in ("modules", "backend"):
        spec["terraform"].pop(elsewhere, None)
    if regions is not None and spec.get("partition", "aws") == "aws":
        known = catalogue.regions("aws")
        kept = {*regions, *_texts({name: value for name, value in spec.items() if name != "regions"})}
        spec["regions"] = {
            "opted_in": [each.name for each in known if each.name in kept and not each.default_enabled],
            "not_opted_in": "rest",
            "exclude": [excused(each.name) for each in known if each.default_enabled and each.name not in kept],
        }
    path.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    baseline = Baseline.of(path)
    baseline.write()
    return baseline


def _generated(environment: Path) -> Callable[[str, list[str]], list[str]]:
    """What not to copy of an environment: all but its spec and the files that the spec names."""
    folders = Baseline.of(environment / "guardline.yaml").folders
    made = {(folder.path / path).resolve() for folder in folders for path in folder.files}
    return lambda where, names: [name for name in names if name[0] == "." or Path(where, name).resolve() in made]


@dataclass
class Root:
    """A folder of Terraform, run with the stub.

    Attributes:
        folder: the folder.
        modules: the folder of its modules.
        account: the account that it is for.
        stub: what runs in place of the AWS provider.
        plans: the plans made so far, as `terraform show -json` tells them.
    """

    folder: Path
    modules: Path
    account: str
    stub: Attached
    plans: list[dict[str, Any]] = field(default_factory=list)

    def run(self, *arguments: str, check: bool = True) -> str:
        """One Terraform command."""
        self.stub.serve(self.folder, self.modules)
        return terraform(self.folder, *arguments, variables=self.stub.variables, check=check)

    def init(self) -> None:
        """Make the modules known; the provider is attached, not installed."""
        self.run("init", "-no-color", "-input=false")

    def plan(self, *options: str) -> dict[str, Any]:
        """Plan; the plan as JSON, kept in `plan.json` too."""
        self.run("plan", "-no-color", "-input=false", "-out=saved.tfplan", *options)
        text = self.run("show", "-json", "saved.tfplan")
        (self.folder / "plan.json").write_text(text, encoding="utf-8")
        self.plans.append(json.loads(text))
        return self.plans[-1]

    def apply(self) -> None:
        """Apply the last plan."""
        self.run("apply", "-no-color", "-input=false", "saved.tfplan")

    def destroy(self) -> None:
        """Destroy everything; afterwards nothing is left in the state."""
        self.run("destroy", "-auto-approve", "-no-color", "-input=false", "-refresh=false")
        assert not json.loads((self.folder / "terraform.tfstate").read_bytes())["resources"]


def roots(baseline: Baseline, stub: Attached) -> list[Root]:
    """The roots of a baseline in the order in which they are applied, one of each duty: members are alike."""
    one_of_each = {each.duty: each for each in reversed(baseline.roots)}
    chosen = sorted(one_of_each.values(), key=lambda each: ("account", *WAVES).index(each.duty))
    return [Root(baseline.root / each.folder, baseline.folders[0].path, each.account_id, stub) for each in chosen]


def verdicts(spec: Path, *made: Root) -> dict[Cell, str]:
    """What guardline says of the last plans of an environment's roots."""
    request = Request(tuple(str(root.folder / "plan.json") for root in made), NOW.date(), spec=spec)
    report = run(request, NOW)
    assert not report.errors, report.errors
    return {(row.control, row.account, row.region, row.subject): row.verdict.value for row in report.rows}


def found(baseline: Baseline, aws: LocalAws) -> None:
    """Make a baseline's organization, with what people switch on in it by hand."""
    organization = baseline.spec.organization
    if organization is None:
        return
    from moto.organizations.models import organizations_backends

    management = organization.management_account
    backends: Any = organizations_backends
    backend = backends[management][baseline.spec.partition]
    if backend.org is None:
        api = client(aws, "organizations", baseline.spec.home_region, account=management)
        api.create_organization(FeatureSet="ALL")
        for service in TRUSTED:
            api.enable_aws_service_access(ServicePrincipal=f"{service}.amazonaws.com")
        (top,) = api.list_roots()["Roots"]
        api.enable_policy_type(RootId=top["Id"], PolicyType="SERVICE_CONTROL_POLICY")
    made: Any = backend.org
    made.id = organization.id


def actions(plan: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What a plan does, by address; nothing of what stays as it is and of data that is read."""
    found = {change["address"]: tuple(change["change"]["actions"]) for change in plan.get("resource_changes", ())}
    return {address: done for address, done in found.items() if done not in (("no-op",), ("read",))}


def planned(plan: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The changes of a plan's own resources, by address."""
    return {each["address"]: each for each in plan["resource_changes"] if each["mode"] == "managed"}


def as_alias(address: str) -> str:
    """The address that a resource of the argument style has in the alias style."""
    return re.sub(
        r'module\.(\w+)\["([a-z]{2,4}(?:-[a-z]+)+-\d)"\]',
        lambda found: "module." + _labelled(found[1], found[2]),
        address,
    )


def _texts(value: object) -> Iterator[str]:
    """Every text in a spec."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(inner)


def _labelled(module: str, region: str) -> str:
    name = region.replace("-", "_")
    return name if module == "region" else f"{module}_{name}"
