"""The terminal report: within its width, honest in its folding, plain about what is lost."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace

from guardline.validator.control import Severity, Status
from guardline.validator.model.resource import Origin
from guardline.validator.report import Options, Report, Source
from guardline.validator.reporters.terminal import render
from tests.support.realistic_report import DEFAULT_REGIONS, errors_only, many_vpcs, report, row, sample

SGR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("given", [sample(), many_vpcs(200)], ids=["sample", "many VPCs"])
def test_no_line_is_wider_than_the_terminal(width: int, given: Report) -> None:
    for line in render(given, width).splitlines():
        assert len(line) <= width or len(line.split()) <= 2, line  # an address is never broken


def test_an_address_is_never_broken_so_that_it_can_be_copied() -> None:
    address = f"module.{'very_' * 12}long.aws_vpc.this"
    cell = row("vpc-flow-logs", Status.FAIL, "no flow log", region="eu-west-1", evidence=(Origin(address),))
    assert address in render(report(cell), 60)


@pytest.mark.parametrize("width", [80, 120])
def test_colour_changes_nothing_but_colour(width: int) -> None:
    coloured = render(sample(), width, colour=True)
    assert "\x1b[1;31m✗" in coloured
    assert SGR.sub("", coloured) == render(sample(), width)
    assert "\x1b" not in render(sample(), width)


def test_the_matrix_says_of_each_region_what_its_rows_say() -> None:
    only = [
        row("detector-enabled", Status.FAIL if name == "eu-west-1" else Status.PASS, "so it is", region=name)
        for name in DEFAULT_REGIONS
    ]
    lines = render(report(*only), 120).splitlines()
    assert [line.split() for line in lines if re.match(r"eu-west-1 +✗", line)] == [["eu-west-1", "✗"]]
    assert [line.split()[-1] for line in lines if "16 regions" in line and line.startswith("the other")] == ["✓"]


def test_a_region_that_lost_something_is_not_folded_with_one_that_never_had_it() -> None:
    cells = [
        row("detector-enabled", Status.FAIL, "no detector", region=name, regression=name == "eu-west-1")
        for name in DEFAULT_REGIONS
    ]
    text = render(report(*cells), 120)
    assert re.search(r"^eu-west-1 +✗!$", text, flags=re.MULTILINE)
    assert "! was covered before this change" in text
    assert "1 cell covered before this change will not be after it" in text


def test_five_thousand_rows_are_told_in_a_page() -> None:
    given = many_vpcs(5_000)
    text = render(given, 120)
    assert len(text.splitlines()) <= len(render(sample(), 120).splitlines()) + 30
    assert text.count("no flow log on the VPC") == 2  # in the first sentence, and in its one entry
    assert re.search(r"5,?\d{3} cells of 1 account, 17 regions", text)


def test_what_does_not_fit_is_counted() -> None:
    cells = [
        row(
            "vpc-flow-logs",
            Status.FAIL,
            f"fault number {n} of many",
            region="eu-west-1",
            subject=f"vpc-{n}",
            fix=f"{n}",
        )
        for n in range(50)
    ]
    text = render(report(*cells), 120)
    shown = len(re.findall(r"^✗ high", text, flags=re.MULTILINE))
    left = re.search(r"and (\d+) more, none graver", text)
    assert left
    assert shown + int(left[1]) == 50


def test_a_cause_names_place_fix_and_what_hangs_on_it() -> None:
    text = render(sample(), 200)
    entry = text[text.index("✗ critical") :].split("\n\n")[0]
    assert "regions.tf:84: no detector in eu-west-3" in entry
    assert "s3-protection" in entry
    assert entry.count("covered before this change") == 1
    assert "fix: Declare one `aws_guardduty_detector`" in entry


def test_what_is_outside_is_in_plain_sight() -> None:
    text = render(sample(), 200)
    for said in (
        "not-opted-in: af-south-1, ap-east-1",
        "excluded: me-south-1: denied by SCP, TICKET-7",
        "retiring: eu-south-1: mode forget",
        "not asked: practice 8 (Security Hub and one view): Security Hub is another team's",
        "what the configuration will build, not what runs",
        "143 cells of 1 account, 17 regions and 13 controls: 119 about whole regions",
        "17 derived cells beside them",
    ):
        assert said in text, said


def test_an_incomplete_source_and_an_unread_one_are_named() -> None:
    source = Source("plan", "p.json", "a" * 64, None, False, "design", "made with -target")
    assert "p.json; incomplete: made with -target" in render(replace(sample(), sources=(source,)))
    assert "not read: network/main.tf:7: expected `}`" in render(errors_only())


@pytest.mark.parametrize(
    ("verdict", "options", "says"),
    [
        (Status.PASS, Options(), "exit 0: nothing of severity medium or above fails or is undetermined"),
        (Status.FAIL, Options(), "exit 1: 1 cell of severity medium or above fails"),
        (Status.UNDETERMINED, Options(), "exit 3: nothing of severity medium or above fails, but 1 cell"),
        (Status.UNDETERMINED, Options(allow_undetermined=True), "exit 0: "),
        (Status.FAIL, Options(fail_on=Severity.CRITICAL), "exit 0: "),
    ],
)
def test_the_last_line_is_the_conclusion(verdict: Status, options: Options, says: str) -> None:
    only = report(row("s3-protection", verdict, "so it is", region="eu-west-1"), options=options)
    assert render(only).splitlines()[-1].startswith(says)


def test_a_report_without_rows_has_no_coverage() -> None:
    assert "coverage none (no cell could be judged)" in render(report())
