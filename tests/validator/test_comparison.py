"""What is new and what is fixed: only what really changed, whatever was renamed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from typer.testing import CliRunner

from guardline.cli import app
from guardline.validator.comparison import compare
from guardline.validator.control import Status
from guardline.validator.report import Comparison, Report, Row
from guardline.validator.reporters import render
from tests.support.realistic_report import report, row

PASS, FAIL, UNSURE, GONE = Status.PASS, Status.FAIL, Status.UNDETERMINED, None


def vpc(verdict: Status, subject: str = "aws_vpc.a", **fields: Any) -> Row:
    return row("vpc-flow-logs", verdict, "so it is", region="eu-west-1", subject=subject, **fields)


def compared(before: list[Row], after: list[Row]) -> Comparison:
    found = compare(report(*after), report(*before), "old.json").comparison
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("before", "after", "new", "fixed"),
    [
        (PASS, FAIL, 1, 0),
        (PASS, UNSURE, 1, 0),
        (UNSURE, FAIL, 1, 0),
        (FAIL, UNSURE, 0, 0),
        (FAIL, FAIL, 0, 0),
        (UNSURE, UNSURE, 0, 0),
        (FAIL, PASS, 0, 1),
        (UNSURE, PASS, 0, 1),
        (FAIL, GONE, 0, 1),
        (PASS, GONE, 0, 0),
        (Status.WAIVED, FAIL, 1, 0),
    ],
)
def test_each_pair_of_verdicts(before: Status, after: Status | None, new: int, fixed: int) -> None:
    later = [vpc(after)] if after is not None else []
    found = compared([vpc(before), vpc(PASS, "aws_vpc.z")], [*later, vpc(PASS, "aws_vpc.z")])
    assert (len(found.new), len(found.fixed)) == (new, fixed)


@pytest.mark.parametrize("name", ["aws_vpc.renamed", "module.m.aws_vpc.a", "aws_vpc.a[0]", 'aws_vpc.a["k"]'])
def test_a_rename_or_a_move_makes_nothing_new(name: str) -> None:
    found = compared([vpc(FAIL)], [vpc(FAIL, name)])
    assert (found.new, found.fixed) == ((), ())


def instances(verdicts: str, address: str, first_id: int | None = None) -> list[Row]:
    """Instances of `count` in order; with AWS ids where the first one's number is given."""
    return [
        vpc(Status(verdict), address.format(n), subject_id=None if first_id is None else f"vpc-{n + first_id}")
        for n, verdict in enumerate(verdicts.split())
    ]


INDEXES = [
    ("pass fail", "fail", 0, 0),  # [0] went, and the faulty [1] is [0] now
    ("fail pass", "pass", 0, 1),  # the faulty [0] went
    ("fail pass pass", "pass pass", 0, 1),
    ("pass", "fail", 1, 0),  # as many as before: the same one, and worse
]


@pytest.mark.parametrize("address", ["aws_vpc.a[{}]", "module.m[{}].aws_vpc.a"])
@pytest.mark.parametrize(
    ("before", "after", "new", "fixed"), [*INDEXES, ("pass pass", "pass fail pass", 1, 0)]  # a faulty one came between
)  # fmt: skip
def test_other_indexes_are_not_new(before: str, after: str, new: int, fixed: int, address: str) -> None:
    found = compared(instances(before, address), instances(after, address))
    assert (len(found.new), len(found.fixed)) == (new, fixed)


def test_what_goes_with_its_fault_hides_no_other_resource() -> None:
    before = [*instances("fail pass", "aws_vpc.a[{}]"), vpc(PASS, 'aws_vpc.c["one"]')]
    found = compared(before, [*instances("pass", "aws_vpc.a[{}]"), vpc(FAIL, 'aws_vpc.c["two"]')])
    assert (found.new, len(found.fixed)) == ((vpc(FAIL, 'aws_vpc.c["two"]').id,), 1)


@pytest.mark.parametrize(("before", "after", "new", "fixed"), INDEXES)
def test_an_instance_is_the_same_by_its_aws_id(before: str, after: str, new: int, fixed: int) -> None:
    gone = len(before.split()) - len(after.split())
    found = compared(instances(before, "aws_vpc.a[{}]", 0), instances(after, "aws_vpc.a[{}]", gone))
    assert (len(found.new), len(found.fixed)) == (new, fixed)


def test_one_more_of_a_kind_is_new() -> None:
    found = compared([vpc(FAIL)], [vpc(FAIL), vpc(FAIL, "aws_vpc.b")])
    assert found.new == (vpc(FAIL, "aws_vpc.b").id,)


def test_a_region_that_is_asked_no_more_is_not_fixed() -> None:
    assert compared([row("detector-enabled", FAIL, "none", region="eu-west-1"), vpc(PASS)], [vpc(PASS)]).fixed == ()


def test_a_control_that_was_not_asked_before_is_newly_asked() -> None:
    now = row("trail-encrypted", FAIL, "no key")
    found = compared([vpc(PASS)], [vpc(PASS), now])
    assert (found.new, found.newly_asked) == ((), (now.id,))


def judged(before: list[Row], after: list[Row], *, only_new: bool) -> Report:
    now = report(*after)
    return compare(replace(now, options=replace(now.options, only_new=only_new)), report(*before), "old.json")


@pytest.mark.parametrize(
    ("after", "only_new", "code"),
    [(FAIL, False, 1), (FAIL, True, 0), (UNSURE, True, 0)],
)
def test_only_what_is_new_decides_the_exit_code(after: Status, only_new: bool, code: int) -> None:
    assert judged([vpc(FAIL)], [vpc(after)], only_new=only_new).exit_code == code


@pytest.mark.parametrize(("after", "code"), [(FAIL, 1), (UNSURE, 3), (PASS, 0)])
def test_what_is_new_decides_it(after: Status, code: int) -> None:
    assert judged([vpc(PASS)], [vpc(after)], only_new=True).exit_code == code


@pytest.mark.parametrize(("only_new", "listed"), [(True, 1), (False, 2)])
def test_annotations_list_only_what_is_new_where_only_that_counts(only_new: bool, listed: int) -> None:
    old = row("trail-encrypted", FAIL, "no key")
    found = render(judged([vpc(PASS), old], [vpc(FAIL), old], only_new=only_new), "github")
    assert isinstance(found, str)
    assert found.count("::error") == listed


def test_people_read_it_first() -> None:
    found = judged([vpc(PASS), vpc(FAIL, "aws_vpc.b")], [vpc(FAIL), vpc(PASS, "aws_vpc.b")], only_new=True)
    said = "1 new failure, 1 fixed"
    for name in ("terminal", "markdown", "github"):
        text = render(found, name)
        assert isinstance(text, str)
        assert said in text, name
    run = json.loads(render(found, "sarif"))["runs"][0]
    assert [result["baselineState"] for result in run["results"]] == ["new"]


def test_a_pull_request_that_deletes_a_detector_fails_with_it_and_the_mend_says_fixed(tmp_path: Path) -> None:
    provider = 'provider "aws" {\n  region = "eu-west-1"\n}\n'
    detector = 'resource "aws_guardduty_detector" "d" {\n  enable = true\n}\n'
    root, old = tmp_path / "main.tf", str(tmp_path / "old.json")
    only = ["--regions", "eu-west-1", "--control", "detector-enabled", "--whole"]
    root.write_text(provider + detector)
    first = CliRunner().invoke(app, ["validate", str(tmp_path), *only, f"--format=json={old}"])
    assert first.exit_code == 0, first.output
    root.write_text(provider)
    against = ["--against", old, "--only-new", "--format=github", f"--format=json={tmp_path / 'new.json'}"]
    broken = CliRunner().invoke(app, ["validate", str(tmp_path), *only, *against])
    assert broken.exit_code == 1
    assert [line.partition(" ")[0] for line in broken.output.splitlines()] == ["::error", "guardline:"]
    assert "main.tf" in broken.output
    same = CliRunner().invoke(app, ["diff", old, str(tmp_path / "new.json"), "--format=terminal"])
    assert (same.exit_code, "1 new failure, 0 fixed" in same.output) == (1, True)
    back = CliRunner().invoke(app, ["diff", str(tmp_path / "new.json"), old])
    assert (back.exit_code, "0 new failures, 1 fixed" in back.output) == (0, True)


def test_only_new_needs_something_to_compare_with(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["validate", str(tmp_path), "--only-new"])
    assert (done.exit_code, "--against" in done.output) == (2, True)
