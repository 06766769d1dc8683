"""Every format says the same of every cell, and the numbers within one report agree with each other."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest

from guardline.validator.control import Status
from guardline.validator.report import Report, Row
from guardline.validator.reporters import render, summary
from guardline.validator.reporters.causes import causes
from guardline.validator.reporters.left_out import outside_the_list
from tests.support.many_accounts import organization
from tests.support.realistic_report import many_vpcs, sample
from tests.support.situations import SITUATIONS
from tests.validator.reporters.test_html import Page

Key = tuple[str, str | None, str | None, str | None]
"""Control, account, region and subject."""

REPORTS: dict[str, Callable[[Path], Report]] = {
    "sample": lambda _: sample(),
    "vpcs": lambda _: many_vpcs(60),
    "organization": lambda _: organization(4, 9),
    **SITUATIONS,
}


@pytest.fixture(scope="module", params=REPORTS)
def report(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Report:
    return REPORTS[request.param](tmp_path_factory.mktemp("report"))


def text_of(report: Report, name: str, **options: object) -> str:
    text = render(report, name, **options)
    assert isinstance(text, str)
    return text


def key(row: Row) -> Key:
    return row.control, row.account, row.region, row.subject


def verdicts(report: Report) -> dict[str, str]:
    return {row.id: str(row.verdict) for row in report.rows}


# -- cell by cell ---------------------------------------------------------------------------------------------------


def test_json_has_every_cell(report: Report) -> None:
    cells = json.loads(text_of(report, "json"))["cells"]
    assert {cell["id"]: cell["verdict"] for cell in cells} == verdicts(report)


def test_ocsf_has_every_cell_and_unknown_is_never_a_pass(report: Report) -> None:
    found = [json.loads(line) for line in text_of(report, "ocsf").splitlines()]
    said = {each["finding_info"]["uid"]: each["unmapped"]["guardline"]["verdict"] for each in found}
    assert said == verdicts(report)
    passed = {each["finding_info"]["uid"] for each in found if each["compliance"]["status_id"] == 1}
    assert passed <= {row.id for row in report.rows if row.verdict is Status.PASS}


def test_junit_has_every_cell(report: Report) -> None:
    suites = ET.fromstring(text_of(report, "junit")).iter("testcase")  # noqa: S314 - our own text
    kinds = {"failure": "fail", "error": "undetermined"}
    found = Counter(next((kinds.get(part.tag, "") for part in case if part.tag in kinds), "other") for case in suites)
    wanted = Counter(
        str(row.verdict) if row.verdict in (Status.FAIL, Status.UNDETERMINED) else "other" for row in report.rows
    )
    assert (found["fail"], found["undetermined"]) == (wanted["fail"], wanted["undetermined"])
    assert sum(found.values()) == len(report.rows)


def test_html_has_every_cell_under_its_control_with_its_verdict(report: Report) -> None:
    text = text_of(report, "html")
    found: Counter[tuple[str, str]] = Counter()
    for section in text.split('<details class="control">')[1:]:
        (control,) = re.findall(r"<strong>([a-z0-9-]+)</strong>", section.partition("</summary>")[0])
        for verdict, cells in re.findall(
            r'data-verdict="([a-z-]+)" data-cells="(\d+)"', section.partition("</tbody>")[0]
        ):
            found[control, verdict] += int(cells)
    assert found == Counter((row.control, str(row.verdict)) for row in report.rows)


def test_a_square_of_the_page_leads_to_a_cell_of_its_verdict(report: Report) -> None:
    text = text_of(report, "html")
    rows = dict(re.findall(r'<tr id="r-([0-9a-f]+)" data-verdict="([a-z-]+)"', text))
    squares = re.findall(r'<td class="([a-z-]+)(?: was-covered)?"><a href="#r-([0-9a-f]+)"', text)
    assert all(rows[target] == verdict for verdict, target in squares)
    regional = {(row.control, row.region) for row in report.rows if row.region is not None}
    assert bool(squares) == bool(regional)


def test_markdown_lists_every_cell_that_does_not_pass(report: Report) -> None:
    text = text_of(report, "markdown")
    open_ = [
        row for row in outside_the_list(report) if row.verdict in (Status.FAIL, Status.UNDETERMINED, Status.WAIVED)
    ]
    titles = [int(number) for number in re.findall(r"Cells that do not pass, \d+ to \d+ of (\d+)", text)]
    assert set(titles) <= {len(open_)}
    if "left out, too long for a comment" in text or not open_:
        return
    listed = Counter(re.findall(r"^\| `([a-z0-9-]+)` \| [^|]+ \| [^|]+ \| ([a-z]+) \|", text, re.MULTILINE))
    assert listed == Counter((row.control, str(row.verdict)) for row in open_)


def test_problems_of_checks_are_the_causes(report: Report) -> None:
    wanted = sum(len(causes(report.rows, status)) for status in (Status.FAIL, Status.UNDETERMINED))
    results = json.loads(text_of(report, "sarif"))["runs"][0]["results"]
    assert len(results) == wanted
    departs = bool(report.departures)  # what the change stops covering has an issue of its own there
    assert len(json.loads(text_of(report, "gitlab"))) == wanted + departs


# -- number by number -----------------------------------------------------------------------------------------------


def numbers(text: str) -> list[int]:
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", text)]


def test_the_denominator_adds_up(report: Report) -> None:
    found = summary.denominator(report)
    tally = {status: report.count(status) for status in Status}
    assert found.cells == sum(tally.values()) == found.of_regions + found.of_things + found.of_accounts
    assert found.cells + found.derived == len(report.rows)
    words = str(found)
    assert numbers(words)[0] == found.cells
    if ": " in words:
        kinds = words.partition(": ")[2].partition("; ")[0]
        assert sum(numbers(kinds)) == found.cells
    assert sum(numbers(summary.counts(report))) == found.cells


def test_the_first_sentence_counts_as_the_last_ones_do(report: Report) -> None:
    asked = sum(report.count(status) for status in (Status.PASS, Status.FAIL, Status.UNDETERMINED))
    head = summary.headline(report)
    for status, verb in ((Status.FAIL, "fails?"), (Status.UNDETERMINED, "cannot be determined")):
        for number in re.findall(rf"([\d,]+)(?: of [\d,]+ cells?)? {verb}", head):
            assert numbers(number) == [report.count(status)], head
    for whole in re.findall(r" of ([\d,]+) cells?", head):
        assert numbers(whole) == [asked], head


def test_every_format_for_people_says_the_same_sentences(report: Report) -> None:
    terminal = " ".join(text_of(report, "terminal", width=200).split())
    page = " ".join(Page(text_of(report, "html")).text.split())
    # The zero-width space keeps a forge from linking an address.
    comment = " ".join(unescape(text_of(report, "markdown")).translate({ord("`"): None, 0x200B: None}).split())
    for said in (summary.headline(report), str(summary.denominator(report)), summary.counts(report)):
        plain = " ".join(said.split())
        assert plain in terminal
        assert plain.replace("`", "") in page
        assert plain.replace("`", "") in comment
    conclusion = summary.conclusion(report)
    assert conclusion in comment or report.exit_code == 0  # where all is well, the comment is one line
    last = text_of(report, "github").splitlines()[-1]
    assert f"guardline: {summary.counts(report)}; coverage {summary.coverage(report)}; {conclusion}; " in last
    assert text_of(report, "terminal", width=200).rstrip().endswith(conclusion)
    assert conclusion[1:] in page


def test_the_figures_of_the_page_are_those_of_json(report: Report) -> None:
    found = json.loads(text_of(report, "json"))["summary"]
    text = text_of(report, "html")
    figures = {name: number for number, name in re.findall(r"<li><b>([\d,]+)</b>([a-z]+)</li>", text)}
    for name in ("pass", "fail", "undetermined"):
        assert numbers(figures[name]) == [found[name]]


def test_the_causes_hold_every_cell_once(report: Report) -> None:
    for status in (Status.FAIL, Status.UNDETERMINED):
        told = [row.id for cause in causes(report.rows, status) for row in (*cause.rows, *cause.dependants)]
        assert len(told) == len(set(told))
        wanted = {row.id for row in report.rows if row.verdict is status}
        under_fails = {row.id for cause in causes(report.rows, Status.FAIL) for row in (*cause.rows, *cause.dependants)}
        assert wanted <= set(told) | under_fails
