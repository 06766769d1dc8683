"""What was not asked, or not read, is neither fixed nor new, and the output says that it was not compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from guardline.cli import app
from guardline.validator.comparison import compare
from guardline.validator.control import Status
from guardline.validator.model.resource import Origin
from guardline.validator.report import UNCHANGED, Comparison, Row, Source, SourceError
from guardline.validator.reporters import render
from tests.support.realistic_report import report, row

PASS, FAIL, UNSURE = Status.PASS, Status.FAIL, Status.UNDETERMINED
ROOTS = ("roots/a", "roots/b")


def source(path: str, *, complete: bool = True) -> Source:
    return Source("hcl", path, 64 * "a", None, complete, "design")


def vpc(verdict: Status, file: str | None = "roots/a/main.tf", name: str = "aws_vpc.a", reason: str = "so") -> Row:
    evidence = (Origin(name, file, 1),) if file is not None else ()
    return row("vpc-flow-logs", verdict, reason, region="eu-west-1", subject=name, evidence=evidence)


def region(verdict: Status, file: str = "roots/a/main.tf", reason: str = "so") -> Row:
    evidence = (Origin("aws_guardduty_detector.d", file, 1),)
    return row("detector-enabled", verdict, reason, region="eu-west-1", evidence=evidence)


def compared(
    then: Sequence[Row],
    now: Sequence[Row],
    was: Sequence[str] = ROOTS,
    read: Sequence[str | Source] = ROOTS,
    **more: Any,
) -> Comparison:
    earlier = report(*then, sources=tuple(map(source, was)))
    sources = tuple(source(each) if isinstance(each, str) else each for each in read)
    found = compare(report(*now, sources=sources, **more), earlier, "old.json").comparison
    assert found is not None
    return found


def numbers(found: Comparison) -> tuple[int, int, int]:
    """How many cells are new, fixed and not compared."""
    return len(found.new), len(found.fixed), sum(each.cells for each in found.not_compared)


@pytest.mark.parametrize(
    ("controls", "expected", "why"),
    [
        (("detector-enabled",), (0, 0, 1), "their controls are not asked now: vpc-flow-logs"),
        (("detector-enabled", "vpc-flow-logs"), (0, 1, 0), ""),
        (None, (0, 0, 1), "their controls are not asked now: vpc-flow-logs"),  # of an earlier version: it is not known
    ],
)
def test_a_control_that_is_not_asked_now(controls: tuple[str, ...] | None, expected: tuple[int, ...], why: str) -> None:
    found = compared([vpc(FAIL), region(PASS)], [region(PASS)], controls=controls)
    assert numbers(found) == expected
    assert [each.why for each in found.not_compared] == ([why] if why else [])
    assert found.coverage_after == 1
    assert found.coverage_before == (0.5 if expected[1] else 1)
    assert [each.name for each in found.shares] == (["vpc-flow-logs", "eu-west-1"] if expected[1] else [])


@pytest.mark.parametrize(
    ("file", "read", "more", "expected"),
    [
        ("roots/b/main.tf", ROOTS, {}, (0, 1, 0)),  # its root is read: it is gone
        ("roots/b/main.tf", ROOTS[:1], {}, (0, 0, 1)),  # its root is not
        ("roots/a/main.tf", ROOTS[:1], {}, (0, 1, 0)),  # another one is not
        (None, ROOTS[:1], {}, (0, 0, 1)),  # nobody knows where it was
        ("roots/b/main.tf", ROOTS[:1], {"left_out": ROOTS[1:]}, (0, 0, 1)),
        ("roots/a/main.tf", ROOTS[:1], {"left_out": ROOTS[1:]}, (0, 1, 0)),
        ("roots/b/main.tf", ROOTS[:1], {"errors": [SourceError("roots/b", "no")]}, (0, 0, 1)),
        ("roots/b/main.tf", ROOTS, {"errors": [SourceError("roots/b", "no", "roots/b/x.tf", 1)]}, (0, 0, 1)),
        ("roots/a/main.tf", ROOTS, {"errors": [SourceError("roots/b", "no", "roots/b/x.tf", 1)]}, (0, 1, 0)),
        ("roots/b/main.tf", ("roots/a", source("roots/b", complete=False)), {}, (0, 0, 1)),
        ("roots/a/main.tf", ("roots/a", source("roots/b", complete=False)), {}, (0, 1, 0)),
        ("roots/b/main.tf", ("roots/a", "roots/c"), {}, (0, 0, 1)),
        ("roots/b/main.tf", ("new/a", "new/b"), {}, (0, 1, 0)),  # two others in the place of these
        ("roots/b/main.tf", ("new/a",), {}, (0, 0, 1)),
        ("roots/b/main.tf", (), {}, (0, 0, 1)),
    ],
)
def test_a_resource_is_gone_only_where_its_root_was_read(
    file: str | None, read: Sequence[str | Source], more: dict[str, Any], expected: tuple[int, ...]
) -> None:
    rest = [vpc(PASS, name="aws_vpc.z")] if read else []
    found = compared([vpc(FAIL, file), *rest], rest, read=read, **more)
    assert numbers(found) == expected
    assert all(each.open == 1 for each in found.not_compared)
    assert (found.coverage_before == found.coverage_after) == (not expected[1])


@pytest.mark.parametrize(
    ("file", "read", "expected"),
    [
        ("roots/b/main.tf", ROOTS, (0, 1, 0)),
        ("roots/b/main.tf", ROOTS[:1], (0, 0, 1)),
        ("roots/a/x.tf", ROOTS[:1], (0, 1, 0)),
    ],
)
def test_what_was_wrong_in_a_root_that_is_not_read_is_not_fixed_by_that(
    file: str, read: Sequence[str], expected: tuple[int, ...]
) -> None:
    assert numbers(compared([region(FAIL, file)], [region(PASS)], read=read)) == expected


def test_a_module_counts_for_the_root_that_calls_it() -> None:
    calls = Origin("module.m.aws_vpc.a", "modules/m/main.tf", 1, calls=(("roots/a/main.tf", 9),))
    then = row("vpc-flow-logs", FAIL, "so", region="eu-west-1", subject="module.m.aws_vpc.a", evidence=(calls,))
    rest = vpc(PASS, name="aws_vpc.z")
    assert numbers(compared([then, rest], [rest], read=ROOTS[:1])) == (0, 1, 0)
    assert numbers(compared([then, rest], [rest], read=ROOTS[1:])) == (0, 0, 1)


LEFT_OUT = f"no trail in what was read; roots/b: {UNCHANGED}"


@pytest.mark.parametrize(
    ("then", "file", "reason", "expected"),
    [
        (FAIL, "roots/b/main.tf", LEFT_OUT, (0, 0, 1)),
        (PASS, "roots/b/main.tf", LEFT_OUT, (0, 0, 1)),  # it holds there as before
        (PASS, "roots/a/main.tf", LEFT_OUT, (1, 0, 0)),  # what held it is read, and does no more
        (PASS, "roots/b/main.tf", "var.x is unknown", (1, 0, 0)),
        (FAIL, "roots/b/main.tf", "var.x is unknown", (0, 0, 0)),
    ],
)
def test_what_a_root_that_is_left_out_may_decide(
    then: Status, file: str, reason: str, expected: tuple[int, ...]
) -> None:
    now = region(UNSURE, reason=reason)
    assert numbers(compared([region(then, file)], [now], read=ROOTS[:1], left_out=ROOTS[1:])) == expected


@pytest.mark.parametrize(("reason", "expected"), [(LEFT_OUT, (0, 0, 1)), ("var.x is unknown", (0, 1, 0))])
def test_what_was_left_out_then_is_not_fixed_by_reading_it(reason: str, expected: tuple[int, ...]) -> None:
    assert numbers(compared([region(UNSURE, reason=reason)], [region(PASS)], was=ROOTS[:1])) == expected
    assert numbers(compared([region(UNSURE, reason=reason)], [region(FAIL)], was=ROOTS[:1])) == (1, 0, 0)


@pytest.mark.parametrize(("reason", "expected"), [(LEFT_OUT, (0, 0, 1)), ("var.x is unknown", (1, 0, 0))])
def test_a_cell_that_only_a_root_that_is_left_out_makes(reason: str, expected: tuple[int, ...]) -> None:
    found = compared([vpc(PASS)], [vpc(PASS), region(UNSURE, reason=reason)], read=ROOTS[:1], left_out=ROOTS[1:])
    assert numbers(found) == (0, 0, 0)  # of a control that the earlier run did not ask
    was = row("detector-enabled", PASS, "so", region="us-east-1")
    found = compared([was], [was, region(UNSURE, reason=reason)], read=ROOTS[:1], left_out=ROOTS[1:])
    assert numbers(found) == expected


def test_what_is_not_read_was_not_renamed() -> None:
    """Else the fault of a root that is not read would hide a new one of its kind."""
    then, now = vpc(FAIL, "roots/b/main.tf", "aws_vpc.b"), vpc(FAIL, "roots/a/main.tf", "aws_vpc.new")
    assert numbers(compared([then], [now])) == (0, 0, 0)
    assert numbers(compared([then], [now], read=ROOTS[:1])) == (1, 0, 1)


def test_what_fails_is_new_whatever_is_not_read() -> None:
    """A change that takes a root away takes what it held away."""
    assert numbers(compared([region(PASS, "roots/b/main.tf")], [region(FAIL)], read=ROOTS[:1])) == (1, 0, 0)


def test_what_this_kind_of_source_cannot_tell() -> None:
    found = compared([vpc(FAIL), region(PASS)], [vpc(Status.NOT_ASSESSED), region(PASS)])
    assert (numbers(found), found.not_compared[0].why) == ((0, 0, 1), "this kind of source cannot tell")


def test_every_format_for_people_says_it() -> None:
    earlier = report(vpc(FAIL), vpc(PASS, name="aws_vpc.b"), region(PASS))
    now = compare(report(region(PASS), controls=("detector-enabled",)), earlier, "old.json")
    for name in ("terminal", "markdown", "github"):
        text = render(now, name)
        assert isinstance(text, str)
        assert "0 new failures, 0 fixed, 2 cells not compared; coverage 100 % → 100 %" in text, name
    for name in ("terminal", "markdown"):
        said = str(render(now, name)).replace("&#58;", ":")
        assert "2 cells, of which 1 failed or could not be determined: their controls are not asked now" in said, name
    found = json.loads(render(now, "json"))["comparison"]
    why = "their controls are not asked now: vpc-flow-logs"
    assert found["not_compared"] == [{"why": why, "cells": 2, "open": 1}]


# --- through the command ----------------------------------------------------------------------------------------

PROVIDER = 'provider "aws" {\n  region              = "eu-west-1"\n  allowed_account_ids = ["%s"]\n}\n'
VPC = 'resource "aws_vpc" "it" {\n  cidr_block = "10.0.0.0/16"\n}\n'
ONLY = ("--regions", "eu-west-1", "--no-cache", "--control", "vpc-flow-logs", "--allow-undetermined")


def run(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(app, ["validate", *arguments, *ONLY, "--format=json"])
    assert done.stdout, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The result of two roots of one account, each with a VPC without flow logs."""
    monkeypatch.chdir(tmp_path)
    for name in ROOTS:
        Path(name).mkdir(parents=True)
        Path(name, "main.tf").write_text(PROVIDER % "111111111111" + VPC)
    Path("old.json").write_text(json.dumps(run(*ROOTS, "--whole")))
    return "old.json"


def test_a_root_that_is_not_named_is_not_fixed(old: str) -> None:
    found = run(ROOTS[0], "--whole", "--against", old)["comparison"]
    assert (found["fixed"], found["new"]) == ([], [])
    assert found["not_compared"] == [{"why": "roots/b is not read now", "cells": 1, "open": 1}]
    Path("roots/b/main.tf").write_text(PROVIDER % "111111111111")
    found = run(*ROOTS, "--whole", "--against", old)["comparison"]
    assert (len(found["fixed"]), found["not_compared"]) == (1, [])


def test_a_file_that_cannot_be_read_fixes_nothing(old: str) -> None:
    Path("roots/b/main.tf").write_text(PROVIDER % "111111111111" + "resource {")
    found = run(*ROOTS, "--whole", "--against", old)["comparison"]
    assert (found["fixed"], found["new"]) == ([], [])


def test_another_control_fixes_nothing(old: str) -> None:
    found = run(*ROOTS, "--whole", "--against", old, "--control", "detector-enabled")["comparison"]
    assert found["not_compared"] == []
    arguments = [each.replace("vpc-flow-logs", "detector-enabled") for each in ONLY]
    done = CliRunner().invoke(app, ["validate", *ROOTS, "--whole", *arguments, "--against", old, "--format=json"])
    found = json.loads(done.stdout)["comparison"]
    assert (found["fixed"], found["not_compared"][0]["cells"]) == ([], 2)
