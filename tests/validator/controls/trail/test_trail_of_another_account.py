"""A trail whose bucket and key another account keeps: what judges them follows names over roots."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from guardline.generator.baseline import Baseline
from guardline.validator.control import Status
from guardline.validator.run import Request, run

OWNER, ARCHIVE = "000011112222", "222233334444"
SPEC = f"""\
version: 1
name: acme
home_region: eu-west-1
regions: {{not_opted_in: rest, exclude: [{{region: rest, reason: x, approved_by: y, until: 2099-12-31}}]}}
organization:
  id: o-exampleorgid
  management_account: "{OWNER}"
  admin_account: "111122223333"
  log_archive_account: "{ARCHIVE}"
flow_logs: {{mode: "off", reason: x}}
trail: {{bucket_in: log-archive, retention_days: 400}}
"""
KEPT, PROTECTED = "trail-kept", "trail-bucket-protected"
ROOTS = ("trail-bucket", "management")


def long(*case: str) -> ParameterSet:
    return pytest.param(*case, marks=pytest.mark.long)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    spec = tmp_path / "guardline.yaml"
    spec.write_text(SPEC)
    Baseline.of(spec).write()
    return tmp_path


def verdicts(folder: Path, *roots: str) -> dict[str, Status]:
    """Control -> its verdict for the account that owns the trail."""
    now = datetime.now(UTC)
    sources = tuple(str(folder / root) for root in roots or ROOTS)
    report = run(
        Request(sources=sources, as_of=now.date(), spec=folder / "guardline.yaml", tree=folder, cache=False), now
    )
    assert report.errors == ()
    asked = ("trail-bucket-protected", "trail-encrypted", "trail-kept", "trail-multi-region")
    return {row.control: row.verdict for row in report.rows if row.account == OWNER and row.control in asked}


def change(folder: Path, file: str, found: str, put: str) -> None:
    text = (folder / file).read_text()
    assert re.search(found, text) is not None
    (folder / file).write_text(re.sub(found, put, text, count=1))


def test_it_is_judged_where_it_is(folder: Path) -> None:
    assert set(verdicts(folder).values()) == {Status.PASS}


def test_without_the_other_root_nobody_knows_how_it_is_kept(folder: Path) -> None:
    found = verdicts(folder, *ROOTS[1:])
    assert found.pop("trail-encrypted") is found.pop("trail-multi-region") is Status.PASS
    assert set(found.values()) == {Status.UNDETERMINED}


@pytest.mark.parametrize(
    ("file", "found", "put", "control", "verdict"),
    [
        ("modules/trail-bucket/main.tf", "enable_key_rotation += true", "enable_key_rotation = false", KEPT, "fail"),
        ("trail-bucket/trail-bucket.tf", "retention_days += 400", "retention_days = 500", KEPT, "pass"),
        long("trail-bucket/trail-bucket.tf", "retention_days += 400", "retention_days = 30", KEPT, "fail"),
        long("modules/bucket/main.tf", "block_public_policy += true", "block_public_policy = false", PROTECTED, "fail"),
        # The trail of a delegated administrator would be the management account's.
        long("trail-bucket/trail-bucket.tf", OWNER, "999999999999", PROTECTED, "undetermined"),
        # Nothing here declares the bucket.
        long("management/trail.tf", ARCHIVE, "333344445555", KEPT, "undetermined"),
    ],
    ids=["a key that never changes", "kept longer", "a month", "public", "another account's trail", "another bucket"],
)
def test_what_is_wrong_there_is_the_trails_fault(
    folder: Path, file: str, found: str, put: str, control: str, verdict: str
) -> None:
    change(folder, file, found, put)
    assert verdicts(folder)[control].value == verdict


def test_a_bucket_beside_the_trail_is_not_what_the_spec_says(folder: Path) -> None:
    """The same source under a spec that wants the bucket in the other account."""
    spec = folder / "guardline.yaml"
    spec.write_text(SPEC.replace("bucket_in: log-archive", "bucket_in: management"))
    assert verdicts(folder)["trail-kept"] is Status.FAIL
