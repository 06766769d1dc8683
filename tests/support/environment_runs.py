"""An environment of the repository, on the local AWS, with real Terraform: from its spec to nothing left."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from guardline.generator.baseline import Baseline
from guardline.localaws import LocalAws
from guardline.localaws.calls import Call
from guardline.spec import catalogue
from guardline.spec.guarded_calls import GLOBAL_REGIONS
from guardline.spec.load import load
from guardline.validator.control import Status
from guardline.validator.demo import override
from guardline.validator.demo.leftovers import leftovers
from guardline.validator.demo.terraform import Terraform
from guardline.validator.report import Report
from guardline.validator.run import Request
from guardline.validator.run import run as judge
from tests.support.clients import client

ENVIRONMENTS = Path(__file__).parents[2] / "environments"
PARALLEL = "-parallelism=64"
"""Most of the time the provider waits, and it costs nothing here to let it wait for much at once."""

EXCUSE = {"reason": "not part of this test", "approved_by": "test", "until": "2999-12-31"}


@dataclass(frozen=True)
class Run:
    """What came of it.

    Attributes:
        planned: the report on the first plan.
        applied: the report on the plan after apply.
        again: what the second plan would still do: address -> actions.
        left: what AWS still has after destroy.
        calls: what Terraform called, from the first plan to the end of destroy.
    """

    planned: Report
    applied: Report
    again: dict[str, list[str]]
    left: tuple[str, ...]
    calls: frozenset[Call]


def excused(region: str) -> dict[str, Any]:
    """An exclusion of a region, the global one included."""
    return {"region": region, **EXCUSE, **({"deny_global_region": True} if region in GLOBAL_REGIONS.values() else {})}


def three_regions(partition: str, home: str) -> tuple[str, ...]:
    """The home region, an opt-in region, and one that lacks a protection plan; where the partition has them."""
    served = [region for region in catalogue.regions(partition) if region.services.get("guardduty")]
    opt_in = next((r.name for r in served if not r.default_enabled and not r.skip_region_validation), None)
    gap = next((r.name for r in served if r.name not in (home, opt_in) and False in r.features.values()), None)
    other = next((r.name for r in served if r.name != home and r.default_enabled), None)
    chosen = {home, opt_in, gap or other} - {None}
    return tuple(region.name for region in served if region.name in chosen)


def copy_of(environment: str, folder: Path, account: str, regions: Sequence[str], state: str | None = None) -> Path:
    """A copy of an environment for the local AWS: alias style, its own modules, these regions only.

    Args:
        environment: its folder's name.
        folder: where the copy goes.
        account: the account it is for.
        regions: the regions it covers.
        state: the bucket that keeps its state; None keeps it in the folder.

    Returns:
        The spec's path. The expressions of `terraform.provider` that sign in somewhere are left out.
    """
    shutil.copytree(ENVIRONMENTS / environment, folder, ignore=shutil.ignore_patterns(".*", "*.tf", "README.md"))
    spec = folder / "guardline.yaml"
    content: dict[str, Any] = yaml.safe_load(spec.read_text(encoding="utf-8"))
    partition = content.get("partition", "aws")
    content["account"] = {"id": account}
    tags = content.get("terraform", {}).get("provider", {}).get("default_tags", {})
    content["terraform"] = {"aws_provider": 5, "provider": {"default_tags": tags}}
    if state is not None:
        kept = {"bucket": state, "key": environment, "region": content["home_region"], "use_lockfile": True}
        content["terraform"]["backend"] = {"s3": kept}
    known = catalogue.regions(partition)
    content["regions"] = {
        "opted_in": [r.name for r in known if r.name in regions and not r.default_enabled],
        "not_opted_in": "rest",
        "exclude": [excused(r.name) for r in known if r.default_enabled and r.name not in regions],
    }
    spec.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
    return spec


def whole_path(spec: Path, aws: LocalAws, regions: Sequence[str], home: str) -> Run:
    """Generate, init, plan, validate, apply, plan again, validate, destroy, look for what is left."""
    root = spec.parent
    Baseline.of(spec).write()
    override.write(root)
    scratch = root / ".terraform"
    scratch.mkdir(exist_ok=True)
    terraform = Terraform(root, scratch, aws.environment(home))
    saved = root / "saved.tfplan"
    backend = load(spec).terraform.backend
    bucket = None if backend is None else backend.s3.bucket
    if bucket is None:
        terraform.init()
    else:
        elsewhere = {} if home == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": home}}
        client(aws, "s3", home).create_bucket(Bucket=bucket, **elsewhere)
        terraform.init("-backend-config=use_path_style=true")
    aws.calls.clear()
    terraform.plan(saved, PARALLEL)
    planned = _judged(spec, terraform.show(saved))
    terraform.apply(saved, PARALLEL)
    terraform.plan(saved, PARALLEL)
    shown = terraform.show(saved)
    applied = _judged(spec, shown)
    changes = {each["address"]: each["change"]["actions"] for each in json.loads(shown)["resource_changes"]}
    again = {address: actions for address, actions in changes.items() if actions not in (["no-op"], ["read"])}
    terraform.plan(saved, PARALLEL, "-destroy", "-refresh=false")
    terraform.apply(saved, PARALLEL)
    calls = frozenset(aws.calls[aws.account])  # before this asks for what is left
    if bucket is not None:
        _remove(bucket, aws, home)
    return Run(planned, applied, again, leftovers(aws.environment(home), regions), calls)


def _remove(bucket: str, aws: LocalAws, home: str) -> None:
    """What the test made itself."""
    s3 = client(aws, "s3", home)
    for item in s3.list_objects_v2(Bucket=bucket).get("Contents", ()):
        s3.delete_object(Bucket=bucket, Key=item["Key"])
    s3.delete_bucket(Bucket=bucket)


def _judged(spec: Path, shown: bytes) -> Report:
    plan = spec.parent / "plan.json"
    plan.write_bytes(shown)
    now = datetime.now(UTC)
    return judge(Request(sources=(str(plan),), as_of=now.date(), spec=spec, source_dir=spec.parent), now)


def lacking(report: Report) -> list[str]:
    """The cells in coverage that do not pass, each in one line. What AWS does not offer somewhere lacks nothing, and
    what the spec leaves out is not asked."""
    return [
        f"{row.control} {row.region or '-'} {row.subject or ''}: {row.verdict}, {row.reason}"
        for row in report.rows
        if row.in_coverage and row.verdict not in (Status.PASS, Status.NOT_APPLICABLE, Status.WAIVED)
    ]
