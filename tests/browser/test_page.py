"""The HTML report in headless Chromium: `observe.mjs` looks, and says what it saw; here it is judged.

`make browser` installs what it needs. Without that these tests fail: a page that nobody looked at is not a good one.
Set GUARDLINE_PICTURES to a folder to keep the pictures, and look at them.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from guardline.spec.practice import RECOMMENDATIONS
from guardline.validator.control import Status
from guardline.validator.report import Report, Row
from guardline.validator.reporters import summary
from guardline.validator.reporters.causes import causes
from guardline.validator.reporters.html import render
from guardline.validator.reporters.left_out import outside_the_list
from tests.support.many_accounts import organization
from tests.support.realistic_report import sample

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
REPORTS: dict[str, Callable[[], Report]] = {"sample": sample, "fifty-accounts": lambda: organization(50)}


@pytest.fixture(scope="module", params=REPORTS)
def looked_at(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Report, dict[str, Any]]:
    """A report, and what was seen of its page."""
    assert (HERE / "node_modules").is_dir(), "the browser is not installed: run `make browser`"
    report = REPORTS[request.param]()
    page = tmp_path_factory.mktemp("page") / "report.html"
    page.write_text(render(report), encoding="utf-8")
    command = ["node", str(HERE / "observe.mjs"), str(page)]
    if folder := os.environ.get("GUARDLINE_PICTURES"):
        pictures = Path(folder) / request.param
        pictures.mkdir(parents=True, exist_ok=True)
        command.append(str(pictures))
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stderr
    return report, json.loads(done.stdout)


def entries(report: Report) -> int:
    shown = (Status.FAIL, Status.UNDETERMINED, Status.WAIVED)
    return sum(len(causes(outside_the_list(report), status)) for status in shown)


def said_of(row: Row) -> str:
    return f"{row.control} {row.title} {row.reason} {RECOMMENDATIONS[row.practice]}"


def test_it_says_nothing_to_the_console_and_requests_nothing(looked_at: tuple[Report, dict[str, Any]]) -> None:
    _, seen = looked_at
    assert seen["errors"] == []
    assert len(set(seen["requests"])) == 1  # the page itself
    assert seen["requests"][0].startswith("file:")


def test_it_does_not_pan_sideways(looked_at: tuple[Report, dict[str, Any]]) -> None:
    _, seen = looked_at
    assert seen["widths"] == {"390": 390, "1280": 1280, "1920": 1920}


def test_the_first_cause_is_above_the_fold(looked_at: tuple[Report, dict[str, Any]]) -> None:
    _, seen = looked_at
    assert 0 < seen["first_cause"] <= 800


def test_axe_finds_no_serious_fault(looked_at: tuple[Report, dict[str, Any]]) -> None:
    _, seen = looked_at
    assert (seen["axe_light"], seen["axe_open"], seen["axe_dark"]) == ([], [], [])


def test_the_filter_counts_as_the_report_does(looked_at: tuple[Report, dict[str, Any]]) -> None:
    report, seen = looked_at
    every, all_entries, filtered = len(report.rows), entries(report), seen["filter"]
    derived = summary.denominator(report).derived
    end = f" of {every} cells" + (f" ({derived} of them derived)." if derived else ".")
    for idle in (filtered["idle"], filtered["reset"]):
        assert (idle["said"], idle["cells"], idle["causes"]) == ("", every, all_entries)
    there = [row for row in report.rows if row.region == "eu-west-3" and "s3" in said_of(row).lower()]
    assert filtered["words"]["cells"] == len(there) > 0
    assert filtered["words"]["rows_in_sight"] > 0
    assert filtered["words"]["said"].endswith(f" {len(there)}{end}")
    assert (filtered["nothing"]["cells"], filtered["nothing"]["causes"]) == (0, 0)
    assert filtered["nothing"]["said"].endswith(f" 0{end}")
    open_ = [row for row in report.rows if row.verdict is not Status.PASS]
    assert filtered["no_pass"]["cells"] == len(open_)
    assert filtered["no_pass"]["verdicts"] == sorted({str(row.verdict) for row in open_})
    assert filtered["no_pass"]["rows_in_sight"] > 0


def test_a_square_leads_to_its_evidence(looked_at: tuple[Report, dict[str, Any]]) -> None:
    _, seen = looked_at
    assert (seen["drill"]["before"], seen["drill"]["after"], seen["drill"]["through_filter"]) == (0, 1, 1)
    assert 0 <= seen["drill"]["top"] < 800


def test_the_keyboard_reaches_everything(looked_at: tuple[Report, dict[str, Any]]) -> None:
    _, seen = looked_at
    keyboard = seen["keyboard"]
    assert (keyboard["first"], keyboard["skipped_to"]) == ("#main", "main")
    assert {"words", "verdict", "open-all", "#cells"} <= set(keyboard["reached"])
    assert keyboard["arrows"] == [[2, 1], [2, 2], [3, 2], [3, 1], [2, 1]]
    assert keyboard["evidence"].startswith("r-")
    assert keyboard["opened"] is True


def test_paper_has_every_cell(looked_at: tuple[Report, dict[str, Any]]) -> None:
    _, seen = looked_at
    for printed in seen["print"].values():
        assert printed["laid"] == printed["rows"] > 0
        assert printed["form"] == 0
        assert printed["pages"] > 1


def test_everything_is_there_with_scripts_off(looked_at: tuple[Report, dict[str, Any]]) -> None:
    report, seen = looked_at
    off = seen["scripts_off"]
    assert (off["form"], off["hidden"]) == (0, 0)
    assert off["causes"] == [entries(report)] * 2
    assert off["sections"] == len({row.control for row in report.rows})
    assert off["unfolds"] > 0
    assert off["target"] == 1


def test_the_page_opens_quickly(looked_at: tuple[Report, dict[str, Any]]) -> None:
    """Far from what was measured (1 s, 150 MB with fifty accounts), so that only another order of size fails."""
    _, seen = looked_at
    assert seen["seconds"] < 20
    assert seen["renderer_mb"] < 500
