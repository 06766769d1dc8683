"""A root that is run for several accounts: judged once for each, as folders of their own would be."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path

import pytest

from guardline.generator.baseline import Baseline
from guardline.validator.report import Report
from guardline.validator.run import Request, run
from guardline.validator.sources.hcl.shared_root import Run, runs

NOW = datetime.fromisoformat("2026-11-25T00:00:00+00:00")
SPEC = """\
version: 1
name: acme
home_region: eu-west-1
terraform:
  backend: {s3: {bucket: example-state, key: guardline/acme, region: eu-west-1}}
regions: {not_opted_in: rest, exclude: [{region: rest, reason: r, approved_by: a, until: 2999-12-31}]}
organization:
  id: o-exampleorgid
  management_account: "000011112222"
  admin_account: "111122223333"
  members: [{id: "333344445555", name: payments}, {id: "444455556666", name: website}]
  layout: LAYOUT
dns_logs: {}
"""
SINGLE = ("security", "management", "organization")


def made(folder: Path, layout: str) -> Path:
    (folder / ".git").mkdir(parents=True)  # the modules beside a root are read where both are in one tree
    spec = folder / "guardline.yaml"
    spec.write_text(SPEC.replace("LAYOUT", layout))
    Baseline.of(spec).write()
    return spec


def judged(spec: Path, *roots: str, **options: object) -> Report:
    sources = tuple(str(spec.parent / root) for root in roots)
    return run(Request(sources=sources, as_of=date(2026, 11, 25), spec=spec, cache=False, **options), NOW)  # type: ignore[arg-type]  # fields of Request


def cells(report: Report) -> dict[str, str]:
    assert not report.errors
    return {row.id: row.verdict.value for row in report.rows}


def test_the_cells_are_those_of_a_folder_for_each(tmp_path: Path) -> None:
    apart = judged(made(tmp_path / "apart", "folders"), *SINGLE, "members/payments", "members/website")
    shared = judged(made(tmp_path / "shared", "shared"), *SINGLE, "member")
    assert cells(shared) == cells(apart)
    assert {row.account for row in shared.rows} == {"000011112222", "111122223333", "333344445555", "444455556666"}
    assert [source.path.rpartition("/")[2] for source in shared.sources[3:]] == [
        "member (333344445555)",
        "member (444455556666)",
    ]


def test_a_fault_of_the_code_is_one_of_every_account(tmp_path: Path) -> None:
    spec = made(tmp_path, "shared")
    file = tmp_path / "member" / "flow-logs.tf"
    file.write_text(file.read_text().replace('traffic    = "ALL"', 'traffic    = "REJECT"'))
    rows = judged(spec, *SINGLE, "member").rows
    found = {(row.account, row.verdict.value) for row in rows if row.control == "flow-logs-settings"}
    assert {account for account, verdict in found if verdict == "pass"} & {"333344445555", "444455556666"} == set()


def test_a_value_of_the_command_line_is_one_account(tmp_path: Path) -> None:
    spec = made(tmp_path, "shared")
    report = judged(spec, *SINGLE, "member", variables={"account_id": "333344445555"})
    trail = {row.account: row.reason for row in report.rows if row.control == "vpc-inventory"}
    assert "no source of account 444455556666 was read" in trail["444455556666"]
    assert "no source of account" not in trail["333344445555"]


@pytest.mark.parametrize(
    "text", ['{"Accounts": [{"Id": "333344445555"}]}', "[]", "{", '{"accounts": [{"id": 3}]}', "\udcff"]
)
def test_another_file_of_that_name_is_no_list_of_accounts(tmp_path: Path, text: str) -> None:
    (tmp_path / "accounts.json").write_text(text, errors="surrogateescape")
    assert runs(tmp_path) == ()
    entry = {"id": "333344445555", "name": "a", "key": "k", "variables": {"account_id": "333344445555"}}
    (tmp_path / "accounts.json").write_text(json.dumps({"accounts": [entry]}))
    assert runs(tmp_path) == (Run("333344445555", {"account_id": "333344445555"}, "a"),)


def test_a_link_to_outside_the_tree_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text('{"accounts": [{"id": "3", "variables": {}}]}')
    root = tmp_path / "tree"
    (root / ".git").mkdir(parents=True)
    (root / "accounts.json").symlink_to(tmp_path / "accounts.json")
    assert runs(root) == ()
