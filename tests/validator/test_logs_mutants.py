"""Mutants of plans that hold flow logs, DNS query logs and the trail: exactly the declared cells change.

``python -m tests.support.record logs`` makes the plans anew. What flow logs and trails can lack is tried on the small
baseline (`test_plan_mutants`); here is what only this spec asks.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.plan_mutants import (
    Cell,
    Json,
    Mutant,
    Mutate,
    Verdicts,
    changed,
    changes,
    drop,
    everyday,
    hide,
    leave,
    looked,
    put,
    verdicts,
)
from tests.support.record import LOGS

SPEC = LOGS / "guardline.yaml"
# Two: too few for a region to lag behind most others, so that region-consistency has nothing to say.
REGIONS = {"ap-east-1": "module.ap_east_1.", "eu-west-1": "module.eu_west_1."}
QUERIES, RESOLVER, FLOWS, INVENTORY = "dns-query-logs", "dns-resolver", "vpc-flow-logs", "vpc-inventory"
S3, BUCKET = "trail-s3-data-events", "trail-bucket-protected"
LINK = "aws_route53_resolver_query_log_config_association"
STRANGE = "vpc-11111111111111111"


def same(name: str, mutate: Mutate, cells: dict[Cell, str]) -> Mutant:
    return Mutant(name, mutate, cells, cells)


def mutants() -> Iterator[Mutant]:
    for region, module in REGIONS.items():
        yield from of_queries(region, module)
        yield from of_resolver(region, module)
        yield from of_vpcs(region, module)
    yield from of_trail()


SETTINGS = "flow-logs-settings"


def of_queries(region: str, module: str) -> Iterator[Mutant]:
    unlogged: dict[Cell, str] = {(QUERIES, region): "fail"}
    unlinked: dict[Cell, str] = {**unlogged, ("dns-logs-settings", region): "not-applicable"}
    yield same(f"drop association {region}", drop(LINK, module), unlinked)
    yield same(f"delete association {region}", leave("delete", LINK, module), unlinked)
    yield same(f"forget association {region}", leave("forget", LINK, module), unlinked)
    yield same(f"association of another VPC {region}", put(LINK, module, resource_id=STRANGE), unlogged)
    yield same(f"hide whose it is {region}", hide(LINK, module, "resource_id"), {(QUERIES, region): "undetermined"})


def of_resolver(region: str, module: str) -> Iterator[Mutant]:
    kind = "aws_vpc_dhcp_options"
    elsewhere: dict[Cell, str] = {(RESOLVER, region): "fail"}
    for name, servers in {
        "another resolver": ["203.0.113.53"],
        "another one beside Amazon's": ["AmazonProvidedDNS", "203.0.113.53"],
        "no resolver": [],
    }.items():
        yield same(f"{name} {region}", looked(kind, module, domain_name_servers=servers), elsewhere)
    yield same(f"Amazon's address {region}", looked(kind, module, domain_name_servers=["169.254.169.253"]), {})
    yield same(f"DNS support is off {region}", looked("aws_vpc", module, enable_dns_support=False), elsewhere)
    unsure: dict[Cell, str] = {(RESOLVER, region): "undetermined"}
    yield same(f"no DHCP options {region}", looked("aws_vpc", module, dhcp_options_id="default"), unsure)
    yield same(f"DHCP options unseen {region}", looked("aws_vpc", module, dhcp_options_id="dopt-0123456789"), unsure)


def of_vpcs(region: str, module: str) -> Iterator[Mutant]:
    lagging: dict[Cell, str] = {(QUERIES, region): "fail", (FLOWS, region): "fail", (RESOLVER, region): "undetermined"}
    yield same(f"another VPC {region}", _another_vpc(module), lagging)
    narrow = looked("aws_vpcs", module, filter=[{"name": "tag:logged", "values": ["yes"]}])
    unproven: dict[Cell, str] = {
        (INVENTORY, region): "fail",
        (QUERIES, region): "undetermined",
        (FLOWS, region): "undetermined",
        (RESOLVER, region): "undetermined",
        ("dns-logs-settings", region): "fail",
        (SETTINGS, region): "fail",
    }
    yield same(f"some VPCs only {region}", narrow, unproven)
    kind = "aws_flow_log"
    yield same(
        f"drop flow log {region}", drop(kind, module), {(FLOWS, region): "fail", (SETTINGS, region): "not-applicable"}
    )
    less: dict[Cell, str] = {(FLOWS, region): "fail", (SETTINGS, region): "fail"}
    yield same(f"REJECT only {region}", put(kind, module, traffic_type="REJECT"), less)


def _another_vpc(module: str) -> Mutate:
    """A VPC that somebody made since the logs were planned."""

    def mutate(plan: Json) -> None:
        (log,) = changes(plan, "aws_flow_log", module)
        looked("aws_vpcs", module, ids=[log["index"], STRANGE])(plan)

    return mutate


def of_trail() -> Iterator[Mutant]:
    one: dict[Cell, str] = {(S3, None): "fail"}
    yield same("writes alone", _data(readOnly="false"), one)
    yield same("reads alone", _data(readOnly="true"), one)
    yield same("every bucket left out", _left_out("arn:aws:s3:::"), one)
    # Without a slash at the end, every bucket whose name begins so is left out; the spec names this one, and no other.
    yield same("a bucket left out by its name", _left_out("arn:aws:s3:::baseline-flow-logs-123456789012"), {})
    yield same("others left out with it", _left_out("arn:aws:s3:::baseline"), {(S3, None): "undetermined"})
    versions = put("aws_s3_bucket_versioning", "module.trail", versioning_configuration=[{"status": "Suspended"}])
    yield same("no versions", versions, {(BUCKET, None): "fail", ("trail-kept", None): "fail"})


def _data(**tests: str) -> Mutate:
    operators = ("equals", "not_equals", "starts_with", "not_starts_with", "ends_with", "not_ends_with")

    def mutate(plan: Json) -> None:
        for selector in _data_selectors(plan):
            selector["field_selector"] += [
                {**dict.fromkeys(operators), "field": name, "equals": [value]} for name, value in tests.items()
            ]

    return mutate


def _left_out(prefix: str) -> Mutate:
    def mutate(plan: Json) -> None:
        for selector in _data_selectors(plan):
            for test in selector["field_selector"]:
                if test["field"] == "resources.ARN":
                    test["not_starts_with"] = [*test["not_starts_with"], prefix]

    return mutate


def _data_selectors(plan: Json) -> list[Any]:
    (trail,) = changes(plan, "aws_cloudtrail")
    found = [each for each in trail["change"]["after"]["advanced_event_selector"] if each["name"] == "S3 object events"]
    assert found
    return found


@cache
def text(name: str) -> str:
    return (LOGS / f"{name}.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=["first", "applied"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Verdicts]:
    name: str = request.param
    return name, verdicts(json.loads(text(name)), tmp_path_factory.mktemp("whole") / "plan.json", SPEC)


def test_all_that_the_spec_asks_passes_first_and_after_apply(whole: tuple[str, Verdicts]) -> None:
    assert set(whole[1].values()) == {"pass"}
    assert {control for control, _, _ in whole[1]} >= {QUERIES, RESOLVER, FLOWS, INVENTORY, S3, BUCKET}


MUTANTS = list(mutants())


@pytest.mark.parametrize("mutant", everyday(MUTANTS, REGIONS))
def test_exactly_the_declared_cells_change(mutant: Mutant, whole: tuple[str, Verdicts], tmp_path: Path) -> None:
    name, before = whole
    plan = json.loads(text(name))
    mutant.mutate(plan)
    after = verdicts(plan, tmp_path / "plan.json", SPEC)
    assert changed(before, after) == (mutant.first if name == "first" else mutant.applied)


def test_every_control_has_mutants() -> None:
    counted = Counter(control for mutant in MUTANTS for control, _ in mutant.first)
    assert min(counted[control] for control in (QUERIES, RESOLVER, S3)) >= 3, counted
