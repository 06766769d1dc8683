"""Mutants of the generated baseline's own plan: each must change exactly the cells it declares, and nothing else.

Both plans are mutated: the first one, and the one after apply, where an existing detector's undeclared features are no
longer AWS's default but unknown. ``python -m tests.support.record`` makes the plans anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.plan_mutants import (
    Cell,
    Json,
    Mutant,
    Mutate,
    changed,
    changes,
    drop,
    everyday,
    hide,
    leave,
    put,
    verdicts,
)
from tests.support.record import BASELINE

SPEC = BASELINE / "guardline.yaml"
REGIONS = {"ap-southeast-2": "module.ap_southeast_2", "eu-west-1": "module.eu_west_1", "us-east-1": "module.us_east_1"}
PLANS = {
    "S3_DATA_EVENTS": "s3-protection",
    "EKS_AUDIT_LOGS": "eks-audit-logs",
    "EBS_MALWARE_PROTECTION": "ebs-malware-protection",
    "RDS_LOGIN_EVENTS": "rds-login-events",
    "LAMBDA_NETWORK_LOGS": "lambda-network-logs",
    "RUNTIME_MONITORING": "runtime-monitoring",
}
BOUND = ("detector-enabled", *PLANS.values(), "feature-pinned", "finding-publishing-frequency", "trusted-ip-list")
TRAIL = ("trail-multi-region", "trail-validation", "trail-encrypted", "trail-bucket-protected", "trail-s3-data-events")
CONSISTENCY = "region-consistency"
SETTINGS = "flow-logs-settings"


# -- what to change -----------------------------------------------------------------------------------------------


def listing(module: str, **values: Any) -> Mutate:
    """Change what `data.aws_vpcs` says in one region."""

    def mutate(plan: Json) -> None:
        pending = [plan["prior_state"]["values"]["root_module"]]
        while pending:
            inner = pending.pop()
            pending.extend(inner.get("child_modules", []))
            for resource in inner.get("resources", []):
                if resource["type"] == "aws_vpcs" and resource["address"].startswith(module):
                    resource["values"].update(values)

    return mutate


def another_vpc(module: str) -> Mutate:
    """A VPC that somebody made since, without a flow log."""

    def mutate(plan: Json) -> None:
        (log,) = changes(plan, "aws_flow_log", module)
        listing(module, ids=[log["index"], "vpc-11111111111111111"])(plan)

    return mutate


def selectors(change_them: Callable[[list[Json]], list[Json]]) -> Mutate:
    def mutate(plan: Json) -> None:
        (trail,) = changes(plan, "aws_cloudtrail")
        after = trail["change"]["after"]
        after["advanced_event_selector"] = change_them(after["advanced_event_selector"])

    return mutate


def field(name: str, **tests: list[str]) -> Json:
    operators = ("equals", "not_equals", "starts_with", "not_starts_with", "ends_with", "not_ends_with")
    return {**dict.fromkeys(operators), "field": name, **tests}


def is_data(selector: Json) -> bool:
    return any(each["field"] == "eventCategory" and each["equals"] == ["Data"] for each in selector["field_selector"])


def narrowed(*more: Json) -> Callable[[list[Json]], list[Json]]:
    """Add field tests to the data selector."""

    def change(found: list[Json]) -> list[Json]:
        return [
            {**each, "field_selector": [*each["field_selector"], *more]} if is_data(each) else each for each in found
        ]

    return change


def of_type(resource_type: str) -> Callable[[list[Json]], list[Json]]:
    """Record data events of another type instead."""
    other = [field("eventCategory", equals=["Data"]), field("resources.type", equals=[resource_type])]
    return lambda found: [*(each for each in found if not is_data(each)), {"name": "x", "field_selector": other}]


# -- which cells --------------------------------------------------------------------------------------------------


def all_fail(region: str, controls: tuple[str, ...] = (*BOUND, CONSISTENCY), verdict: str = "fail") -> dict[Cell, str]:
    return {(control, region): verdict for control in controls}


def trail_cells(*controls: str, verdict: str = "fail") -> dict[Cell, str]:
    return {(control, None): verdict for control in controls or TRAIL}


def mutants() -> Iterator[Mutant]:
    for region, module in REGIONS.items():
        yield from of_detector(region, module)
        for feature, control in PLANS.items():
            yield from of_feature(region, module, feature, control)
        yield from of_list(region, module)
        yield from of_flow_log(region, module)
    yield from of_trail()
    yield from of_bucket()


def same(name: str, mutate: Mutate, cells: dict[Cell, str]) -> Mutant:
    return Mutant(name, mutate, cells, cells)


def of_detector(region: str, module: str) -> Iterator[Mutant]:
    kind = "aws_guardduty_detector"
    gone = all_fail(region)
    yield same(f"drop detector {region}", drop(kind, module), gone)
    yield same(f"delete detector {region}", leave("delete", kind, module), gone)
    yield same(f"forget detector {region}", leave("forget", kind, module), gone)
    yield same(f"suspend detector {region}", put(kind, module, enable=False), gone)
    unsure = all_fail(region, verdict="undetermined")
    yield same(f"hide enable {region}", hide(kind, module, "enable"), unsure)
    for junk in ("yes", 1, ["true"]):
        yield same(f"enable = {junk!r} {region}", put(kind, module, enable=junk), unsure)
    frequency: dict[Cell, str] = {("finding-publishing-frequency", region): "fail"}
    for value in ("ONE_HOUR", "SIX_HOURS"):
        yield same(f"{value} {region}", put(kind, module, finding_publishing_frequency=value), frequency)
    yield same(
        f"hide frequency {region}",
        hide(kind, module, "finding_publishing_frequency"),
        {("finding-publishing-frequency", region): "undetermined"},
    )


def of_feature(region: str, module: str, feature: str, control: str) -> Iterator[Mutant]:
    kind = "aws_guardduty_detector_feature"
    where = f"{feature} {region}"
    off: dict[Cell, str] = {(control, region): "fail", (CONSISTENCY, region): "fail"}
    for status in ("DISABLED", "disabled", ""):
        yield same(f"status = {status!r} {where}", put(kind, module, feature, status=status), off)
    unsure: dict[Cell, str] = {(control, region): "undetermined", (CONSISTENCY, region): "undetermined"}
    yield same(f"hide status {where}", hide(kind, module, "status", feature), unsure)
    yield same(f"status = 1 {where}", put(kind, module, feature, status=1), unsure)
    undeclared: dict[Cell, str] = {("feature-pinned", region): "fail", (CONSISTENCY, region): "fail"}
    first = {**undeclared, (control, region): "fail"} if feature == "RUNTIME_MONITORING" else undeclared
    applied = {**undeclared, (control, region): "undetermined"}
    for name, mutate in {
        "drop": drop(kind, module, feature),
        "delete": leave("delete", kind, module, feature),
        "forget": leave("forget", kind, module, feature),
        "misname": put(kind, module, feature, name="EKS_RUNTIME"),
        "other detector": put(kind, module, feature, detector_id="0" * 32),
    }.items():
        yield Mutant(f"{name} {where}", mutate, first, seen(feature, region, control, applied))
    # Which feature it is, or whose, is not told: it may be any, so none that is undeclared can be told from the rest.
    region_unknown: dict[Cell, str] = {
        (each, region): "undetermined" for each in (control, "feature-pinned", CONSISTENCY)
    }
    yield same(f"hide name {where}", hide(kind, module, "name", feature), region_unknown)


def seen(feature: str, region: str, control: str, cells: dict[Cell, str]) -> dict[Cell, str]:
    """After apply the detector's own `datasources` still tell what is on, for the three plans it knows."""
    if feature in {"S3_DATA_EVENTS", "EKS_AUDIT_LOGS", "EBS_MALWARE_PROTECTION"}:
        return {cell: verdict for cell, verdict in cells.items() if cell != (control, region)}
    return cells


def of_list(region: str, module: str) -> Iterator[Mutant]:
    kind = "aws_guardduty_ipset"
    gone: dict[Cell, str] = {("trusted-ip-list", region): "fail", (CONSISTENCY, region): "fail"}
    yield same(f"drop list {region}", drop(kind, module), gone)
    yield same(f"delete list {region}", leave("delete", kind, module), gone)
    yield same(f"inactive list {region}", put(kind, module, activate=False), gone)
    unsure: dict[Cell, str] = {("trusted-ip-list", region): "undetermined", (CONSISTENCY, region): "undetermined"}
    yield same(f"hide activate {region}", hide(kind, module, "activate"), unsure)
    yield same(
        f"list elsewhere {region}",
        put(kind, module, location="https://s3.amazonaws.com/elsewhere/list.txt"),
        {("trusted-ip-list", region): "undetermined"},
    )
    yield same(
        f"list of another detector {region}",
        put(kind, module, detector_id="0" * 32),
        {("trusted-ip-list", region): "fail"},
    )


def of_flow_log(region: str, module: str) -> Iterator[Mutant]:
    kind = "aws_flow_log"
    gone: dict[Cell, str] = {("vpc-flow-logs", region): "fail", (CONSISTENCY, region): "fail"}
    gone[SETTINGS, region] = "not-applicable"
    yield same(f"drop flow log {region}", drop(kind, module), gone)
    yield same(f"delete flow log {region}", leave("delete", kind, module), gone)
    yield same(f"forget flow log {region}", leave("forget", kind, module), gone)
    narrow: dict[Cell, str] = {("vpc-flow-logs", region): "fail"}
    for traffic in ("REJECT", "ACCEPT"):
        less: dict[Cell, str] = {**narrow, (SETTINGS, region): "fail"}
        yield same(f"{traffic} {region}", put(kind, module, traffic_type=traffic), less)
    yield same(f"another VPC {region}", put(kind, module, vpc_id="vpc-00000000000000000"), narrow)
    yield same(f"a subnet {region}", put(kind, module, vpc_id=None, subnet_id="subnet-00000000000000000"), narrow)
    unsure: dict[Cell, str] = {("vpc-flow-logs", region): "undetermined", (SETTINGS, region): "undetermined"}
    yield same(f"hide traffic {region}", hide(kind, module, "traffic_type"), unsure)
    yield same(f"traffic = 1 {region}", put(kind, module, traffic_type=1), unsure)
    only = {"name": "tag:team", "values": ["a"]}
    narrowed_listing: dict[Cell, str] = {("vpc-inventory", region): "fail", ("vpc-flow-logs", region): "undetermined"}
    narrowed_listing[SETTINGS, region] = "fail"
    yield same(f"narrow listing {region}", listing(module, filter=[only]), narrowed_listing)
    yield same(f"listing by tags {region}", listing(module, tags={"team": "a"}), narrowed_listing)
    other = [{"name": "owner-id", "values": ["999999999999"]}]
    yield same(f"listing of another owner {region}", listing(module, filter=other), narrowed_listing)
    yield same(f"one more VPC {region}", another_vpc(module), {("vpc-flow-logs", region): "fail"})


def of_trail() -> Iterator[Mutant]:
    kind = "aws_cloudtrail"
    gone = trail_cells()
    nothing = trail_cells(*TRAIL, "trail-kept", "trail-settings")
    yield same("drop trail", drop(kind, ""), nothing)
    yield same("delete trail", leave("delete", kind, ""), nothing)
    yield same("forget trail", leave("forget", kind, ""), nothing)
    yield same("stop logging", put(kind, "", enable_logging=False), gone)
    yield same("one region", put(kind, "", is_multi_region_trail=False), gone)
    yield same("hide logging", hide(kind, "", "enable_logging"), trail_cells(verdict="undetermined"))
    yield same("hide multi-region", hide(kind, "", "is_multi_region_trail"), trail_cells(verdict="undetermined"))
    yield same("no validation", put(kind, "", enable_log_file_validation=False), trail_cells("trail-validation"))
    hidden = trail_cells("trail-validation", verdict="undetermined")
    yield same("hide validation", hide(kind, "", "enable_log_file_validation"), hidden)
    yield same("no key", put(kind, "", kms_key_id=None), trail_cells("trail-encrypted"))
    yield same("empty key", put(kind, "", kms_key_id=""), trail_cells("trail-encrypted"))
    no_data = trail_cells("trail-s3-data-events")
    yield same("no data events", selectors(lambda found: [each for each in found if not is_data(each)]), no_data)
    for name, more in {
        "one event name": field("eventName", equals=["GetObject"]),
        "reads only": field("readOnly", equals=["true"]),
        "writes only": field("readOnly", equals=["false"]),
        "one bucket": field("resources.ARN", starts_with=["arn:aws:s3:::one/"]),
        "one object": field("resources.ARN", equals=["arn:aws:s3:::one/key"]),
        "objects by ending": field("resources.ARN", ends_with=[".log"]),
        "one role": field("userIdentity.arn", equals=["arn:aws:iam::123456789012:role/r"]),
    }.items():
        yield same(name, selectors(narrowed(more)), no_data)
    for resource_type in ("AWS::Lambda::Function", "AWS::S3::AccessPoint"):
        yield same(f"data events of {resource_type}", selectors(of_type(resource_type)), no_data)


def of_bucket() -> Iterator[Mutant]:
    module = "module.trail.module.bucket"
    bad = trail_cells("trail-bucket-protected", "trail-kept")
    unsure = trail_cells("trail-bucket-protected", "trail-kept", verdict="undetermined")
    block, versions, policy = (f"aws_s3_bucket_{kind}" for kind in ("public_access_block", "versioning", "policy"))
    refused = trail_cells(*TRAIL, "trail-kept")  # what keeps CloudTrail out of the bucket leaves no trail
    for kind in (block, versions, policy):
        # Of a bucket that exists, a plan shows the policy that AWS holds; a new one has none.
        first = refused if kind == policy else bad
        yield Mutant(f"drop {kind}", drop(kind, module), first, bad)
        yield Mutant(f"delete {kind}", leave("delete", kind, module), first, bad)
    for setting in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"):
        yield same(f"{setting} = false", put(block, module, **{setting: False}), bad)
        yield same(f"hide {setting}", hide(block, module, setting), unsure)
    suspended = [{"mfa_delete": None, "status": "Suspended"}]
    yield same("versioning suspended", put(versions, module, versioning_configuration=suspended), bad)
    yield same("hide the policy", hide(policy, module, "policy"), unsure)
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}
    yield same("open policy", put(policy, module, policy=json.dumps({"Statement": [anyone]})), refused)
    yield same("policy for nobody", put(policy, module, policy=json.dumps({"Statement": []})), refused)
    yield same("bucket elsewhere", drop("aws_s3_bucket", module), unsure)


# -- the run ------------------------------------------------------------------------------------------------------


@cache
def text(name: str) -> str:
    return (BASELINE / f"{name}.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=["first", "applied"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[Any, str]]:
    name: str = request.param
    return name, verdicts(json.loads(text(name)), tmp_path_factory.mktemp("whole") / "plan.json", SPEC)


def test_the_baseline_passes_everywhere_first_and_after_apply(whole: tuple[str, dict[Any, str]]) -> None:
    assert set(whole[1].values()) == {"pass"}
    assert {control for control, _, _ in whole[1]} >= {*BOUND, *TRAIL, "vpc-flow-logs", "vpc-inventory", CONSISTENCY}


def test_first_and_applied_agree(tmp_path: Path) -> None:
    assert verdicts(json.loads(text("first")), tmp_path / "a", SPEC) == verdicts(
        json.loads(text("applied")), tmp_path / "b", SPEC
    )


MUTANTS = list(mutants())


@pytest.mark.parametrize("mutant", everyday(MUTANTS, REGIONS))
def test_exactly_the_declared_cells_change(mutant: Mutant, whole: tuple[str, dict[Any, str]], tmp_path: Path) -> None:
    name, before = whole
    plan = json.loads(text(name))
    mutant.mutate(plan)
    after = verdicts(plan, tmp_path / "plan.json", SPEC)
    assert changed(before, after) == (mutant.first if name == "first" else mutant.applied)
    assert set(before) <= set(after)  # no cell is lost


def test_every_control_has_mutants() -> None:
    counted = Counter(control for mutant in MUTANTS for control, _ in mutant.first)
    assert {*BOUND, *TRAIL, "vpc-flow-logs", "vpc-inventory", CONSISTENCY} <= set(counted)
    assert min(counted.values()) >= 3, counted
