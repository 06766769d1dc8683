# mypy: disable-error-code="no-untyped-def"
# Parameters come from the marks above each test, which is where their types are plain to see.
"""vpc-flow-logs and vpc-inventory."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from guardline.validator.expectations.scope import Requirements, Scope
from guardline.validator.model.ec2 import FlowLog, Subnet, VpcInventory
from guardline.validator.model.estate import Estate
from guardline.validator.model.resource import NOBODY, Account, Origin, Ref, Resource
from tests.support.estates import (
    EU,
    OURS,
    PENDING,
    THEIRS,
    US,
    detector,
    estate,
    flow_log,
    inventory,
    judged,
    scope,
    subnet,
    verdicts,
    vpc,
)
from tests.support.judging import verdicts as from_source

V = "aws_vpc.v"
BY_SUBNETS = scope(US, asked=Requirements(flow_log_scope="subnets"))
COVERING = inventory("vpc-1", region=US)


@pytest.mark.parametrize(
    ("logs", "verdict", "reason"),
    [
        ((flow_log(V),), "pass", "a flow log on the VPC records ALL traffic"),
        ((flow_log("vpc-1"),), "pass", "a flow log on the VPC records ALL traffic"),
        ((), "fail", "no flow log on the VPC"),
        ((flow_log("aws_vpc.w"),), "fail", "no flow log on the VPC"),
        ((flow_log(V, traffic="REJECT"),), "fail", "the flow log records REJECT traffic only, not ALL"),
        ((flow_log(V, traffic="ACCEPT"),), "fail", "the flow log records ACCEPT traffic only, not ALL"),
        (
            (flow_log(V, traffic="ACCEPT"), flow_log(V, "g", traffic="REJECT")),
            "pass",
            "a flow log on the VPC records ALL traffic, an ACCEPT and a REJECT log together",
        ),
        ((flow_log(V, traffic="REJECT"), flow_log(V, "g")), "pass", "a flow log on the VPC records ALL traffic"),
        ((flow_log(V, traffic=PENDING),), "undetermined", "the flow log's traffic type: known only after apply"),
        ((flow_log(V, traffic=PENDING), flow_log(V, "g")), "pass", "a flow log"),
        ((flow_log(PENDING),), "undetermined", "aws_flow_log.f may watch it: known only after apply"),
        ((flow_log(PENDING), flow_log(V, "g")), "pass", "a flow log"),
        (
            (flow_log(PENDING), flow_log(V, "g", traffic="REJECT")),
            "fail",
            "the flow log records REJECT traffic only, not ALL; aws_flow_log.f may watch it",
        ),
        ((flow_log(PENDING, kind="subnet"),), "fail", "no flow log on the VPC"),
        ((flow_log(PENDING, region=EU),), "fail", "no flow log on the VPC"),
        ((flow_log(PENDING, region=PENDING),), "undetermined", "aws_flow_log.f may watch it"),
        ((flow_log(V, kind="subnet"),), "fail", "no flow log on the VPC"),
        ((flow_log(V, region=EU),), "fail", "the flow log on the VPC is planned for eu-west-1, where AWS does not"),
        ((flow_log(V, region=EU, traffic="REJECT"),), "fail", "the flow log records REJECT traffic only, not ALL, and"),
        ((flow_log(V, region=EU), flow_log(V, "g")), "pass", "a flow log on the VPC records ALL traffic"),
        ((flow_log(V, account=THEIRS),), "fail", "the flow log on the VPC is planned for account 444455556666"),
        ((detector(),), "fail", "no flow log on the VPC"),
    ],
)
def test_a_vpc(logs: tuple[FlowLog, ...], verdict: str, reason: str) -> None:
    (row,) = judged("vpc-flow-logs", estate(vpc(id="vpc-1"), *logs), scope(US))
    assert (row.subject, row.subject_id, row.verdict) == (V, "vpc-1", verdict)
    assert row.reason.startswith(reason)


def test_absence_is_not_claimed_from_an_incomplete_source() -> None:
    assert verdicts("vpc-flow-logs", estate(vpc(), incomplete="-target"), scope(US)) == {
        V: "undetermined", US: "undetermined",
    }  # fmt: skip
    assert verdicts("vpc-flow-logs", estate(vpc(), missing={FlowLog: "x"}), scope(US)) == {V: "undetermined"}


@pytest.mark.parametrize(
    ("asked", "have", "verdict"),
    [("REJECT", "REJECT", "pass"), ("REJECT", "ALL", "pass"), ("REJECT", "ACCEPT", "fail"), ("ALL", "REJECT", "fail")],
)
def test_the_traffic_asked_for(asked: str, have: str, verdict: str) -> None:
    found = estate(vpc(id="vpc-1"), COVERING, flow_log(V, traffic=have))
    assert verdicts("vpc-flow-logs", found, scope(US, asked=Requirements(traffic=asked))) == {V: verdict}


class TestSubnets:
    """Logs on the subnets instead of on the VPC."""

    SUBNETS = (subnet("a", Ref(address=V)), subnet("b", Ref(id="vpc-1")))
    BOTH = (flow_log("aws_subnet.a", "fa", kind="subnet"), flow_log("aws_subnet.b", "fb", kind="subnet"))

    def verdict(
        self, *resources: Resource, within: Scope = BY_SUBNETS, missing: dict[type[Resource], str] | None = None
    ) -> tuple[str, str]:
        (row,) = judged("vpc-flow-logs", estate(vpc(id="vpc-1"), COVERING, *resources, missing=missing), within)
        return row.verdict.value, row.reason.partition(":")[0]

    def test_all_subnets_pass_only_when_asked(self) -> None:
        assert self.verdict(*self.SUBNETS, *self.BOTH)[0] == "pass"
        assert self.verdict(*self.SUBNETS, *self.BOTH, within=scope(US)) == ("fail", "partial")

    def test_one_subnet_is_partial(self) -> None:
        assert self.verdict(*self.SUBNETS, self.BOTH[0]) == ("fail", "partial")

    def test_a_subnet_with_part_of_the_traffic_is_partial(self) -> None:
        half = flow_log("aws_subnet.b", "fb", kind="subnet", traffic="REJECT")
        assert self.verdict(*self.SUBNETS, self.BOTH[0], half) == ("fail", "partial")

    def test_a_log_on_some_subnet(self) -> None:
        assert self.verdict(*self.SUBNETS, self.BOTH[0], flow_log(PENDING, kind="subnet"))[0] == "undetermined"

    def test_a_subnet_of_some_vpc(self) -> None:
        assert self.verdict(*self.SUBNETS, *self.BOTH, subnet("c", PENDING))[0] == "undetermined"

    def test_subnets_that_could_not_be_read(self) -> None:
        assert self.verdict(*self.SUBNETS, *self.BOTH, missing={Subnet: "x"})[0] == "undetermined"

    def test_no_subnets_at_all(self) -> None:
        assert self.verdict() == ("fail", "no flow log on the VPC")

    def test_a_log_on_the_vpc_still_does(self) -> None:
        assert self.verdict(*self.SUBNETS, flow_log(V))[0] == "pass"


class TestSubjects:
    """Which VPCs are asked about, and under what name."""

    def test_an_address_and_an_id_are_one_subject(self) -> None:
        found = estate(vpc(id="vpc-1"), vpc("looked", id="vpc-1", managed=False), inventory("vpc-1"), flow_log("vpc-1"))
        rows = judged("vpc-flow-logs", found, scope(US))
        assert [(row.subject, row.subject_id, row.verdict.value) for row in rows] == [(V, "vpc-1", "pass")]

    def test_a_listed_id_is_a_subject(self) -> None:
        found = estate(inventory("vpc-1", "vpc-2"), flow_log("vpc-1"))
        assert verdicts("vpc-flow-logs", found, scope(US)) == {"vpc-1": "pass", "vpc-2": "fail"}

    def test_the_subject_is_the_address_without_its_root(self) -> None:
        found = estate(replace(vpc(id="vpc-1"), names=frozenset({"prod:aws_vpc.v", "vpc-1"})), flow_log("vpc-1"))
        assert verdicts("vpc-flow-logs", found, scope(US)) == {V: "pass"}

    def test_a_live_vpc_goes_by_its_id(self) -> None:
        live = vpc(id="vpc-1", managed=False)
        arn = "arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1"
        found = estate(replace(live, names=frozenset({arn, "vpc-1"}), origin=Origin(arn)))
        assert verdicts("vpc-flow-logs", found, scope(US)) == {"vpc-1": "fail"}

    def test_a_listing_that_may_hold_shared_vpcs(self) -> None:
        found = estate(inventory("vpc-1", "vpc-2", every_own=False), flow_log("vpc-1"))
        assert verdicts("vpc-flow-logs", found, scope(US)) == {"vpc-1": "pass", "vpc-2": "undetermined"}

    def test_a_shared_vpc_is_its_owners(self) -> None:
        found = estate(vpc("s", id="vpc-9", managed=False, owner=THEIRS.id), vpc("o", managed=False, owner=OURS.id))
        assert verdicts("vpc-flow-logs", found, scope(US)) == {
            "data.aws_vpc.s": "not-applicable",
            "data.aws_vpc.o": "fail",
        }

    def test_regions_that_are_not_expected_are_not_asked(self) -> None:
        assert verdicts("vpc-flow-logs", estate(vpc(region=EU)), scope(US)) == {}

    def test_a_vpc_of_unknown_region_is_asked_nevertheless(self) -> None:
        (row,) = judged("vpc-flow-logs", estate(vpc(region=PENDING)), scope(US, EU))
        assert (row.region, row.subject, row.verdict.value) == (None, V, "fail")
        (row,) = judged("vpc-flow-logs", estate(vpc(region=PENDING), flow_log(V, region=PENDING)), scope(US, EU))
        assert row.verdict == "pass"
        (row,) = judged("vpc-flow-logs", estate(vpc(region=PENDING), flow_log(V)), scope(US, EU))
        assert row.verdict == "undetermined"

    def test_two_instances_are_two_subjects(self) -> None:
        found = estate(vpc('many["a"]'), vpc('many["b.c"]'), flow_log('aws_vpc.many["b.c"]'))
        assert verdicts("vpc-flow-logs", found, scope(US)) == {
            'aws_vpc.many["a"]': "fail",
            'aws_vpc.many["b.c"]': "pass",
        }


class TestUnseenVpcs:
    """Under a spec, VPCs that nothing shows are not taken for covered."""

    SPEC = scope(EU, US, asked=Requirements())

    def test_each_region_without_a_listing_has_one_more_cell(self) -> None:
        found = estate(vpc(), flow_log(V), inventory(region=EU))
        rows = judged("vpc-flow-logs", found, self.SPEC)
        assert [(row.region, row.subject, row.verdict.value) for row in rows] == [
            (US, None, "undetermined"),
            (US, V, "pass"),
        ]

    def test_without_a_spec_there_is_none(self) -> None:
        assert judged("vpc-flow-logs", estate(), scope(US)) == ()

    @pytest.mark.parametrize("every_own", [False, PENDING])
    def test_a_narrow_listing_is_no_proof(self, every_own) -> None:
        rows = judged("vpc-flow-logs", estate(inventory(every_own=every_own)), scope(US, asked=Requirements()))
        assert [row.verdict for row in rows] == ["undetermined"]

    def test_a_listing_whose_ids_are_unknown(self) -> None:
        (row,) = judged("vpc-flow-logs", estate(inventory(listed=PENDING)), scope(US))
        assert row.verdict == "undetermined"
        assert "known only after apply" in row.reason


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        ((inventory(),), "pass"),
        ((inventory("vpc-1"),), "pass"),
        ((inventory(listed=PENDING),), "pass"),
        ((inventory(every_own=False),), "fail"),
        ((inventory(every_own=PENDING),), "undetermined"),
        ((inventory(every_own=False), inventory(every_own=True)), "pass"),
        ((inventory(region=PENDING),), "undetermined"),
        ((inventory(region=EU),), "fail"),
        ((vpc(), flow_log(V)), "fail"),
        ((), "fail"),
    ],
)
def test_inventory(resources, verdict) -> None:
    assert verdicts("vpc-inventory", estate(*resources), scope(US)) == {US: verdict}


def test_inventory_is_not_missed_in_an_incomplete_source() -> None:
    assert verdicts("vpc-inventory", estate(incomplete="x"), scope(US)) == {US: "undetermined"}
    assert verdicts("vpc-inventory", estate(missing={VpcInventory: "x"}), scope(US)) == {US: "undetermined"}


ROOT = """
provider "aws" {
  region = "us-east-1"
}
"""
DECLARED = 'resource "aws_vpc" "v" {\n  cidr_block = "10.0.0.0/16"\n}\n'


def logged(vpc_id: str, more: str = 'traffic_type = "ALL"') -> str:
    return f'resource "aws_flow_log" "f" {{\n  vpc_id = {vpc_id}\n  {more}\n}}\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DECLARED + logged("aws_vpc.v.id"), {"aws_vpc.v": "pass"}),
        (DECLARED + logged("aws_vpc.v.id", ""), {"aws_vpc.v": "undetermined"}),
        (DECLARED + logged("aws_vpc.v.id", "traffic_type = null"), {"aws_vpc.v": "undetermined"}),
        (DECLARED + logged("aws_vpc.v.id", "traffic_type = var.x"), {"aws_vpc.v": "undetermined"}),
        (DECLARED + 'data "aws_vpc" "again" {\n  id = aws_vpc.v.id\n}\n', {"aws_vpc.v": "fail"}),
        (
            DECLARED + 'data "aws_vpc" "again" {\n  id = aws_vpc.v.id\n}\n' + logged("data.aws_vpc.again.id"),
            {"aws_vpc.v": "pass"},
        ),
        (
            DECLARED
            + 'data "aws_vpc" "again" {\n  filter {\n    name = "vpc-id"\n    values = [aws_vpc.v.id]\n  }\n}\n',
            {"aws_vpc.v": "fail"},
        ),
        ('data "aws_vpc" "d" {\n  default = true\n}\n', {"data.aws_vpc.d": "fail"}),
        ('data "aws_vpc" "d" {\n  default = true\n}\n' + logged("data.aws_vpc.d.id"), {"data.aws_vpc.d": "pass"}),
        (
            'data "aws_vpc" "d" {\n  filter {\n    name = "is-default"\n    values = ["true"]\n  }\n}\n',
            {"data.aws_vpc.d": "fail"},
        ),
        ('data "aws_vpc" "s" {\n  tags = { Name = "main" }\n}\n', {"data.aws_vpc.s": "undetermined"}),
    ],
)
def test_from_source(text: str, expected: dict[str | None, str], tmp_path: Path) -> None:
    assert from_source("vpc-flow-logs", tmp_path, ROOT + text + 'variable "x" {}\n') == expected


@pytest.mark.parametrize(
    ("account", "owner", "expected"),
    [
        (OURS, OURS.id, "fail"),
        (OURS, "999999999999", "not-applicable"),
        (OURS, PENDING, "undetermined"),
        (NOBODY, "999999999999", "undetermined"),
        (NOBODY, None, "fail"),
    ],
)
def test_a_vpc_that_is_only_read_may_be_another_accounts(account: Account, owner: object, expected: str) -> None:
    read = vpc("shared", id="vpc-1", owner=owner, managed=False, account=account)
    found = Estate("aws", (read,), (account,))
    assert verdicts("vpc-flow-logs", found, scope(US, accounts=(account,))) == {"data.aws_vpc.shared": expected}
