"""Mutants of plans that hold identities of people and the alarm on tampering: exactly the declared cells change.

``python -m tests.support.record watching`` makes the plans anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, partial
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
from tests.support.record import WATCHING

SPEC = WATCHING / "guardline.yaml"
REGIONS = {"ap-east-1": "ap_east_1", "eu-west-1": "eu_west_1"}
APART, LEAST = "access-separated", "access-least-privilege"
RECORD, ALARM = "tamper-trail", "tamper-alarm"
CONTROLS = (APART, LEAST, RECORD, ALARM)
RULE, TARGET, POLICY, ROLE = (
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target",
    "aws_iam_policy",
    "aws_iam_role",
)
ALERT_RULES = "tamper-guardduty"


def same(name: str, mutate: Mutate, cells: dict[Cell, str]) -> Mutant:
    return Mutant(name, mutate, cells, cells)


def alarms(verdict: str) -> dict[Cell, str]:
    return {(ALARM, region): verdict for region in REGIONS}


def mutants() -> Iterator[Mutant]:
    for region, label in REGIONS.items():
        yield from of_rule(region, f"module.{label}.module.event_rules[0].")
    yield from of_home()
    yield from of_trail()
    yield from of_people()


def of_rule(region: str, module: str) -> Iterator[Mutant]:
    deaf: dict[Cell, str] = {(ALARM, region): "fail"}
    yield same(f"disable rule {region}", put(RULE, module, ALERT_RULES, state="DISABLED"), deaf)
    yield same(f"drop rule {region}", drop(RULE, module, ALERT_RULES), deaf)
    yield same(f"delete rule {region}", leave("delete", RULE, module, ALERT_RULES), deaf)
    yield same(f"drop target {region}", drop(TARGET, module, ALERT_RULES), deaf)
    yield same(f"forget target {region}", leave("forget", TARGET, module, ALERT_RULES), deaf)
    yield same(f"target of another bus {region}", put(TARGET, module, ALERT_RULES, arn=ELSEWHERE), deaf)
    for call in ("CreateFilter", "UpdateDetector", "StopMonitoringMembers"):
        yield same(f"no {call} {region}", pattern(partial(without, call), module), deaf)
    yield same(f"other source {region}", pattern(lambda text: text.replace("aws.guardduty", "aws.ec2"), module), deaf)
    yield same(f"no pattern {region}", put(RULE, module, ALERT_RULES, event_pattern="{"), deaf)
    unsure: dict[Cell, str] = {(ALARM, region): "undetermined"}
    yield same(f"hide pattern {region}", hide(RULE, module, "event_pattern", ALERT_RULES), unsure)
    carried = ("alerts-protected", "alerts-watched")
    hidden: dict[Cell, str] = {**unsure, **{(control, None): "undetermined" for control in carried}}
    yield same(f"hide target {region}", hide(TARGET, module, "arn", ALERT_RULES), hidden)


def without(call: str, text: str) -> str:
    return text.replace(call, "x")


ELSEWHERE = "arn:aws:events:eu-west-1:123456789012:event-bus/somebody-elses"


def pattern(change: Callable[[str], str], module: str) -> Mutate:
    def mutate(plan: Json) -> None:
        (one,) = changes(plan, RULE, module, ALERT_RULES)
        after = one["change"]["after"]
        before, after["event_pattern"] = after["event_pattern"], change(after["event_pattern"])
        assert before != after["event_pattern"]

    return mutate


def of_home() -> Iterator[Mutant]:
    module = "module.alert_rules."
    yield same("disable rule of the bus", put(RULE, module, ALERT_RULES, state="DISABLED"), alarms("fail"))
    yield same("drop target of the bus", drop(TARGET, module, ALERT_RULES), alarms("fail"))
    yield same("hide pattern of the bus", hide(RULE, module, "event_pattern", ALERT_RULES), alarms("undetermined"))
    narrow = pattern(lambda text: text.replace('{"prefix":"Delete"}', '"DeleteMembers"'), module)
    yield same("a bus that drops what regions hand on", narrow, alarms("fail"))


def of_trail() -> Iterator[Mutant]:
    kind, module = "aws_cloudtrail", "module.trail."
    # What records no writes everywhere is no trail to any of them.
    silent: dict[Cell, str] = {(RECORD, None): "fail", **alarms("fail")}
    silent |= {(control, None): "fail" for control in ("trail-multi-region", "trail-validation", "trail-encrypted")}
    silent[("trail-bucket-protected", None)] = "fail"
    records: dict[Cell, str] = {("records-alarm", region): "fail" for region in REGIONS}
    data: dict[Cell, str] = {("trail-s3-data-events", None): "fail"}
    yield same("a trail that does not log", put(kind, module, enable_logging=False), silent | data | records)
    yield same("a trail of reads", selectors({"field": "readOnly", "equals": ["true"]}), silent | records)
    elsewhere = {"field": "eventSource", "not_equals": ["guardduty.amazonaws.com"]}
    yield same("a trail without GuardDuty", selectors(elsewhere), silent)


def selectors(more: Json) -> Mutate:
    """Narrow the management events."""

    def mutate(plan: Json) -> None:
        (one,) = changes(plan, "aws_cloudtrail")
        fields = one["change"]["after"]["advanced_event_selector"][0]["field_selector"]
        empty = dict.fromkeys(fields[0])
        fields.append({**empty, **more})

    return mutate


def of_people() -> Iterator[Mutant]:
    nobody: dict[Cell, str] = {(APART, None): "fail"}
    for part in ("reader", "responder", "administrator"):
        yield same(f"no policy for the {part}", drop("aws_iam_role_policy_attachment", "module.access.", part), nobody)
        unsure: dict[Cell, str] = {(APART, None): "undetermined", (LEAST, None): "undetermined"}
        yield same(f"hide what the {part} may", hide(POLICY, "module.access.", "policy", part), unsure)
    yield same("a reader who filters", grants("reader", "guardduty:GetFindings", "guardduty:CreateFilter"), nobody)
    yield same("a responder who reads", grants("responder", "guardduty:GetFindings"), nobody)
    yield same("an administrator who triages", grants("administrator", "guardduty:ArchiveFindings"), nobody)
    yield same("a responder who ends it", grants("responder", "guardduty:DeleteDetector"), nobody)
    wide: dict[Cell, str] = {(LEAST, None): "fail", (APART, None): "fail"}
    for part in ("reader", "responder"):
        yield same(f"everything for the {part}", grants(part, "guardduty:*"), wide)
        yield same(f"everything anywhere for the {part}", grants(part, "*"), wide)
        yield same(f"every update for the {part}", grants(part, "guardduty:Update*"), wide)
    yield same("everything for the administrator", grants("administrator", "guardduty:*"), {})
    yield same("all reading by its pattern", grants("reader", "guardduty:Get*", "guardduty:List*"), {})


def grants(part: str, *actions: str) -> Mutate:
    text = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    return put(POLICY, "module.access.", part, policy=json.dumps(text))


@cache
def text(name: str) -> str:
    return (WATCHING / f"{name}.json").read_text(encoding="utf-8")


@pytest.fixture(scope="module", params=["first", "applied"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Verdicts]:
    name: str = request.param
    return name, verdicts(json.loads(text(name)), tmp_path_factory.mktemp("whole") / "plan.json", SPEC)


def test_all_that_the_spec_asks_passes_first_and_after_apply(whole: tuple[str, Verdicts]) -> None:
    assert set(whole[1].values()) == {"pass"}
    assert {control for control, _, _ in whole[1]} >= set(CONTROLS)


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
