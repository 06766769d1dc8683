"""Workflow annotations: one command for each problem, and no command that a plan smuggles in."""

from __future__ import annotations

import re

import pytest

from guardline.validator.control import Status
from guardline.validator.model.resource import Origin
from guardline.validator.report import Report
from guardline.validator.reporters import render
from guardline.validator.reporters.problems import problems
from tests.support.realistic_report import errors_only, report, row, sample
from tests.validator.reporters.test_hostile import HOSTILE, poisoned

COMMAND = re.compile(r"::(error|warning|notice) (?:file=([^,:]*),line=(\d+),)?title=([^:]*)::(.*)")


def commands(found: Report) -> list[tuple[str, ...]]:
    text = render(found, "github")
    assert isinstance(text, str)
    *lines, last = text.split("\n")
    assert last.startswith("guardline: ")
    parsed = [COMMAND.fullmatch(line) for line in lines]
    return [match.groups() for match in parsed if match is not None] if all(parsed) else pytest.fail(text)


def test_one_for_each_problem() -> None:
    assert len(commands(sample())) == len(problems(sample()))


@pytest.mark.parametrize(
    ("control", "verdict", "kind"),
    [
        ("trail-multi-region", Status.FAIL, "error"),
        ("trail-multi-region", Status.UNDETERMINED, "warning"),
        ("vpc-inventory", Status.FAIL, "notice"),
    ],
)
def test_what_decides_the_exit_code_is_an_error(control: str, verdict: Status, kind: str) -> None:
    ((found, *_),) = commands(report(row(control, verdict, "so it is")))
    assert found == kind


def test_properties_escape_what_ends_them() -> None:
    where = (Origin("aws_vpc.x", "a,b:c%.tf", 7),)
    ((_, file, line, *_),) = commands(report(row("vpc-flow-logs", Status.FAIL, "none", evidence=where)))
    assert (file, line) == ("a%2Cb%3Ac%25.tf", "7")


def test_what_could_not_be_read_is_an_error_at_its_line() -> None:
    found = commands(errors_only())
    assert [kind for kind, *_ in found] == ["error", "error"]
    assert found[1][1:3] == ("network/main.tf", "7")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_stay_text(text: str) -> None:
    found = commands(poisoned(text))
    assert len(found) == len(problems(poisoned(text))) + 1


def test_a_name_cannot_begin_a_line() -> None:
    found = commands(report(row("vpc-flow-logs", Status.FAIL, "a\n::error::b", subject="x\n::set-output name=a::b")))
    assert len(found) == 1
