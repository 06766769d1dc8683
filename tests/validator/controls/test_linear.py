"""Asking every cell is linear in the size of the estate. Counted in the estate's own work, so no clock is involved."""

from __future__ import annotations

import sys
from types import FrameType

import pytest
from msgspec.structs import replace

from guardline.validator.control import Control
from guardline.validator.controls import CATALOGUE
from guardline.validator.evaluate import evaluate
from guardline.validator.expectations.scope import Requirements, Scope
from guardline.validator.model.deployments import Deployment
from guardline.validator.model.ec2 import FlowLog
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import Account, Origin, Ref
from guardline.validator.model.value import Value, known, unknown
from tests.support.estates import (
    EU,
    US,
    detector,
    estate,
    flow_log,
    inventory,
    ip_list,
    location,
    scope,
    subnet,
    trail,
    vpc,
)
from tests.support.estates_events import (
    allows,
    function,
    key,
    key_policy,
    permission,
    queue,
    queue_policy,
    recorder,
    recorder_status,
    rule,
    subscription,
    target,
    topic,
    topic_policy,
)

WITHIN = scope(EU, US, asked=Requirements(flow_log_scope="subnets"))


def covered(size: int) -> Estate:
    """VPCs, each with its flow log."""
    pairs = (resource for i in range(size) for resource in (vpc(f"v{i}"), flow_log(f"aws_vpc.v{i}", f"f{i}")))
    return estate(detector(), inventory(), ip_list(), trail(), *pairs)


def unresolved(size: int) -> Estate:
    """VPCs, and as many flow logs on who knows what."""
    lost: Value[Ref] = unknown("behind a local")
    return estate(*(resource for i in range(size) for resource in (vpc(f"v{i}"), flow_log(lost, f"f{i}"))))


def by_subnets(size: int) -> Estate:
    """VPCs, each with a subnet that has a flow log."""
    return estate(
        *(
            resource
            for i in range(size)
            for resource in (
                vpc(f"v{i}"),
                subnet(f"s{i}", Ref(address=f"aws_vpc.v{i}")),
                flow_log(f"aws_subnet.s{i}", f"f{i}", kind="subnet"),
            )
        )
    )


def alerting(size: int) -> tuple[Estate, tuple[Account, ...]]:
    """Accounts that each alert people, and start a function, by resources of their own."""
    accounts = tuple(Account(f"{100000000000 + i}", f"{100000000000 + i}") for i in range(size))
    resources = [
        replace(one, location=location(US, account))
        for i, account in enumerate(accounts)
        for one in (
            rule(name=f"r{i}"),
            target(f"aws_sns_topic.t{i}_us_east_1", name=f"a{i}", of=f"r{i}", queue=f"q{i}"),
            target(f"aws_lambda_function.f{i}_us_east_1", name=f"b{i}", of=f"r{i}", queue=f"q{i}"),
            topic(name=f"t{i}", key=f"k{i}"),
            key(name=f"k{i}", policy=""),
            key_policy(of=f"k{i}", policy=allows("kms:*")),
            topic_policy(of=f"t{i}"),
            subscription(of=f"t{i}"),
            function(name=f"f{i}"),
            permission(of=f"f{i}", source=f"r{i}"),
            queue(name=f"q{i}"),
            queue_policy(of=f"q{i}"),
            recorder(),
            recorder_status(),
        )
    ]
    return replace(estate(*resources), accounts=accounts), accounts


ALERTING = tuple(one for one in CATALOGUE if one.id in ("finding-alert", "finding-response", "config-recorder"))


def test_eight_times_the_accounts_take_about_eight_times_the_calls() -> None:
    taken = []
    for size in (10, 80):
        found, accounts = alerting(size)
        within = scope(US, accounts=accounts)
        assert "fail" not in {
            row.verdict.value for row in evaluate(found, None, within, ALERTING[:2], frozenset({"plan"}))
        }
        taken.append(calls(replace(found), within, ALERTING))  # a new estate has no index yet
    assert taken[1] < 8.8 * taken[0]


def deployed(size: int) -> Estate:
    """VPCs without flow logs, and as many stacks of another region that may make some."""
    stacks = (
        Deployment(
            vpc(f"s{i}").location, Origin(f"aws_cloudformation_stack.s{i}"), frozenset(), True,
            by="a stack", makes=frozenset({FlowLog}), accounts=known(None), regions=known(frozenset({"ap-south-1"})),
        )
        for i in range(size)
    )  # fmt: skip
    return estate(*(vpc(f"v{i}") for i in range(size)), *stacks)


def calls(found: Estate, within: Scope = WITHIN, controls: tuple[Control, ...] = CATALOGUE) -> int:
    """How many Python calls judging takes: deterministic, unlike time."""
    count = 0

    def counting(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counting)
    try:
        evaluate(found, None, within, controls, frozenset({"plan"}))
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("build", [covered, unresolved, by_subnets, deployed])
def test_eight_times_the_things_take_about_eight_times_the_calls(build) -> None:  # type: ignore[no-untyped-def]  # see the mark
    small, large = calls(build(100)), calls(build(800))
    assert large < 8.8 * small
