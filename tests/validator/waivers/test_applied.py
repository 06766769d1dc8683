"""Waivers on a whole run: from a file, from comments, and with a base branch."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from guardline.validator import stored
from guardline.validator.control import Status
from guardline.validator.output import UsageError
from guardline.validator.report import Report
from guardline.validator.reporters import render
from guardline.validator.run import Request, run
from tests.support.judging import NOW

SPEC = """\
version: 1
name: waivers
home_region: us-east-1
account: {id: "111122223333"}
regions:
  not_opted_in: rest
  exclude: [{region: rest, reason: one region, approved_by: Ann, until: 2027-03-31}]
"""
ROOT = """\
provider "aws" {
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}
%s
resource "aws_guardduty_detector" "d" {
  enable                       = false
  finding_publishing_frequency = "FIFTEEN_MINUTES"
}
"""
COMMENT = "# guardline:ignore detector-enabled owner=web approver=security until=2027-01-31 moves away"
ONE = """\
version: 1
waivers:
  - control: %s
    scope: {account: "1111*", region: "%s"}
    reason: moves away
    owner: web
    approver: security
    created: 2026-11-01
    expires: %s
"""
GOOD = ONE % ("detector-enabled", "us-*", "2027-01-31")
WAIVED, FAIL = Status.WAIVED, Status.FAIL


def judge(tmp_path: Path, waivers: str | None = None, comment: str = "", **options: Any) -> Report:
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "main.tf").write_text(ROOT % comment)
    (tmp_path / "guardline.yaml").write_text(SPEC)
    if waivers is not None:
        (tmp_path / "waivers.yaml").write_text(waivers)
    given = {"controls": frozenset({"detector-enabled"}), "cache": False, **options}
    return run(Request((str(tmp_path),), date(2026, 11, 25), spec=tmp_path / "guardline.yaml", **given), NOW)


def here(report: Report) -> Status:
    return next(row.verdict for row in report.rows if row.region == "us-east-1")


@pytest.mark.parametrize(
    ("waivers", "verdict", "states"),
    [
        (None, FAIL, []),
        (GOOD, WAIVED, []),
        (ONE % ("detector-enabled", "eu-*", "2027-01-31"), FAIL, ["unmatched"]),
        (ONE % ("detector-enabled", "us-*", "2026-11-24"), FAIL, ["expired"]),
        (ONE % ("detector-enabled", "us-*", "2026-11-25"), WAIVED, ["expiring"]),
        (ONE % ("detector-enabled", "us-*", "2026-12-25"), WAIVED, ["expiring"]),
        (ONE % ("detector-enabled", "us-*", "2026-12-26"), WAIVED, []),
        (ONE % ("no-such-control", "us-*", "2027-01-31"), FAIL, ["malformed"]),
        (ONE % ("s3-protection", "us-*", "2027-01-31"), FAIL, []),  # not chosen, so nothing is known of it
        (GOOD.replace('"1111*"', '"2222*"'), FAIL, ["unmatched"]),
    ],
)
def test_a_file_beside_the_spec(tmp_path: Path, waivers: str | None, verdict: Status, states: list[str]) -> None:
    report = judge(tmp_path, waivers)
    assert (here(report), [note.state for note in report.waiver_notes]) == (verdict, states)
    assert report.exit_code == (0 if verdict is WAIVED else 1)
    assert report.coverage == 0


@pytest.mark.parametrize(("left_out", "states"), [((), ["unmatched"]), (("roots/other",), [])])
def test_a_root_that_is_left_out_may_hold_what_a_waiver_covers(
    tmp_path: Path, left_out: tuple[str, ...], states: list[str]
) -> None:
    waivers = ONE % ("detector-enabled", "eu-*", "2027-01-31")
    assert [note.state for note in judge(tmp_path, waivers, left_out=left_out).waiver_notes] == states


def test_what_is_waived_is_shown_with_who_said_so(tmp_path: Path) -> None:
    report = judge(tmp_path, GOOD)
    (row,) = (row for row in report.rows if row.region == "us-east-1")
    assert (row.underlying, row.waiver and row.waiver.owner) == (FAIL, "web")
    assert row.reason.endswith("; waived: moves away")
    said = " ".join(str(render(report, "terminal")).split())
    assert "moves away; asked for by web, approved by security, until 2027-01-31; 1 cell waived" in said
    (tmp_path / "result.json").write_text(str(render(report, "json")))
    again = stored.read(tmp_path / "result.json")
    for name in ("terminal", "json", "markdown", "html", "github"):
        assert render(again, name) == render(report, name)


def test_a_waiver_that_waives_nothing_is_named_in_every_format_for_people(tmp_path: Path) -> None:
    report = judge(tmp_path, ONE % ("detector-enabled", "us-*", "2026-11-24"))
    for name in ("terminal", "markdown", "html", "github"):
        assert "expired on 2026-11-24" in str(render(report, name)), name


@pytest.mark.parametrize(("comment", "verdict"), [(COMMENT, WAIVED), ("", FAIL)])
def test_a_comment_beside_the_resource(tmp_path: Path, comment: str, verdict: Status) -> None:
    assert here(judge(tmp_path, comment=comment)) is verdict


def test_a_comment_beside_another_resource_waives_nothing(tmp_path: Path) -> None:
    report = judge(tmp_path, comment=f'{COMMENT}\nresource "aws_vpc" "v" {{\n  cidr_block = "10.0.0.0/8"\n}}\n')
    assert (here(report), [note.state for note in report.waiver_notes]) == (FAIL, ["unmatched"])


def test_another_file_is_named(tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(GOOD)
    assert here(judge(tmp_path)) is FAIL
    report = run(
        Request(
            (str(tmp_path),), date(2026, 11, 25), spec=tmp_path / "guardline.yaml", waivers=other,
            controls=frozenset({"detector-enabled"}), cache=False,
        ),
        NOW,
    )  # fmt: skip
    assert here(report) is WAIVED
    with pytest.raises(UsageError, match="there is no such file"):
        run(Request((str(tmp_path),), date(2026, 11, 25), waivers=tmp_path / "none.yaml"), NOW)


def git(tree: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=tree, capture_output=True, check=True)


@pytest.mark.parametrize(("waivers", "comment"), [(GOOD, ""), (None, COMMENT)])
def test_a_change_cannot_waive_itself(tmp_path: Path, waivers: str | None, comment: str) -> None:
    tree = tmp_path / "tree"
    judge(tree)
    git(tree, "init", "--quiet", "--initial-branch=main")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message=without")
    alone = judge(tree, waivers, comment, base="main")
    assert (here(alone), [note.state for note in alone.waiver_notes]) == (FAIL, ["proposed"])
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message=with")
    approved = judge(tree, waivers, comment, base="main")
    assert (here(approved), approved.waiver_notes) == (WAIVED, ())


def test_a_comment_that_moves_to_another_block_is_new(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    judge(tree, comment=f'{COMMENT}\nresource "aws_vpc" "v" {{\n  cidr_block = "10.0.0.0/8"\n}}\n')
    git(tree, "init", "--quiet", "--initial-branch=main")
    git(tree, "add", ".")
    git(tree, "commit", "--quiet", "--message=elsewhere")
    moved = judge(tree, comment=COMMENT, base="main")
    assert (here(moved), [note.state for note in moved.waiver_notes]) == (FAIL, ["proposed"])
