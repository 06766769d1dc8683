"""The first lines of twelve situations, sign for sign: what they say must be plain to somebody who reads nothing else.

Rewrite after a wanted change with GUARDLINE_GOLDEN=write; then read them aloud.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from guardline.validator.report import Report
from guardline.validator.reporters import render
from tests.support.plan_mutants import leave, put
from tests.support.record import BASELINE, RESPONSE, WATCHING
from tests.support.situations import CLOSED, SITUATIONS, of_plan

GOLDEN = Path(__file__).parents[2] / "golden" / "situations.txt"
LINES = 5
EXITS = {
    "clean": 0,
    "one detector suspended": 1,
    "region removed": 1,
    "trail narrowed": 1,
    "topic policy broken": 1,
    "no spec, one region": 3,
    "unresolved module": 3,
    "errored plan": 3,
    "targeted plan": 3,
    "waived": 1,
    "three accounts": 1,
    "nothing asked": 0,
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    return {name: make(tmp_path_factory.mktemp("situation")) for name, make in SITUATIONS.items()}


def first_lines(report: Report, name: str, **options: object) -> str:
    text = render(report, name, **options)
    assert isinstance(text, str)
    return "\n".join(text.splitlines()[:LINES])


def test_the_first_five_lines(reports: dict[str, Report]) -> None:
    said = "\n\n".join(
        f"=== {name}\n{first_lines(report, 'terminal', width=100)}\n--- markdown\n{first_lines(report, 'markdown')}"
        for name, report in reports.items()
    )
    if os.environ.get("GUARDLINE_GOLDEN") == "write":
        GOLDEN.write_text(said + "\n", encoding="utf-8")
    assert said + "\n" == GOLDEN.read_text(encoding="utf-8")


def test_each_situation_ends_as_it_should(reports: dict[str, Report]) -> None:
    assert {name: report.exit_code for name, report in reports.items()} == EXITS


def test_one_region_removed_is_one_entry(reports: dict[str, Report]) -> None:
    text = render(reports["region removed"], "terminal", width=100)
    assert isinstance(text, str)
    assert len(re.findall(r"^✗ (?:critical|high|medium|low) ", text, re.MULTILINE)) == 1
    assert "vpc-flow-logs" in text[text.index("because of it") : text.index("fix:")]


def entries(report: Report) -> list[str]:
    """The entries of what fails, as the comment lists them."""
    text = render(report, "markdown")
    assert isinstance(text, str)
    return re.findall(r"^- ✗ .*(?:\n  .*)*", text, re.MULTILINE)


def test_a_closed_topic_is_one_entry_with_one_remedy(tmp_path: Path) -> None:
    """The policy lets nobody in; it bars EventBridge alone; and beside it another thing is wrong."""
    closed = put("aws_sns_topic_policy", "module.alert_topic.", policy=CLOSED)
    other = put("aws_guardduty_detector", "module.eu_west_1.", enable=False)
    for name, folder, mutations, count in (
        ("watching", WATCHING, (closed,), 1),
        ("response", RESPONSE, (closed,), 1),
        ("beside another", WATCHING, (closed, other), 2),
        ("nothing", WATCHING, (), 0),
    ):
        (tmp_path / name).mkdir()
        found = entries(of_plan(folder, *mutations)(tmp_path / name))
        assert len(found) == count, name
        assert all(each.count("Fix: ") == 1 for each in found), name
        if closed in mutations:
            (entry,) = (each for each in found if "finding-alert" in each)
            assert "do sns&#58;Publish in the policy of module.alert&#95;topic.aws&#95;sns&#95;topic.this" in entry


def test_a_topic_without_its_deny_alone_has_the_remedy_of_that(tmp_path: Path) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish"}
    condition = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    policy = {"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*", "Condition": condition}]}
    report = of_plan(RESPONSE, put("aws_sns_topic_policy", "module.alert_topic.", policy=json.dumps(policy)))(tmp_path)
    (entry,) = entries(report)
    assert "plain HTTP" in entry
    assert "a Deny of HTTP" in entry


def test_what_else_goes_wrong_in_a_region_is_an_entry_of_its_own(tmp_path: Path) -> None:
    """The detector goes and the flow log is narrowed; the detector stays and the flow log goes."""
    narrowed = put("aws_flow_log", "module.us_east_1.", traffic_type="REJECT")
    no_log = leave("delete", "aws_flow_log", "module.us_east_1.")
    no_detector = leave("delete", "aws_guardduty_detector", "module.us_east_1.")
    for name, mutations, roots in (
        ("narrowed", (no_detector, narrowed), {"detector-enabled", "vpc-flow-logs", "flow-logs-settings"}),
        ("no log", (no_log,), {"vpc-flow-logs"}),
        ("both go", (no_detector, no_log), {"detector-enabled"}),
    ):
        folder = tmp_path / name
        folder.mkdir()
        rows = of_plan(BASELINE, *mutations)(folder).rows
        stand = {row.control for row in rows if row.regression and row.cause is None}
        assert stand == roots, name


def test_a_loss_of_the_account_is_marked_in_every_format(tmp_path: Path) -> None:
    report = of_plan(BASELINE, leave("delete", "aws_cloudtrail", ""))(tmp_path)
    (trail,) = (row for row in report.rows if row.control == "trail-multi-region")
    assert (trail.regression, trail.region) == (True, None)
    text = {
        name: str(render(report, name))
        for name in ("terminal", "markdown", "html", "json", "sarif", "github", "gitlab")
    }
    assert "✗! trail-multi-region" in text["terminal"]
    assert "✗! `trail-multi-region`" in text["markdown"]
    assert re.search(r"trail-multi-region !</span>\s*<span class=\"hidden\">fail, was covered", text["html"])
    for name in ("markdown", "html", "json", "sarif", "github", "gitlab", "terminal"):
        assert "covered before this change" in " ".join(text[name].split()), name


def test_one_unresolved_module_is_one_entry(reports: dict[str, Report]) -> None:
    text = render(reports["unresolved module"], "markdown")
    assert isinstance(text, str)
    assert len(re.findall(r"^- \? \*\*", text, re.MULTILINE)) == 1


def test_that_source_dir_adds_file_and_line_is_said_once_and_to_plans_alone(reports: dict[str, Report]) -> None:
    for name, report in reports.items():
        for form in ("terminal", "markdown", "html"):
            text = render(report, form)
            assert isinstance(text, str)
            wanted = name in ("one detector suspended", "trail narrowed", "errored plan", "targeted plan")
            assert text.count("--source-dir") <= 1, (name, form)
            assert ("--source-dir" in text) >= wanted, (name, form)
            assert not ("--source-dir" in text and (name == "clean" or report.sources[0].kind == "hcl")), (name, form)
