"""Mutants of plans that hold alerts, the function, Security Hub and AWS Config: exactly the declared cells change.

``python -m tests.support.record response`` makes the plans anew.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support.plan_mutants import (
    Cell,
    Mutant,
    Mutate,
    Verdicts,
    changed,
    drop,
    everyday,
    hide,
    leave,
    put,
    verdicts,
)
from tests.support.record import RESPONSE

SPEC = RESPONSE / "guardline.yaml"
# Two: too few for a region to lag behind most others, so that region-consistency has nothing to say.
HOME = "eu-west-1"
REGIONS = {"eu-south-2": "eu_south_2", HOME: "eu_west_1"}
ALERT, RESPONDS = "finding-alert", "finding-response"
HUB, AGGREGATION, INTEGRATIONS = "security-hub-enabled", "security-hub-aggregation", "security-hub-integrations"
RECORDER = "config-recorder"
CONTROLS = (ALERT, RESPONDS, HUB, AGGREGATION, INTEGRATIONS, RECORDER)
RULE, TARGET = "aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"
ACCOUNT = "123456789012"
NOBODY = json.dumps({"Version": "2012-10-17", "Statement": []})


def same(name: str, mutate: Mutate, cells: dict[Cell, str]) -> Mutant:
    return Mutant(name, mutate, cells, cells)


def everywhere(verdict: str, *controls: str) -> dict[Cell, str]:
    return {(control, region): verdict for control in controls for region in REGIONS}


def mutants() -> Iterator[Mutant]:
    for region, label in REGIONS.items():
        yield from of_a_region_s_rules(region, f"module.{label}.module.event_rules[0].")
        yield from of_hub(region, f"module.{label}.module.security_hub[0].")
        yield from of_recorder(region, f"module.{label}.module.config[0].")
    yield from of_the_way_to_people()
    yield from of_the_function()
    yield from of_aggregator()


def of_a_region_s_rules(region: str, module: str) -> Iterator[Mutant]:
    wrong: dict[Cell, str] = {(ALERT, region): "fail", (RESPONDS, region): "fail"}
    yield same(f"drop rule {region}", drop(RULE, module, "findings"), wrong)
    yield same(f"delete rule {region}", leave("delete", RULE, module, "findings"), wrong)
    yield same(f"rule off {region}", put(RULE, module, "findings", state="DISABLED"), wrong)
    yield same(f"drop target {region}", drop(TARGET, module, "findings"), wrong)
    other = json.dumps({"source": ["aws.ec2"]})
    yield same(f"rule on something else {region}", put(RULE, module, "findings", event_pattern=other), wrong)
    fewer: dict[Cell, str] = {(ALERT, region): "fail", (RESPONDS, region): "fail"}
    for name, detail in {
        "worst": {"severity": [{"numeric": [">=", 9]}]},
        "families": {"type": [{"prefix": "UnauthorizedAccess:"}]},
    }.items():
        pattern = json.dumps({"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": detail})
        yield same(f"rule on the {name} {region}", put(RULE, module, "findings", event_pattern=pattern), fewer)
    unsure: dict[Cell, str] = {(ALERT, region): "undetermined", (RESPONDS, region): "undetermined"}
    yield same(f"hide pattern {region}", hide(RULE, module, "event_pattern", "findings"), unsure)
    carried = ("alerts-protected", "alerts-watched")
    hidden: dict[Cell, str] = {**unsure, **{(control, None): "undetermined" for control in carried}}
    yield same(f"hide bus {region}", hide(TARGET, module, "arn", "findings"), hidden)


def of_the_way_to_people() -> Iterator[Mutant]:
    rules, topic = "module.alert_rules.", "module.alert_topic."
    silent = everywhere("fail", ALERT)
    yield same("drop rule to the topic", drop(RULE, rules, "findings"), silent)
    yield same("rule to the topic off", put(RULE, rules, "findings", state="DISABLED"), silent)
    open_to_plain: dict[Cell, str] = {**silent, ("alerts-protected", None): "fail"}
    yield same("drop target to the topic", drop(TARGET, rules, "findings"), open_to_plain)
    yield same("topic closed", put("aws_sns_topic_policy", topic, policy=NOBODY), open_to_plain)
    yield same("key closed", put("aws_kms_key", topic, policy=NOBODY), silent)
    asks = statement("events.amazonaws.com", "kms:*", {"StringEquals": {"aws:SourceAccount": ACCOUNT}})
    yield same("key asks for the account", put("aws_kms_key", topic, policy=asks), silent)
    elsewhere = statement("events.amazonaws.com", "sns:Publish", {"StringEquals": {"aws:SourceAccount": "1" * 12}})
    yield same("topic for another account", put("aws_sns_topic_policy", topic, policy=elsewhere), open_to_plain)
    yield same("nobody subscribed", drop("aws_sns_topic_subscription", topic), everywhere("undetermined", ALERT))


def statement(service: str, action: str, condition: object) -> str:
    one = {"Effect": "Allow", "Principal": {"Service": service}, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**one, "Condition": condition}]})


def of_the_function() -> Iterator[Mutant]:
    rules, function = "module.response.module.rules.", "module.response."
    lost = everywhere("fail", RESPONDS)
    permission = "aws_lambda_permission"
    yield same("drop rule to the function", drop(RULE, rules, "findings"), lost)
    yield same("function may not be called", drop(permission, function), lost)
    yield same(
        "another rule may call", put(permission, function, source_arn=f"arn:aws:events:{HOME}:{ACCOUNT}:rule/x"), lost
    )
    yield same("S3 may call", put(permission, function, principal="s3.amazonaws.com"), lost)
    yield same("no dead letters", put(TARGET, rules, "findings", dead_letter_config=[]), lost)
    never = [{"maximum_event_age_in_seconds": 60, "maximum_retry_attempts": 0}]
    yield same("no retries", put(TARGET, rules, "findings", retry_policy=never), lost)
    yield same("queue closed", put("aws_sqs_queue_policy", rules, policy=NOBODY), lost)
    yield same("hide caller", hide(permission, function, "principal"), everywhere("undetermined", RESPONDS))


def of_hub(region: str, module: str) -> Iterator[Mutant]:
    hub = "aws_securityhub_account"
    off: dict[Cell, str] = {(HUB, region): "fail", (INTEGRATIONS, region): "fail"}
    if region == HOME:
        off[AGGREGATION, None] = "fail"  # an aggregator needs the hub of its region
    yield same(f"drop hub {region}", drop(hub, module), off)
    yield same(f"delete hub {region}", leave("delete", hub, module), off)
    yield same(f"forget hub {region}", leave("forget", hub, module), off)


def of_aggregator() -> Iterator[Mutant]:
    kind, cell = "aws_securityhub_finding_aggregator", (AGGREGATION, None)
    yield same("drop aggregator", drop(kind, ""), {cell: "fail"})
    yield same("delete aggregator", leave("delete", kind, ""), {cell: "fail"})
    some = put(kind, "", linking_mode="SPECIFIED_REGIONS", specified_regions=["us-east-1"])
    yield same("aggregator of another region", some, {cell: "fail"})
    yield same("hide mode", hide(kind, "", "linking_mode"), {cell: "undetermined"})


def of_recorder(region: str, module: str) -> Iterator[Mutant]:
    recorder, status = "aws_config_configuration_recorder", "aws_config_configuration_recorder_status"
    wrong: dict[Cell, str] = {(RECORDER, region): "fail"}
    yield same(f"drop recorder {region}", drop(recorder, f"{module}{recorder}."), wrong)
    yield same(f"never started {region}", drop(status, module), wrong)
    yield same(f"switched off {region}", put(status, module, is_enabled=False), wrong)
    few = [{"all_supported": False, "include_global_resource_types": False, "resource_types": ["AWS::EC2::VPC"]}]
    yield same(f"some kinds only {region}", put(recorder, f"{module}{recorder}.", recording_group=few), wrong)
    yield same(f"hide switch {region}", hide(status, module, "is_enabled"), {(RECORDER, region): "undetermined"})


@cache
def text(name: str) -> str:
    return (RESPONSE / f"{name}.json").read_text(encoding="utf-8")


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
