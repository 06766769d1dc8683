"""Mutants of plans that hold the export of findings, IP lists and suppression rules: exactly the declared cells change.

``python -m tests.support.record findings`` makes the plans anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

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
    put,
    verdicts,
)
from tests.support.record import FINDINGS

SPEC = FINDINGS / "guardline.yaml"
# Two: too few for a region to lag behind most others, so that region-consistency has nothing to say.
REGIONS = {"ap-east-1": "ap_east_1", "eu-west-1": "eu_west_1"}
CONSISTENCY = "region-consistency"
EXPORT, TRUSTED, THREAT = "findings-export", "trusted-ip-list", "threat-ip-list"
SCOPED, DOCUMENTED, RANKS = "suppression-scoped", "suppression-documented", "filter-ranks"
CONTROLS = (EXPORT, TRUSTED, THREAT, SCOPED, DOCUMENTED, RANKS)
OTHER_KEY = "arn:aws:kms:eu-central-1:123456789012:key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"


def same(name: str, mutate: Mutate, cells: dict[Cell, str]) -> Mutant:
    return Mutant(name, mutate, cells, cells)


def everywhere(control: str, verdict: str) -> dict[Cell, str]:
    return {(control, region): verdict for region in REGIONS}


def mutants() -> Iterator[Mutant]:
    for region, label in REGIONS.items():
        yield from of_destination(region, f"module.{label}.")
        yield from of_threat_list(region, f"module.{label}.")
        yield from of_filter(region, f"module.suppression_{label}.")
    yield from of_objects()


def of_destination(region: str, module: str) -> Iterator[Mutant]:
    kind = "aws_guardduty_publishing_destination"
    wrong: dict[Cell, str] = {(EXPORT, region): "fail"}
    yield same(f"drop destination {region}", drop(kind, module), wrong)
    yield same(f"delete destination {region}", leave("delete", kind, module), wrong)
    yield same(f"forget destination {region}", leave("forget", kind, module), wrong)
    unkept: dict[Cell, str] = {("findings-kept", None): "undetermined"}
    yield same(f"no key {region}", put(kind, module, kms_key_arn=""), wrong)
    yield same(f"key of another region {region}", put(kind, module, kms_key_arn=OTHER_KEY), {**wrong, **unkept})
    yield same(f"destination of another detector {region}", put(kind, module, detector_id="0" * 32), wrong)
    unsure: dict[Cell, str] = {(EXPORT, region): "undetermined"}
    yield same(f"hide bucket {region}", hide(kind, module, "destination_arn"), {**unsure, **unkept})


def of_threat_list(region: str, module: str) -> Iterator[Mutant]:
    kind = "aws_guardduty_threatintelset"
    for name in ("baseline-feed", "baseline-own"):
        lacks: dict[Cell, str] = {(THREAT, region): "fail"}
        yield same(f"drop {name} {region}", drop(kind, module, name), lacks)
        yield same(f"delete {name} {region}", leave("delete", kind, module, name), lacks)
        yield same(f"inactive {name} {region}", put(kind, module, name, activate=False), lacks)
        unsure: dict[Cell, str] = {(THREAT, region): "undetermined"}
        yield same(f"hide activate {name} {region}", hide(kind, module, "activate", name), unsure)
        elsewhere = put(kind, module, name, location="https://s3.amazonaws.com/elsewhere/list.txt")
        yield same(f"{name} elsewhere {region}", elsewhere, unsure)
    swapped = put(kind, module, "baseline-own", location=_location("feed"))
    yield same(f"one list twice {region}", swapped, {(THREAT, region): "fail"})


def _location(name: str) -> str:
    plan = json.loads(text("applied"))
    change = next(each for each in changes(plan, "aws_guardduty_threatintelset") if each["index"] == f"baseline-{name}")
    return str(change["change"]["after"]["location"])


def of_objects() -> Iterator[Mutant]:
    kind = "aws_s3_object"
    for key, control in (("threat-feed", THREAT), ("trusted", TRUSTED)):
        for name, content in {
            "everyone": "0.0.0.0/0\n",
            "a private address": "10.0.0.7\n",
            "another address": "198.51.100.9\n",
            "IPv6": "2001:db8::1\n",
            "nothing": "",
        }.items():
            yield same(f"{key} holds {name}", put(kind, "", key, content=content), everywhere(control, "fail"))
        yield same(f"hide {key}", hide(kind, "", "content", key), everywhere(control, "undetermined"))


def criteria(change_them: Callable[[list[Json]], list[Json]], module: str, name: str) -> Mutate:
    """Change a filter's criteria."""

    def mutate(plan: Json) -> None:
        (one,) = changes(plan, "aws_guardduty_filter", f"{module}aws_guardduty_filter.{name}")
        (block,) = one["change"]["after"]["finding_criteria"]
        block["criterion"] = change_them(block["criterion"])

    return mutate


def without(field: str) -> Callable[[list[Json]], list[Json]]:
    return lambda found: [each for each in found if each["field"] != field]


def instead(field: str, **values: object) -> Callable[[list[Json]], list[Json]]:
    return lambda found: [{**each, **values} if each["field"] == field else each for each in found]


def of_filter(region: str, module: str) -> Iterator[Mutant]:
    kind = "aws_guardduty_filter"
    one = f"{module}aws_guardduty_filter.scanner"
    other = f"{module}aws_guardduty_filter.office"
    ranks: dict[Cell, str] = {(RANKS, region): "fail"}
    yield same(f"rank 3 {region}", put(kind, other, rank=3), ranks)
    yield same(f"one rank twice {region}", put(kind, other, rank=1), ranks)
    yield same(f"rank 0 {region}", put(kind, other, rank=0), ranks)
    yield same(f"another name {region}", put(kind, one, name="baseline-someone"), ranks)
    yield same(f"hide rank {region}", hide(kind, one, "rank"), {(RANKS, region): "undetermined"})
    broad: dict[Cell, str] = {(SCOPED, region): "fail"}
    tag = "resource.instanceDetails.tags.value"
    yield same(f"no type {region}", criteria(without("type"), module, "scanner"), broad)
    yield same(f"no resource {region}", criteria(without(tag), module, "scanner"), broad)
    yield same(f"all tags {region}", criteria(instead(tag, equals=["*"]), module, "scanner"), broad)
    peer = "service.action.awsApiCallAction.remoteIpDetails.ipAddressV4"
    yield same(f"all addresses {region}", criteria(instead(peer, equals=["0.0.0.0/0"]), module, "office"), broad)
    high = instead("severity", less_than="", greater_than_or_equal="7")
    yield same(f"all that is severe {region}", criteria(high, module, "office"), broad)
    undocumented: dict[Cell, str] = {(DOCUMENTED, region): "fail"}
    for name, description in {
        "no reason": "until 2099-12-31",
        "no day": "approved scanner",
        "expired": "approved scanner (until 2026-11-24)",
        "empty": "",
    }.items():
        yield same(f"{name} {region}", put(kind, one, description=description), undocumented)
    yield same(f"hide reason {region}", hide(kind, one, "description"), {(DOCUMENTED, region): "undetermined"})


@cache
def text(name: str) -> str:
    return (FINDINGS / f"{name}.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=["first", "applied"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Verdicts]:
    name: str = request.param
    return name, verdicts(json.loads(text(name)), tmp_path_factory.mktemp("whole") / "plan.json", SPEC)


def test_all_that_the_spec_asks_passes_first_and_after_apply(whole: tuple[str, Verdicts]) -> None:
    assert set(whole[1].values()) == {"pass"}
    assert {control for control, _, _ in whole[1]} >= {*CONTROLS, CONSISTENCY}


MUTANTS = list(mutants())


@pytest.mark.parametrize("mutant", everyday(MUTANTS, REGIONS))
def test_exactly_the_declared_cells_change(mutant: Mutant, whole: tuple[str, Verdicts], tmp_path: Path) -> None:
    name, before = whole
    plan = json.loads(text(name))
    mutant.mutate(plan)
    after = verdicts(plan, tmp_path / "plan.json", SPEC)
    assert changed(before, after) == (mutant.first if name == "first" else mutant.applied)
    assert set(before) <= set(after)  # no cell is lost


def test_every_control_has_mutants() -> None:
    counted = Counter(control for mutant in MUTANTS for control, _ in mutant.first)
    assert set(CONTROLS) <= set(counted)
    assert min(counted[control] for control in CONTROLS) >= 3, counted
