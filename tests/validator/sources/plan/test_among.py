"""Several references that do not agree are a set: undetermined for each of it, and for nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from guardline.validator.model.ec2 import FlowLog
from guardline.validator.run import Request, run
from guardline.validator.sources.plan.load import load
from tests.support.plans import Json, change, plan, refers, resource


def written(vpc_id: Json, *more: Json, **rest: Json) -> bytes:
    names = ("p", "q", "r")
    return plan(
        [
            *(change(f"aws_vpc.{name}", {}, {"id": True}) for name in names),
            change("aws_flow_log.f", {}, {"vpc_id": True}),
        ],
        [*(resource("aws_vpc", name) for name in names), resource("aws_flow_log", "f", vpc_id=vpc_id), *more],
        **rest,
    )


EITHER = refers("var.own", "aws_vpc.p.id", "aws_vpc.p", "aws_vpc.q.id", "aws_vpc.q")
OWN: Json = {"own": {"value": True}}


def among(vpc_id: Json, *more: Json, **rest: Json) -> frozenset[str] | None:
    (log,) = load(written(vpc_id, *more, **rest)).after.all(FlowLog)
    assert not log.resource.is_known
    return log.among


def test_the_set_is_of_all_that_the_references_lead_to() -> None:
    assert among(EITHER, variables=OWN) == frozenset({"aws_vpc.p", "aws_vpc.q"})


def test_it_is_not_told_where_one_reference_is_not() -> None:
    assert among(refers("local.own", "aws_vpc.p.id", "aws_vpc.p", "aws_vpc.q.id", "aws_vpc.q")) is None
    assert among({}) is None


def test_nor_where_one_is_a_collection_that_may_hold_any() -> None:
    held: Json = {"ids": {"value": {"a": "vpc-1"}}}
    assert among(refers("var.ids", "aws_vpc.p.id", "aws_vpc.p", "aws_vpc.q.id", "aws_vpc.q"), variables=held) is None


def test_what_is_not_of_the_set_has_no_log(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(written(EITHER, variables=OWN))
    request = Request((str(tmp_path / "plan.json"),), date(2026, 1, 31), controls=frozenset({"vpc-flow-logs"}))
    rows = run(request, datetime(2026, 1, 31, tzinfo=UTC)).rows
    assert {row.subject: row.verdict.value for row in rows} == {
        "aws_vpc.p": "undetermined",
        "aws_vpc.q": "undetermined",
        "aws_vpc.r": "fail",
    }
