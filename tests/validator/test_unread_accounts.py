"""An account that the spec names and that no source shows: nothing is sure, and only the spec can be pointed at."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from guardline.validator.control import Status
from guardline.validator.report import Report
from guardline.validator.reporters import render
from guardline.validator.run import Request, run
from tests.support.source_trees import write

SPEC = """\
version: 1
name: acme
home_region: eu-west-1
regions: {not_opted_in: rest}
organization:
  id: o-exampleorgid
  management_account: "000011112222"
  admin_account: "111122223333"
  members: [{id: "333344445555", name: payments}, {id: "444455556666", name: website}]
trail: {}
security_hub: {}
config: {mode: create}
"""
ROOT = """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["ACCOUNT"]
}
resource "aws_cloudtrail" "t" {
  name                  = "t"
  s3_bucket_name        = "records"
  is_multi_region_trail = true
}
"""


def judged(folder: Path, *accounts: str) -> Report:
    roots = [write(folder / account, {"main.tf": ROOT.replace("ACCOUNT", account)}) for account in accounts]
    (folder / "guardline.yaml").write_text(SPEC)
    spec = folder / "guardline.yaml"
    request = Request(tuple(map(str, roots)), date(2026, 11, 25), spec=spec, tree=folder, cache=False)
    return run(request, datetime(2026, 11, 25, tzinfo=UTC))


def test_what_is_missing_there_points_at_the_spec_and_at_no_other_accounts_source(tmp_path: Path) -> None:
    report = judged(tmp_path, "333344445555")
    unread = [row for row in report.rows if row.account == "444455556666" and row.verdict is Status.UNDETERMINED]
    recorders = [row for row in unread if row.control == "config-recorder"]
    assert recorders
    for row in recorders:
        assert row.reason.endswith(", but no source of account 444455556666 was read")
        assert [Path(origin.file or "").name for origin in row.evidence] == ["guardline.yaml"]
    seen = [row for row in report.rows if row.account == "333344445555" and row.control == "config-recorder"]
    assert {row.verdict for row in seen} == {Status.FAIL}
    assert not any("no source" in row.reason for row in seen)


def test_an_entry_names_its_accounts(tmp_path: Path) -> None:
    report = judged(tmp_path, "333344445555")
    for name in ("terminal", "markdown"):
        text = str(render(report, name, **({"width": 500} if name == "terminal" else {})))
        assert "no source of account" in text
        assert ", in accounts 000011112222, 111122223333, 444455556666" in text
        assert ", in account 333344445555" in text
    whole = str(render(judged(tmp_path, "333344445555", "444455556666", "000011112222", "111122223333"), "terminal"))
    assert "in all 4 accounts" in " ".join(whole.split())
