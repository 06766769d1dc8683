"""One problem for each cause: its fingerprint stays when only names of places change, and no cell is lost."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from guardline.validator.control import Status
from guardline.validator.model.resource import Origin
from guardline.validator.report import Row
from guardline.validator.reporters.problems import LONGEST, Problem, problems
from tests.support.realistic_report import report, row, sample

HERE = (Origin("aws_vpc.a[0]", "main.tf", 7, calls=(("root.tf", 3),)),)


def only(*rows: Row) -> Problem:
    (found,) = problems(report(*rows))
    return found


def flow_log(**fields: Any) -> Row:
    given = {"region": "eu-west-1", "subject": "aws_vpc.a[0]", "evidence": HERE, **fields}
    return row("vpc-flow-logs", Status.FAIL, "no flow log on the VPC", **given)


def test_every_root_cause_is_one_problem() -> None:
    found = problems(sample())
    assert found
    assert len({problem.fingerprint for problem in found}) == len(found)
    assert [problem.undetermined for problem in found] == sorted(problem.undetermined for problem in found)


def test_the_line_comes_first_and_then_the_calls() -> None:
    assert [(place.file, place.line) for place in only(flow_log()).places] == [("main.tf", 7), ("root.tf", 3)]


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": "aws_vpc.a[1]"},
        {"evidence": (Origin("aws_vpc.a[0]", "moved.tf", 90),)},
        {"reason": "no flow log on the VPC any more"},
    ],
    ids=["another index", "another line", "other words"],
)
def test_what_only_moves_keeps_its_fingerprint(fields: dict[str, Any]) -> None:
    words = fields.pop("reason", "no flow log on the VPC")
    moved = row("vpc-flow-logs", Status.FAIL, words, **{"region": "eu-west-1", "subject": "aws_vpc.a[0]", **fields})
    assert only(moved).fingerprint == only(flow_log()).fingerprint


@pytest.mark.parametrize(
    "fields", [{"subject": "aws_vpc.b"}, {"region": "eu-west-2"}, {"account": "999988887777"}], ids=str
)
def test_another_subject_region_or_account_is_another_problem(fields: dict[str, Any]) -> None:
    assert only(flow_log(**fields)).fingerprint != only(flow_log()).fingerprint


def test_two_faults_of_instances_are_two_problems_in_whatever_order() -> None:
    bare = flow_log(subject="aws_vpc.a[1]")
    partial = row(
        "vpc-flow-logs", Status.FAIL, "REJECT only", region="eu-west-1", subject="aws_vpc.a[0]", evidence=HERE
    )
    found = {problem.message: problem.fingerprint for problem in problems(report(bare, partial))}
    assert len(set(found.values())) == 2
    assert only(bare).fingerprint in found.values()
    swapped = (flow_log(subject="aws_vpc.a[0]"), replace(partial, subject="aws_vpc.a[1]"))
    assert {problem.message: problem.fingerprint for problem in problems(report(*swapped))} == found


def test_texts_are_one_printable_line_of_bounded_length() -> None:
    found = only(row("vpc-flow-logs", Status.FAIL, "a\n::error::\x1b[2J" + "x" * 20_000, region="eu-west-1"))
    assert found.message.isprintable()
    assert len(found.message) <= LONGEST
